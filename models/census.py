"""A census: sets of members as bits, counted without a look at any one of them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from models.census_sql import (
    BETWEEN,
    Asked,
    Question,
    asked,
    by_table,
    keys_of,
    members_of,
    rows_alone,
)
from models.query import Binds, Query, query_of
from models.ways import Way
from policy.catalogue import Catalogue
from policy.conditions import MemberTest, Test

Members = int
"""A set of members: a bit for each, in the order of the census. `bit_count` counts them."""
NOBODY: Members = 0


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """A question to all members at once, ready for an engine's driver."""

    members: Query
    rows: Sequence[tuple[Query, Sequence[Question]]]
    tests: Mapping[Test, Asked]

    @classmethod
    def of(cls, catalogue: Catalogue, ways: Iterable[Way], dialect: str) -> Self:
        """Ask for the members who pass the tests of these conjunctions."""
        every = dict.fromkeys(test for way in ways for test in way if isinstance(test, MemberTest))
        rows = rows_alone()
        tests: dict[Test, Asked] = {test: asked(catalogue, test, rows) for test in every}
        parts = by_table(question for each in tests.values() for question in each.questions)
        queries = [(query_of(keys_of(part), dialect), part) for part in parts]
        return cls(query_of(members_of(), dialect), queries, tests)

    async def taken(self, connection: AsyncConnection, binds: Binds) -> "Taken":
        """Ask, in the snapshot of a connection, as of the `now` that is bound."""
        number, keys = await _sent(connection, self.members, binds)
        register, found = Register.of(keys), dict[Question, Members]()
        for query, part in self.rows:
            texts = await _sent(connection, query, binds)
            found |= zip(part, await asyncio.to_thread(register.members, texts), strict=True)
        passing = {test: register.passing(each, found) for test, each in self.tests.items()}
        return Taken(number, register.everybody, passing)


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Which bit is whose."""

    places: Mapping[str, int]
    everybody: Members

    @classmethod
    def of(cls, keys: str | None) -> Self:
        places = {key: place for place, key in enumerate(_each(keys))}
        return cls(places, (1 << len(places)) - 1)

    def passing(self, test: Asked, found: Mapping[Question, Members]) -> Members:
        """Give who passes a test, of those whom each of its questions found."""
        passing = NOBODY
        for answers in test.passing:
            each = zip(test.questions, answers, strict=True)
            alike = (found[asked] if yes else ~found[asked] for asked, yes in each)
            passing |= reduce(and_, alike, self.everybody)
        return passing

    def members(self, texts: Iterable[str | None]) -> Sequence[Members]:
        """Give the members that each text names, whoever else it does."""
        return list(map(self._members, texts))

    def _members(self, keys: str | None) -> Members:
        nowhere = len(self.places)
        digits, place = bytearray(b"0") * (nowhere + 1), self.places.get
        for key in _each(keys):
            digits[place(key, nowhere)] = _YES
        return int(digits[:nowhere] or b"0", 2)


_YES = ord("1")


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


def _each(keys: str | None) -> Sequence[str]:
    return keys.split(BETWEEN) if keys else ()


async def _sent(connection: AsyncConnection, query: Query, binds: Binds) -> tuple[Any, ...]:
    options = {"redacted": query.redacted}
    arguments = query.arguments(binds)
    found = await connection.exec_driver_sql(query.text, arguments, execution_options=options)
    return tuple(found.one())
