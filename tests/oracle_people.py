"""People as they were written: plain values, what happened, and what the rule reads of each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from sqlalchemy import Column

from models.columns import fact_of, path_of
from models.tables import RELATIONS
from models.world import MemberRecord
from policy.events import Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.vocabulary import FOREVER, LinkState, RowFact
from tests.real import CATALOGUE

ACCOUNT = ""
KEEPER = "rakuten_group"
"""Who acquired the accounts, and the links and wishes beside them."""


@dataclass(frozen=True)
class Held:
    """One stored row of one person; the account is one, too."""

    person: str
    relation: str
    key: str
    facts: ValueFacts
    cells: Mapping[str, Any]
    """Path → what is stored."""
    provenance: Mapping[str, Any]
    """As the schema names it: `source`, `channel`, `acquiredAt`."""


@dataclass(frozen=True)
class Link:
    """A link that stands, and the account that it names."""

    account_id: str | None
    linked_at: datetime


@dataclass(frozen=True, eq=False)
class Person:
    """All of one person, whoever may see what of it."""

    key: str
    events: Sequence[Event]
    rows: Mapping[str, Sequence[Held]]
    """Relation → its rows by key."""

    @property
    def account(self) -> Held | None:
        return next(iter(self.rows[ACCOUNT]), None)

    @cached_property
    def links(self) -> Mapping[str, "Link | None"]:
        """Company → the link that stands there; None where all that was is over."""
        kinds = {EventKind.LINKED, EventKind.USED, EventKind.UNLINKED}
        companies = {each.company or "" for each in self.events if each.kind in kinds}
        return {company: _link(self.events, company) for company in sorted(companies)}


def person_of(record: MemberRecord) -> Person:
    """Give the person whom the product's own writer was given."""
    rows = {relation: _rows(record, relation) for relation in RELATIONS}
    person = Person(record.key, sorted(record.events, key=lambda event: event.at), rows)
    rows["linkedCompanies"] = list(_links(person))
    rows["mailPreferences"] = list(_wishes(person))
    for its in rows.values():
        its.sort(key=lambda row: row.key)
    return person


def nobody() -> Person:
    """Somebody with one empty row of everything, to ask about before anybody is asked about."""
    empty = {relation: [_empty(relation)] for relation in RELATIONS}
    return Person("nobody", (), empty)


def _rows(record: MemberRecord, relation: str) -> list[Held]:
    if relation == ACCOUNT:
        cells = record.account and _cells(relation, record.account)
        facts = ValueFacts(KEEPER)
        return [] if cells is None else [Held(record.key, "", record.key, facts, cells, {})]
    return [
        Held(
            record.key,
            relation,
            columns["row_key"],
            _facts(record, relation, columns),
            _cells(relation, columns),
            _provenance(columns["source"], columns["channel"], columns["acquired_at"]),
        )
        for columns in record.rows.get(relation, ())
    ]


def _cells(relation: str, columns: Mapping[str, Any]) -> Mapping[str, Any]:
    cells = {}
    for column in RELATIONS[relation].columns:
        if path := path_of(column):
            value = columns.get(column.name)
            cells[path] = list(value) if isinstance(value, tuple) else value
    return cells


def _facts(record: MemberRecord, relation: str, columns: Mapping[str, Any]) -> ValueFacts:
    said = {fact: _said(column, columns) for column, fact in _fact_columns(relation)}
    number, lists = said.get(RowFact.CONTRACT), CATALOGUE.sensitive_lists.values()
    return ValueFacts(
        acquired_by=columns["acquired_by"],
        service=said.get(RowFact.SERVICE) or None,
        contract=_contract(record, columns["acquired_by"], number) if number else None,
        merchant=said.get(RowFact.MERCHANT),
        placed_at=columns.get("at") if RowFact.MERCHANT in said else None,
        linked=said.get(RowFact.LINK_STATE) != LinkState.ANONYMOUS,
        lists=frozenset(each.key for each in lists if said.get(RowFact.KIND) in each.kinds),
        acquisition_consent_at=said.get(RowFact.ACQUISITION_CONSENT),
        screened=bool(said.get(RowFact.SCREENED)),
        retention_until=said.get(RowFact.RETENTION, FOREVER),
        row_company=said.get(RowFact.ROW_COMPANY),
    )


def _fact_columns(relation: str) -> Iterator[tuple[Column[Any], RowFact]]:
    for column in RELATIONS[relation].columns:
        if fact := fact_of(column):
            yield column, fact


def _said(column: Column[Any], columns: Mapping[str, Any]) -> Any:
    default: Any = column.default
    return columns.get(column.name, default.arg if default is not None else None)


def _contract(record: MemberRecord, acquirer: str, number: str) -> Contract:
    """One that the member does not have with the acquirer neither runs nor has ended."""
    ends = {(each.company, each.no): each.lapse_at for each in record.contracts}
    return Contract(number, ends.get((acquirer, number)))


def _provenance(source: str, channel: str, at: datetime) -> Mapping[str, Any]:
    return {"source": source, "channel": channel, "acquiredAt": at}


def _link(events: Sequence[Event], company: str) -> Link | None:
    """One that only names the account of a link without is as old as that (domain.md 3.7-6)."""
    mine = [event for event in events if event.company == company]
    ends = [n for n, event in enumerate(mine) if event.kind is EventKind.UNLINKED]
    since = mine[ends[-1] + 1 :] if ends else mine
    linked = [event for event in since if event.kind is EventKind.LINKED]
    if not linked:
        return None
    new = linked[:1] + [
        event
        for before, event in pairwise(linked)
        if before.account_id is not None or event.account_id is None
    ]
    return Link(linked[-1].account_id, new[-1].at)


def _links(person: Person) -> Iterator[Held]:
    for company, link in person.links.items():
        if link is not None:
            cells = {"company": company, "accountId": link.account_id, "linkedAt": link.linked_at}
            yield _beside(person.key, "linkedCompanies", company, cells, link.linked_at)


def _wishes(person: Person) -> Iterator[Held]:
    """The latest wish about the mail of each sender."""
    wishes = [event for event in person.events if event.kind is EventKind.MAIL_PREFERENCE]
    for sender, event in {event.company or "": event for event in wishes}.items():
        cells = {"sender": sender, "wanted": event.wanted}
        yield _beside(person.key, "mailPreferences", sender, cells, event.at)


def _beside(
    person: str, relation: str, company: str, cells: Mapping[str, Any], at: datetime
) -> Held:
    """A row that shows what happened between the person and a company."""
    facts = ValueFacts(KEEPER, row_company=company)
    named = {f"{relation}.{name}": value for name, value in cells.items()}
    provenance = _provenance("ACCOUNT", "SETTINGS", at)
    return Held(person, relation, f"{person}/{company}", facts, named, provenance)


def _empty(relation: str) -> Held:
    facts, cells = ValueFacts(KEEPER), _cells(relation, {})
    return Held("nobody", relation, "nobody", facts, cells, _provenance("", "", FOREVER))
