"""the first tables, their indexes and views."""

from typing import Any

from alembic.operations import Operations
from sqlalchemy import UniqueConstraint, text

from migrations.columns import (
    BIG,
    DAY,
    INSTANT,
    NUMBER,
    SEQUENCE,
    TEXT,
    YES_OR_NO,
    always,
    graphql_int,
    key,
    maybe,
    one_of,
    table,
)
from migrations.provenance import (
    kept,
    linkable,
    of_consent,
    of_contract,
    of_service,
    rows,
    screened,
)

revision = "0001"
down_revision = None

AGE_BANDS = ("UNDER_20", "TWENTIES", "THIRTIES", "FORTIES", "FIFTIES", "SIXTIES", "FROM_70")
GENDERS = ("FEMALE", "MALE", "OTHER")
FOREVER = 253_402_300_799_999_999


def upgrade(op: Operations) -> None:
    """Make the members' tables, in the order of docs/architecture.md: data, events, the rest."""
    for make in (
        *(_account, _shopping, _traces, _papers, _insurance, _free_text),
        *(_events, _standings, _projections, _bookkeeping, _partial_indexes, _views),
    ):
        make(op)


def _account(op: Operations) -> None:
    table(
        op,
        "account",
        key(TEXT, "member_key"),
        maybe(TEXT, "login_name", "login_email"),
        maybe(INSTANT, "last_login_at"),
        maybe(YES_OR_NO, "mfa_enabled"),
        maybe(TEXT, "full_name", "full_name_kana"),
        maybe(DAY, "birth_date"),
        one_of("age_band", *AGE_BANDS),
        one_of("gender", *GENDERS),
        maybe(TEXT, "postal_code", "prefecture", "city", "address_line", "phone", "mobile_phone"),
        maybe(TEXT, "occupation", "employer"),
        graphql_int("point_balance"),
        maybe(TEXT, "interest_segments"),
        one_of("ekyc_status", "UNVERIFIED", "PENDING", "VERIFIED", "REJECTED", "EXPIRED"),
    )
    for searched in (
        *("login_name", "login_email", "last_login_at", "mfa_enabled", "full_name"),
        *("full_name_kana", "birth_date", "age_band", "gender", "postal_code", "prefecture"),
        *("city", "address_line", "phone", "mobile_phone", "occupation", "employer"),
        *("point_balance", "ekyc_status"),
    ):
        op.create_index(f"ix_account_{searched}", "account", [searched, "member_key"])


def _shopping(op: Operations) -> None:
    rows(
        op,
        "orders",
        kept(),
        maybe(TEXT, "service", "merchant", "items"),
        graphql_int("amount"),
        maybe(INSTANT, "at"),
        maybe(TEXT, "status", "relay_email", "recipient_name", "shipping_address", "phone"),
    )
    op.create_index("ix_orders_merchant", "orders", ["merchant", "member_key"])
    booked = maybe(TEXT, "plan"), maybe(INSTANT, "starts_at"), maybe(TEXT, "status")
    rows(op, "reservation", of_service(), *booked)
    coupon = maybe(TEXT, "name"), maybe(INSTANT, "expires_at", "used_at")
    rows(op, "coupon", of_service(), *coupon)
    for name in ("cashback", "point_entry"):
        earned = graphql_int("amount"), maybe(INSTANT, "at"), maybe(TEXT, "reason")
        rows(op, name, of_service(), *earned)
    sent = maybe(TEXT, "name", "postal_code", "address", "phone")
    rows(op, "shipping_address", of_service(), sent)


def _traces(op: Operations) -> None:
    logins = maybe(INSTANT, "at"), maybe(TEXT, "company"), maybe(YES_OR_NO, "ok")
    rows(op, "login_event", of_service(), *logins)
    rows(
        op,
        "device",
        linkable(),
        maybe(TEXT, "device_id", "advertising_id", "cookie_uid", "os", "connection"),
        maybe(TEXT, "user_agent", "ip_address", "geolocation", "referrer"),
        maybe(TEXT, "viewed_urls", "search_terms"),
        one_of("inferred_age_band", *AGE_BANDS),
        one_of("inferred_gender", *GENDERS),
    )
    met = maybe(TEXT, "ad"), maybe(INSTANT, "at"), maybe(TEXT, "trigger", "technology")
    rows(op, "ad_contact", linkable(), *met)
    rows(op, "contact_preference", maybe(TEXT, "company", "means"))


def _papers(op: Operations) -> None:
    record = maybe(TEXT, "name", "address", "phone", "occupation")
    rows(op, "customer_record", of_contract(), record)
    method = maybe(TEXT, "card_brand", "card_last4", "card_expiry", "bank_account_masked")
    rows(op, "payment_method", of_contract(), method)
    paid = graphql_int("amount"), maybe(INSTANT, "at"), maybe(TEXT, "method")
    rows(op, "payment", of_contract(), *paid)
    rows(
        op,
        "identity_document",
        of_contract(),
        maybe(TEXT, "type", "number"),
        maybe(INSTANT, "verified_at"),
        maybe(TEXT, "full_name"),
        maybe(DAY, "birth_date"),
        maybe(TEXT, "address"),
    )
    credit = maybe(TEXT, "bureau"), maybe(DAY, "as_of"), maybe(TEXT, "grade")
    rows(op, "credit_check", of_service(), *credit)
    rows(op, "fraud_signal", of_service(), maybe(TEXT, "kind", "informant"), maybe(DAY, "as_of"))
    rows(op, "third_party_receipt", of_service(), maybe(TEXT, "third_party", "basis"))


def _insurance(op: Operations) -> None:
    policy = maybe(TEXT, "no", "product", "role", "status"), maybe(INSTANT, "lapse_at")
    rows(op, "insurance_policy", of_contract(), *policy)
    rows(op, "premium", of_contract(), graphql_int("amount"), maybe(INSTANT, "due_at", "paid_at"))
    rows(op, "beneficiary", of_contract(), maybe(TEXT, "relationship"), graphql_int("share"))
    rows(
        op,
        "claim",
        of_consent(),
        maybe(TEXT, "no", "kind"),
        graphql_int("amount"),
        maybe(TEXT, "status", "diagnosis"),
    )
    rows(op, "health_record", of_consent(), maybe(TEXT, "kind", "value"))


def _free_text(op: Operations) -> None:
    rows(op, "inquiry", screened(of_contract()), maybe(TEXT, "body"), maybe(INSTANT, "at"))
    review = graphql_int("rating"), maybe(TEXT, "body"), maybe(INSTANT, "at")
    rows(op, "review", screened(of_service()), *review)
    answer = maybe(TEXT, "question", "answer"), maybe(INSTANT, "at")
    rows(op, "survey_answer", screened(of_service()), *answer)


def _events(op: Operations) -> None:
    table(
        op,
        "event",
        key(SEQUENCE, "seq"),
        always(TEXT, "member_key"),
        always(NUMBER, "member_seq"),
        always(TEXT, "kind"),
        always(INSTANT, "at", "recorded_at"),
        always(TEXT, "body", "prev_hash", "hash", "identifiers"),
        [UniqueConstraint("member_key", "member_seq")],
        sqlite_autoincrement=True,
    )
    table(
        op,
        "outbox",
        key(SEQUENCE, "seq"),
        always(BIG, "xid", "event_seq"),
        always(TEXT, "member_key", "kind", "item", "company"),
        always(INSTANT, "at", "recorded_at"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_position", "outbox", ["xid", "seq"])
    op.create_index("ix_outbox_member", "outbox", ["member_key", "xid", "seq"])


def _standings(op: Operations) -> None:
    table(
        op,
        "standing",
        key(TEXT, "member_key"),
        always(BIG, "bits"),
        always(INSTANT, "closed_at"),
        always(YES_OR_NO, "ads_opt_out"),
        always(BIG, "last_seq"),
    )
    table(
        op,
        "item_standing",
        key(TEXT, "member_key", "item"),
        always(TEXT, "version"),
        always(NUMBER, "level"),
        always(INSTANT, "consented_at", "valid_until"),
    )
    table(op, "opening", key(TEXT, "member_key"), key(NUMBER, "provision"))
    op.create_index("ix_opening_provision", "opening", ["provision", "member_key"])


def _projections(op: Operations) -> None:
    table(
        op,
        "link",
        key(TEXT, "member_key", "company"),
        always(TEXT, "account_id"),
        always(INSTANT, "linked_at", "used_at", "unlinked_at"),
    )
    table(op, "notified", key(TEXT, "member_key", "purpose"), always(INSTANT, "at"))
    wish = always(YES_OR_NO, "wanted"), always(INSTANT, "at")
    table(op, "mail", key(TEXT, "member_key", "sender"), *wish)
    table(op, "stop", key(TEXT, "member_key", "company", "category"))
    table(op, "overseas", key(TEXT, "member_key", "country"))
    table(op, "incident", key(TEXT, "member_key", "company"))
    table(op, "contract", key(TEXT, "member_key", "company", "no"), always(INSTANT, "lapse_at"))
    leads = {"link": "company", "mail": "sender", "overseas": "country", "incident": "company"}
    for name, lead in leads.items():
        op.create_index(f"ix_{name}_{lead}", name, [lead, "member_key"])


def _bookkeeping(op: Operations) -> None:
    table(
        op,
        "catalogue_version",
        key(TEXT, "version"),
        always(TEXT, "content", "numbers"),
        always(YES_OR_NO, "active"),
        always(INSTANT, "stored_at"),
    )
    table(
        op,
        "catalogue_apply",
        key(TEXT, "version"),
        always(YES_OR_NO, "target"),
        always(TEXT, "after"),
        always(BIG, "since", "changed_since"),
    )
    table(op, "write_mark", key(NUMBER, "lane"), always(TEXT, "timeline"), always(BIG, "writes"))
    table(op, "population", key(BIG, "seed"), always(BIG, "members"))
    table(op, "erasure", key(INSTANT, "at"), key(TEXT, "what"), always(BIG, "erased"))
    request = key(TEXT, "subject", "company", "mutation", "key")
    table(op, "idempotency", request, always(TEXT, "digest"), always(INSTANT, "at"))
    op.create_index("ix_idempotency_at", "idempotency", ["at"])


def _partial_indexes(op: Operations) -> None:
    """Indexes of some rows alone."""
    for name, of, columns, some in (
        ("ix_standing_closed_at", "standing", "closed_at member_key", f"closed_at < {FOREVER}"),
        ("ux_link_company_account", "link", "company account_id", "account_id <> ''"),
        ("ux_catalogue_version_active", "catalogue_version", "active", "active"),
        ("ux_catalogue_apply_target", "catalogue_apply", "target", "target"),
    ):
        where: Any = {"sqlite_where": text(some), "postgresql_where": text(some)}
        op.create_index(name, of, columns.split(), unique=name.startswith("ux"), **where)


def _views(op: Operations) -> None:
    op.execute(LINKS)
    op.execute(WISHES)


LINKS = f"""\
CREATE VIEW account_link AS
SELECT link.member_key || '/' || link.company AS row_key, link.member_key AS member_key,
  'rakuten_group' AS acquired_by, 'ACCOUNT' AS source, 'SETTINGS' AS channel,
  link.linked_at AS acquired_at, link.company, nullif(link.account_id, '') AS account_id,
  link.linked_at
FROM link
WHERE link.linked_at < {FOREVER}
"""  # noqa: S608 (all of it stands here)
WISHES = """\
CREATE VIEW mail_preference AS
SELECT mail.member_key || '/' || mail.sender AS row_key, mail.member_key AS member_key,
  'rakuten_group' AS acquired_by, 'ACCOUNT' AS source, 'SETTINGS' AS channel,
  mail.at AS acquired_at, mail.sender, mail.wanted
FROM mail
"""
