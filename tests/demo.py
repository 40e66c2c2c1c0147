"""The demo world as one case has it: its catalogue, its members' events, the origin of values."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from models.world import MemberRecord
from policy.catalogue import Catalogue
from policy.events import Event
from policy.facts import Contract, ValueFacts
from policy.parse import parse
from policy.situation import Question
from policy.source import node_of
from policy.vocabulary import FOREVER, LinkState
from server.world_file import load_world
from tests.patches import files
from tests.real import CATALOGUE, ROOT
from tests.worked_examples import ANY, Ask, Given, bare_rows

WORLD = ROOT / "seeds" / "world.yaml"
ACCOUNT = ""
HOLDER_OF_ACCOUNTS = "rakuten_group"

Facts = Mapping[str, Any]
"""Columns of a row, or the facts that tests/cases/rows.yaml gives of one."""


class Asked(NamedTuple):
    """One question about one value of one member, as the rule takes it."""

    question: Question
    member: str
    events: tuple[Event, ...]
    value: ValueFacts
    row: Facts
    """The row it stands in."""


@dataclass(frozen=True)
class Demo:
    """The demo world, with what one case gives."""

    catalogue: Catalogue
    members: Mapping[str, MemberRecord]

    def asked(self, ask: Ask, at: datetime) -> Iterator[Asked]:
        """Every question that the case stands for: more than one where it says "any"."""
        companies = self.catalogue.companies if ask.company == ANY else (ask.company,)
        fields = self.catalogue.fields if ask.field == ANY else (ask.field or "",)
        record = self.members[ask.member or ""]
        for company in companies:
            for field in fields:
                for row in self._rows(record, field, ask.row):
                    question = Question(
                        company=company,
                        on_behalf_of=ask.on_behalf_of,
                        purpose=ask.purposes[0],
                        field=field,
                        at=at,
                        subject_self=ask.by_member,
                    )
                    value = self._value(record, row)
                    yield Asked(question, record.key, tuple(record.events), value, row)

    def counted(self, ask: Ask, at: datetime) -> Iterator[Asked]:
        """A question for each field of each matching row of each member."""
        for relation, wanted in ask.count.items():
            for key, record in self.members.items():
                for row in record.rows.get(relation, ()):
                    if _matches(row, wanted):
                        for field in wanted:
                            narrowed = replace(ask, member=key, field=f"{relation}.{field}")
                            yield from self.asked(replace(narrowed, row=wanted), at)

    def _rows(self, record: MemberRecord, field: str, wanted: Mapping[str, str]) -> Iterator[Facts]:
        relation = self.catalogue.fields[field].relation
        if relation == ACCOUNT:
            yield {**(record.account or {}), "acquired_by": HOLDER_OF_ACCOUNTS}
            return
        for row in record.rows.get(relation, ()):
            if _matches(row, wanted):
                yield row

    def _value(self, record: MemberRecord, row: Facts) -> ValueFacts:
        lists = self.catalogue.sensitive_lists.values()
        return ValueFacts(
            acquired_by=row["acquired_by"],
            service=row.get("service"),
            contract=_contract(record, row),
            merchant=row.get("merchant"),
            placed_at=row.get("at"),
            linked=row.get("link_state") != LinkState.ANONYMOUS,
            lists=frozenset(each.key for each in lists if row.get("kind") in each.kinds),
            acquisition_consent_at=row.get("acquisition_consent_at"),
            screened=row.get("screened", False),
            row_company=row.get("company"),
            retention_until=row.get("retention_until", FOREVER),
        )


def demo(given: Given) -> Demo:
    """The demo world with what a case gives."""
    catalogue = _parsed(json.dumps(files(given))) if given.changes_catalogue else CATALOGUE
    return Demo(catalogue, {record.key: _given(record, given) for record in _members()})


@cache
def _parsed(content: str) -> Catalogue:
    return parse({name: node_of(plain, name) for name, plain in json.loads(content).items()})


@cache
def _members() -> tuple[MemberRecord, ...]:
    """The members of seeds/world.yaml, and who is no member and has bare rows only."""
    loaded = {record.key: record for record in load_world(WORLD, CATALOGUE)}
    bare = bare_rows(CATALOGUE)
    records = {key: loaded.get(key, MemberRecord(key)) for key in {**loaded, **bare}}
    return tuple(
        replace(record, rows={**record.rows, **bare.get(key, {})})
        for key, record in records.items()
    )


def _given(record: MemberRecord, given: Given) -> MemberRecord:
    events = given.history.get(record.key, record.events)
    return replace(record, events=(*events, *given.events.get(record.key, ())))


def _matches(row: Facts, wanted: Mapping[str, str]) -> bool:
    return all(row.get(name) == fact for name, fact in wanted.items())


def _contract(record: MemberRecord, row: Facts) -> Contract | None:
    """The row's contract; one the member does not have has no end and no beginning."""
    no = row.get("contract_no")
    if no is None:
        return None
    ends = {(each.company, each.no): each.lapse_at for each in record.contracts}
    return Contract(no, ends.get((row["acquired_by"], no)))
