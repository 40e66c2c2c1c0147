"""A census: sets of members as bits, counted without a look at any one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from models.census_sql import FIRST_SIGN, TOGETHER, Seat, census_of
from models.query import Binds, Query, query_of
from models.ways import Way
from policy.catalogue import Catalogue
from policy.conditions import MemberTest, Test

Members = int
"""A set of members: a bit for each, in the order of the census. `bit_count` counts them."""
NOBODY: Members = 0

_BITS = [
    bytes(ord("1") if sign - FIRST_SIGN >> bit & 1 else ord("0") for sign in range(256))
    for bit in range(TOGETHER)
]
"""Per bit: what translates signs to the digits of a binary number."""


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """A question to all members at once, ready for an engine's driver."""

    query: Query
    seats: Mapping[Test, Seat]
    signs: int

    @classmethod
    def of(cls, catalogue: Catalogue, ways: Iterable[Way], dialect: str) -> Self:
        """Ask for the members who pass the tests of these conjunctions."""
        every = dict.fromkeys(test for way in ways for test in way if isinstance(test, MemberTest))
        made = census_of(catalogue, every)
        return cls(query_of(made.statement, dialect), made.seats, made.signs)

    async def taken(self, connection: AsyncConnection, binds: Binds) -> "Taken":
        """Ask, in the snapshot of a connection, as of the `now` that is bound."""
        arguments = self.query.arguments(binds)
        options = {"redacted": self.query.redacted}
        found = await connection.exec_driver_sql(
            self.query.text, arguments, execution_options=options
        )
        number, text = tuple(found.one())
        return Taken(number, (text or "").encode(), self)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What was answered."""

    number: int
    """How many members there are, those of whom nothing is known among them."""
    text: bytes
    census: Census
    _known: dict[Test, Members] = field(default_factory=dict)

    def passing(self, ways: Iterable[Way]) -> Members:
        """Give those members who pass all tests of one of these conjunctions, at least."""
        everybody = (1 << len(self.text) // self.census.signs) - 1
        return reduce(or_, (reduce(and_, map(self._of, way), everybody) for way in ways), NOBODY)

    def _of(self, test: Test) -> Members:
        if test not in self._known:
            sign, bit = self.census.seats[test]
            digits = self.text[sign :: self.census.signs].translate(_BITS[bit])
            self._known[test] = int(digits or b"0", 2)
        return self._known[test]
