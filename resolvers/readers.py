"""`readers`: who can see something of the signed-in member, on what basis, and who could."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import events_of
from models.row_facts import RowFacts
from models.tables import RELATIONS
from models.view import fields_of
from policy import readers as rule
from policy.catalogue import Catalogue, Category, Purpose
from policy.companies import Company
from policy.decide import decide
from policy.documents import Item, Provision
from policy.errors import ErrorCode, PrivacyError
from policy.facts import MemberFacts, ValueFacts
from policy.requester import Role
from policy.standing import fold
from policy.vocabulary import SUBJECT_REQUEST, Code, RowFact
from resolvers.context import Context
from resolvers.documents import provision_at
from resolvers.meanings import meaning_of
from resolvers.replay import MYSELF
from resolvers.subject import read_about

NAME = "readers"
_PER_RECIPIENT = {RowFact.MERCHANT, RowFact.ROW_COMPANY}
"""What of a row is asked for each recipient anew."""


@dataclass(frozen=True, slots=True)
class Way:
    """One provision, as it stands for a reader."""

    provision: Provision | None
    open: bool
    categories: Sequence[Category]
    fields: Sequence[str]
    code: Code | None
    meaning: str | None
    missing: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Reader:
    """A company and a purpose of it, with every provision that opens something, or could."""

    company: Company
    on_behalf_of: Company | None
    purpose: Purpose
    ways: Sequence[Way]


async def readers(context: Context) -> Sequence[Reader]:
    """Give them in the catalogue's order. Raises FORBIDDEN for whoever is no member.

    It is a read of the member about themself, recorded as such; no value is read.
    """
    requester = context.requester
    if requester.role is not Role.MEMBER:
        raise PrivacyError(ErrorCode.FORBIDDEN, "Only members are told who can see their data.")
    member = requester.subject
    async with context.snapshot.reading() as connection:
        await read_about(connection, context, member, NAME)
        events = await events_of(connection, member)
        rows = _Rows(connection, context.catalogue, member, context.asked_at)
        shared = await rows.shared()
        askers = rule.askers_of(context.catalogue, rule.origins_of(shared), context.asked_at)
        recipients = {asker.on_behalf_of or asker.company or "" for asker, _ in askers}
        values = {each: shared | await rows.of(each) for each in sorted(recipients)}
    facts = fold(events, context.asked_at, context.catalogue)
    found = await asyncio.to_thread(_found, context, askers, facts, values)
    return [_told(context, each) for each in found if each.ways]


def _found(
    context: Context,
    askers: Sequence[rule.Asked],
    facts: MemberFacts,
    values: Mapping[str, rule.Values],
) -> Sequence[rule.Reader]:
    return [
        rule.reader(
            context.catalogue,
            each,
            facts,
            values[each[0].on_behalf_of or each[0].company or ""],
            context.asked_at,
        )
        for each in askers
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the member's values come from: each provenance once, however many rows have it."""

    connection: AsyncConnection
    catalogue: Catalogue
    member: str
    at: datetime

    async def shared(self) -> dict[str, Collection[ValueFacts]]:
        """Give what is the same for every recipient; and of the rest, as for nobody."""
        return await self._read(None, RELATIONS)

    async def of(self, recipient: str) -> dict[str, Collection[ValueFacts]]:
        """Give what is told of rows to this recipient."""
        relations = self.catalogue.relations
        own = [name for name in RELATIONS if relations[name].facts & _PER_RECIPIENT]
        return await self._read(recipient, own)

    async def _read(
        self, recipient: str | None, relations: Collection[str]
    ) -> dict[str, Collection[ValueFacts]]:
        reading = RowFacts(self.catalogue, recipient, self.at)
        found: dict[str, Collection[ValueFacts]] = {}
        for relation in relations:
            rows = await reading.of(self.connection, relation, self.member)
            values = dict.fromkeys(value for _, value in rows)
            found[relation] = tuple(each for each in values if self._own(relation, each))
        return found

    def _own(self, relation: str, value: ValueFacts) -> bool:
        """Whether the member sees something of such a row: one that they do not, tells nothing."""
        return any(
            decide(
                self.catalogue,
                MYSELF.question(SUBJECT_REQUEST, path, self.at),
                MemberFacts(),
                value,
            ).disclose
            for path in fields_of(relation)
        )


def _told(context: Context, found: rule.Reader) -> Reader:
    catalogue = context.catalogue
    return Reader(
        company=catalogue.companies[found.asker.company or ""],
        on_behalf_of=catalogue.companies.get(found.asker.on_behalf_of or ""),
        purpose=catalogue.purposes[found.purpose],
        ways=[_way(context, each) for each in found.ways],
    )


def _way(context: Context, way: rule.Way) -> Way:
    catalogue = context.catalogue
    provision = provision_at(catalogue, way.document, way.key, context.asked_at)
    covered = {
        category
        for path in way.paths
        for category in catalogue.fields[path].categories
        if provision is not None and provision.covers(category, path)
    }
    return Way(
        provision=provision,
        open=way.code is None,
        categories=[each for key, each in catalogue.categories.items() if key in covered],
        fields=way.paths,
        code=way.code,
        meaning=meaning_of(way.code),
        missing=[catalogue.items[key] for key in way.missing],
    )
