"""What a provision covers, told without a member, is what the rule makes of it for each of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from policy.coverage import Coverage, Offer, coverage, processors_of
from policy.decide import decide
from policy.naming import purposes_naming
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import Group
from tests.demo import Demo, demo
from tests.real import CATALOGUE
from tests.worked_examples import Ask, Given

AT = datetime(2026, 6, 15, tzinfo=UTC)
ASK = Ask(
    company=None,
    on_behalf_of=None,
    role="service",
    purposes=(),
    member=None,
    by_member=False,
    field=None,
    row={},
    count={},
    at=None,
)
IN_FORCE = {
    (document.key, version.key)
    for document in CATALOGUE.documents.values()
    if (version := document.version_at(AT))
}


def covered(document: str, provision: str) -> Coverage:
    version = CATALOGUE.documents[document].version_at(AT)
    assert version is not None
    return coverage(CATALOGUE, document, version.key, provision, AT)


def purposes(of: Coverage, recipient: str) -> tuple[str, ...]:
    found = [offer.purposes for offer in of.offers if recipient in offer.recipients]
    return found[0] if found else ()


def disclosed(world: Demo) -> Iterator[tuple[str, Question, str]]:
    """Of many questions about real values those that a provision opens, and which one does."""
    for number, company in enumerate(CATALOGUE.companies):
        for purpose in purposes_naming(CATALOGUE, company, None, AT):
            for field in list(CATALOGUE.fields)[number % 7 :: 7]:
                ask = replace(ASK, company=company, purposes=(purpose,), field=field)
                for member in ("m1", "m3"):
                    yield from _opened(world, replace(ask, member=member))


def _opened(world: Demo, ask: Ask) -> Iterator[tuple[str, Question, str]]:
    for asked in world.asked(ask, AT):
        facts = fold(asked.events, AT, CATALOGUE)
        decision = decide(CATALOGUE, asked.question, facts, asked.value)
        if decision.disclose:
            yield decision.reasons[0].provision or "", asked.question, asked.value.acquired_by


def test_what_the_rule_discloses_the_provision_covers() -> None:
    seen = set[str]()
    for key, question, acquirer in disclosed(demo(Given())):
        rows = [row for row in CATALOGUE.provisions if row.key == key]
        held = [
            covered(row.document, key) for row in rows if (row.document, row.version) in IN_FORCE
        ]
        assert any(
            acquirer in each.providers
            and question.field in each.fields
            and question.purpose in purposes(each, question.company or "")
            for each in held
        ), (key, question)
        seen.add(key)
    assert len(seen) >= 8, seen


def test_own_use_is_by_whoever_acquired_it() -> None:
    for row in CATALOGUE.provisions:
        if row.recipients.group is Group.ITSELF and (row.document, row.version) in IN_FORCE:
            found = covered(row.document, row.key)
            receiving = {key for offer in found.offers for key in offer.recipients}
            assert receiving == set(found.providers), row.key


def test_a_company_only_planned_receives_nothing() -> None:
    for row in CATALOGUE.provisions:
        if row.active and (row.document, row.version) in IN_FORCE:
            assert purposes(covered(row.document, row.key), "new_service") == ()


def test_the_holding_has_its_purpose_and_nobody_else_has_it() -> None:
    found = covered("DOC_B", "B-1")
    assert purposes(found, "ins_holding") == ("ins_group_management",)
    assert "ins_group_management" not in purposes(found, "life")
    assert "ssi" not in {key for offer in found.offers for key in offer.recipients}


def test_own_purposes_are_each_recipient_s_own() -> None:
    found = covered("DOC_A", "A-4-1-2")
    assert purposes(found, "bank") == ("own:bank:service",)
    assert purposes(found, "card") == (
        "own:card:service",
        "own:card:marketing",
        "own:card:analysis",
    )
    before = coverage(
        CATALOGUE, "DOC_A", "2022-03-31", "A-4-1-2", datetime(2026, 5, 31, tzinfo=UTC)
    )
    assert purposes(before, "card") == ("own:card:service", "own:card:marketing")


def test_what_takes_the_group_s_id_goes_where_the_id_is_live() -> None:
    linked = {key for offer in covered("DOC_A", "A-LINK").offers for key in offer.recipients}
    assert "card" in linked
    assert not linked & {"shop_tea", "ad_network", "courier", "new_service"}


def test_fields_are_those_that_a_provider_can_have_acquired() -> None:
    assert "fullName" in covered("DOC_A", "A-USE").fields
    assert "fullName" not in covered("DOC_B", "B-USE").fields, "rakuten_group's alone"
    assert "customerRecords.name" in covered("DOC_B", "B-USE").fields
    assert covered("DOC_B", "B-SENS-1").fields == ("healthRecords.kind", "healthRecords.value")
    assert "paymentMethods.bankAccountMasked" in covered("DOC_B", "B-1").fields
    assert "payments.amount" not in covered("DOC_B", "B-1").fields


def test_processors_are_those_with_a_contract_for_some_of_it() -> None:
    offer = Offer(("ichiba",), ("order_fulfil",))
    assert processors_of(CATALOGUE, offer, ["orders.phone"], AT) == ["courier"]
    assert processors_of(CATALOGUE, offer, ["orders.amount"], AT) == []
    assert (
        processors_of(CATALOGUE, Offer(("travel",), ("order_fulfil",)), ["orders.phone"], AT) == []
    )
    assert processors_of(CATALOGUE, Offer(("ichiba",), ("id_login",)), ["orders.phone"], AT) == []
    before = datetime(2021, 12, 31, tzinfo=UTC)
    assert processors_of(CATALOGUE, offer, ["orders.phone"], before) == []
