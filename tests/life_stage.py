"""Where lives are played: one database, the version of the catalogue that it follows, a clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, literal, select, union_all

from models.acts import Act, Done, Once, perform
from models.catalogue_apply import Apply
from models.catalogue_store import store
from models.condition_sql import parameters
from models.database import Database
from models.event_log import append, events_of_members, verify_chain
from models.outbox_check import check as check_outbox
from models.projection_check import check
from models.tables import (
    CATALOGUE_APPLY,
    CATALOGUE_VERSION,
    CONTRACT,
    EVENT,
    IDEMPOTENCY,
    OUTBOX,
    PROJECTIONS,
    RELATIONS,
    STANDING,
)
from models.view import View, cell_opened_by
from policy.catalogue import Catalogue
from policy.events import Event
from policy.grant import Grants
from tests.acting import START
from tests.life_questions import QUESTIONS, STORED, rows_of
from tests.populations import columns_of, contract_of, fill
from tests.publications import Editions, meeting, published, stored
from tests.real import CATALOGUE

WRITTEN = (EVENT, *PROJECTIONS, OUTBOX, IDEMPOTENCY)
"""All that an act writes."""

Dump = Mapping[str, Sequence[tuple[Any, ...]]]
"""Table → its rows, whole."""
Numbers = Mapping[str, Mapping[int, int]]
"""Member → question → the provision that opens the value, as the database has it."""


@dataclass
class Stage:
    """One database, used by one life after the other."""

    database: Database
    grants: dict[tuple[Editions, Editions | None], Grants] = field(default_factory=dict)
    statements: dict[object, Any] = field(default_factory=dict)

    async def furnish(self, members: Collection[str]) -> None:
        """Write the rows that members are asked about; they stay."""
        rows = [row for member in members for row in rows_of(member)]
        async with self.database.write() as connection:
            for relation in {row.relation for row in rows}:
                its = [columns_of(CATALOGUE, row) for row in rows if row.relation == relation]
                await fill(connection, RELATIONS[relation], its)
            contracts = [contract_of(row) for row in rows if row.value.contract]
            await fill(connection, CONTRACT, contracts)

    async def clear(self) -> None:
        """Forget all that happened, and follow the first version."""
        async with self.database.write() as connection:
            for table in (*WRITTEN, CATALOGUE_APPLY, CATALOGUE_VERSION):
                await connection.execute(delete(table))
            await store(connection, stored(published((0, 0))), START)

    async def act(
        self,
        catalogue: Catalogue,
        member: str,
        events: Sequence[Event],
        now: datetime,
        once: Once | None = None,
    ) -> Done:
        return await perform(
            self.database, catalogue, Act(member, lambda _past, _at: events), lambda: now, once
        )

    async def copy(
        self, catalogue: Catalogue, member: str, events: Sequence[Event], now: datetime
    ) -> None:
        """Somebody else to whom the same has happened."""
        async with self.database.write() as connection:
            await append(connection, catalogue, {member: events}, now)

    async def dump(self) -> Dump:
        async with self.database.read() as connection:
            return {
                table.name: [tuple(row) for row in await connection.execute(_ordered(table))]
                for table in WRITTEN
            }

    async def findings(self, catalogue: Catalogue) -> Sequence[str]:
        """What `sekisho check` would say of all that is written."""
        async with self.database.read() as connection:
            found = [line async for line in check(connection, catalogue)]
            found += [line async for line in verify_chain(connection)]
            return found + [line async for line in check_outbox(connection)]

    async def log(self, members: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        async with self.database.read() as connection:
            return await events_of_members(connection, members)

    def applying(self, editions: Editions, now: datetime) -> Apply:
        return Apply(self.database, published(editions), lambda: now, size=1)

    async def seen(
        self, active: Editions, coming: Editions | None, now: datetime, members: Sequence[str]
    ) -> Numbers:
        """What the next read opens: by the active version, or by what it and the coming one say."""
        found: dict[str, dict[int, int]] = {member: {} for member in members}
        async with self.database.read() as connection:
            statement = self._statement(active, coming, now)
            for number, member, by in await connection.execute(statement, parameters(now, None)):
                if by is not None and member in found:
                    found[member][number] = by
        return found

    def _statement(self, active: Editions, coming: Editions | None, now: datetime) -> Any:
        """One statement for all the questions, made once for an epoch of the grants."""
        if (active, coming) not in self.grants:
            made = meeting(active, coming) if coming else Grants(published(active))
            self.grants[active, coming] = made
        grants = self.grants[active, coming]
        key = (active, coming, grants.epoch(now)[0])
        if key not in self.statements:
            asked = [_question(grants, number, key[2]) for number in STORED]
            self.statements[key] = union_all(*asked).execution_options(redacted=True)
        return self.statements[key]


def _question(grants: Grants, number: int, at: datetime) -> Any:
    """The provision that opens the value to whoever asks, of each member."""
    asked = QUESTIONS[number]
    view, table = View(grants, asked.asker, asked.purpose, at), RELATIONS[asked.relation]
    opened_by = cell_opened_by(view, asked.path)
    return select(literal(number), table.c.member_key, opened_by).join_from(
        table, STANDING, STANDING.c.member_key == table.c.member_key
    )


def _ordered(table: Any) -> Any:
    return select(table).order_by(*table.primary_key)
