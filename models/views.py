"""Relations that show what the event log already knows: views of its projections, no second truth.

The rule reads the projections, and the redacted relation reads these.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    MetaData,
    Select,
    Table,
    func,
    literal,
    select,
)

from models import rule_tables
from models.columns import personal
from models.provenance import KEEPER, OF_SETTINGS, Provenance
from models.types import TEXT, Instant
from policy.vocabulary import FOREVER, RowFact

Text = ColumnElement[str]
Labelled = ColumnElement[Any]

VIEWS = MetaData()


class AccountLink(Provenance, table=True):
    """The account linked at a company; `company` is also whose row the rule says it is."""

    __tablename__ = "account_link"
    __table_args__: ClassVar = {"info": {"relation": "linkedCompanies", "keeper": KEEPER}}
    metadata = VIEWS

    company: str | None = personal("linkedCompanies.company", TEXT, fact=RowFact.ROW_COMPANY)
    account_id: str | None = personal("linkedCompanies.accountId", TEXT)
    linked_at: datetime | None = personal("linkedCompanies.linkedAt", Instant)


class MailPreference(Provenance, table=True):
    """A wish about a sender's mail; `sender` is also whose row the rule says it is."""

    __tablename__ = "mail_preference"
    __table_args__: ClassVar = {"info": {"relation": "mailPreferences", "keeper": KEEPER}}
    metadata = VIEWS

    sender: str | None = personal("mailPreferences.sender", TEXT, fact=RowFact.ROW_COMPANY)
    wanted: bool | None = personal("mailPreferences.wanted", Boolean)


ACCOUNT_LINK: Table = VIEWS.tables["account_link"]
MAIL_PREFERENCE: Table = VIEWS.tables["mail_preference"]


def view_texts(dialect: Dialect) -> Iterator[str]:
    """Give the statement that makes each view, in the words of one engine."""
    for view, rows in ((ACCOUNT_LINK, _links()), (MAIL_PREFERENCE, _wishes())):
        text = rows.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        yield f"CREATE VIEW {view.name} AS {text}"


def _links() -> Select[*tuple[Any, ...]]:
    """Links that stand: neither mere uses of the ID nor what was unlinked."""
    link = rule_tables.LinkRow.metadata.tables["link"].c
    account_id = func.nullif(link.account_id, "").label("account_id")
    provenance = _provenance(link.member_key, link.company, link.linked_at)
    own = (link.company, account_id, link.linked_at)
    return select(*provenance, *own).where(link.linked_at < literal(FOREVER, Instant))


def _wishes() -> Select[*tuple[Any, ...]]:
    mail = rule_tables.MailRow.metadata.tables["mail"].c
    provenance = _provenance(mail.member_key, mail.sender, mail.at)
    return select(*provenance, mail.sender, mail.wanted)


def _provenance(member_key: Text, other: Text, at: ColumnElement[datetime]) -> list[Labelled]:
    # INVARIANT: no company's key has a "/", so no two rows share a key.
    return [
        (member_key + "/" + other).label("row_key"),
        member_key.label("member_key"),
        literal(OF_SETTINGS.acquirer, TEXT).label("acquired_by"),
        literal(OF_SETTINGS.source, TEXT).label("source"),
        literal(OF_SETTINGS.channel, TEXT).label("channel"),
        at.label("acquired_at"),
    ]
