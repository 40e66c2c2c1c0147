"""A census: sets of members as bits, counted without a look at any one of them."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count, repeat
from operator import and_, or_
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from models.census_sql import (
    BETWEEN,
    IN_A_DIGIT,
    TOGETHER,
    Asked,
    Question,
    asked,
    at_most,
    by_digit,
    by_table,
    keys_of,
    members_of,
    rows_alone,
)
from models.query import Binds, Query, query_of
from models.tables import STANDING
from models.ways import Way, apart
from policy.catalogue import Catalogue
from policy.conditions import MemberTest, Test

Members = int
"""A set of members: a bit for each, in the order of the census. `bit_count` counts them."""
NOBODY: Members = 0


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """A question to all members at once, ready for an engine's driver."""

    members: Query
    standings: Sequence[Question]
    """What is asked with it of each member's standing."""
    rows: Sequence[tuple[Query, Sequence[Question]]]
    """The other tables, some at a time."""
    asked: Mapping[MemberTest, Asked]
    tests: Mapping[Test, Sequence[MemberTest]]
    """Each test as those that are asked in its place: all of them must be passed."""

    @classmethod
    def of(cls, catalogue: Catalogue, ways: Iterable[Way], dialect: str) -> Self:
        """Ask for the members who pass the tests of these conjunctions."""
        every = dict.fromkeys(test for way in ways for test in way if isinstance(test, MemberTest))
        tests: dict[Test, Sequence[MemberTest]] = {test: apart(test) for test in every}
        rows, parts = rows_alone(), dict.fromkeys(part for each in tests.values() for part in each)
        of_parts = {part: asked(catalogue, part, rows) for part in parts}
        questions = [question for each in of_parts.values() for question in each.questions]
        standings = [each for each in questions if each.table is STANDING]
        others = [*by_table(each for each in questions if each.table is not STANDING)]
        queries = [
            (query_of(keys_of(parts), dialect), [each for part in parts for each in part])
            for parts in at_most(TOGETHER, others)
        ]
        members = query_of(members_of(standings), dialect)
        return cls(members, standings, queries, of_parts, tests)

    async def taken(self, connections: Iterable[AsyncConnection], binds: Binds) -> "Taken":
        """Ask, in the snapshot that these connections see, as of the `now` that is bound."""
        asking = Asking(connections, binds)
        try:
            async with asyncio.TaskGroup() as group:
                known = group.create_task(self._known(asking))
                tables = [group.create_task(_looked_up(asking, known, *each)) for each in self.rows]
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        number, register, found = known.result()
        for table in tables:
            found |= table.result()
        parts = {part: register.passing(each, found) for part, each in self.asked.items()}
        passing = {
            test: reduce(and_, map(parts.__getitem__, each)) for test, each in self.tests.items()
        }
        return Taken(number, register.everybody, passing)

    async def _known(self, asking: "Asking") -> "Known":
        number, keys, *digits = await asking.tuple_of(self.members)
        register = await asyncio.to_thread(Register.of, keys)
        return number, register, await asyncio.to_thread(_told, digits, self.standings)


class Asking:
    """Connections that see one snapshot, each given one question after the other."""

    def __init__(self, connections: Iterable[AsyncConnection], binds: Binds) -> None:
        self._binds = binds
        self._free = asyncio.Queue[AsyncConnection]()
        for connection in connections:
            self._free.put_nowait(connection)

    async def tuple_of(self, query: Query) -> tuple[Any, ...]:
        """Give the one tuple of a statement, as soon as a connection is free."""
        connection = await self._free.get()
        options = {"redacted": query.redacted}
        arguments = query.arguments(self._binds)
        found = await connection.exec_driver_sql(query.text, arguments, execution_options=options)
        self._free.put_nowait(connection)
        return tuple(found.one())


async def _looked_up(
    asking: Asking, known: Awaitable["Known"], query: Query, part: Sequence[Question]
) -> Mapping[Question, Members]:
    """Give whom the questions about a table find. Meanwhile the next table is read."""
    texts = await asking.tuple_of(query)
    _, register, _ = await known
    return await asyncio.to_thread(register.members, part, texts)


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Which bit is whose."""

    places: Mapping[str, int]
    everybody: Members

    @classmethod
    def of(cls, keys: str | None) -> Self:
        places = dict(zip(_each(keys), count(), strict=False))
        return cls(places, (1 << len(places)) - 1)

    def passing(self, test: Asked, found: Mapping[Question, Members]) -> Members:
        """Give who passes a test, of those whom each of its questions found."""
        passing = NOBODY
        for answers in test.passing:
            each = zip(test.questions, answers, strict=True)
            alike = (found[asked] if yes else ~found[asked] for asked, yes in each)
            passing |= reduce(and_, alike, self.everybody)
        return passing

    def members(
        self, part: Iterable[Question], texts: Iterable[str | None]
    ) -> Mapping[Question, Members]:
        """Give the members that the text of each question names, whoever else it does."""
        return dict(zip(part, map(self._members, texts), strict=True))

    def _members(self, keys: str | None) -> Members:
        nowhere = len(self.places)
        digits = bytearray(b"0") * (nowhere + 1)
        for place in map(self.places.get, _each(keys), repeat(nowhere)):
            digits[place] = _YES
        return int(digits[:nowhere] or b"0", 2)


_YES = ord("1")

Known = tuple[int, Register, dict[Question, Members]]
"""How many members there are, which bit is whose, and who passes the tests of a standing."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What was answered."""

    number: int
    """How many members there are, those of whom nothing is known among them."""
    everybody: Members
    """Those who have a standing."""
    of_tests: Mapping[Test, Members]

    def passing(self, ways: Iterable[Way]) -> Members:
        """Give those members who pass all tests of one of these conjunctions, at least."""
        each = (reduce(and_, map(self.of_tests.__getitem__, way), self.everybody) for way in ways)
        return reduce(or_, each, NOBODY)


def _told(digits: Sequence[str | None], standings: Sequence[Question]) -> dict[Question, Members]:
    """Give the members who pass each test of a standing, as a digit for each of them tells."""
    return {
        question: int((text or "0").translate(bit), 2)
        for text, part in zip(digits, by_digit(standings), strict=True)
        for question, bit in zip(part, _BITS, strict=False)
    }


_BITS = [
    {ord(str(digit)): str(digit >> bit & 1) for digit in range(1 << IN_A_DIGIT)}
    for bit in range(IN_A_DIGIT)
]
"""What makes of each digit one of its bits."""


def _each(keys: str | None) -> Sequence[str]:
    return keys.split(BETWEEN) if keys else ()
