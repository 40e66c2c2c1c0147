"""No number of members below ten can be found out from what is told, whatever is subtracted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, product
from operator import or_

import pytest

from policy.shown_numbers import Table, greatest, in_tens, table_in_tens, total_in_tens
from tests.dice import Dice, endless
from tests.say import Say

Place = tuple[str, str]
"""A row and a column."""
Sets = Mapping[Place, int]
World = Sequence[Sets]
"""For each purpose, whom each cell is open of: sets as bits."""
Tell = Callable[[Sets], Table[str, str]]

SMALL = 10


def exactly_from_ten_on(found: Sets) -> Table[str, str]:
    """What is mostly done: below ten nothing is told, all else as it is."""

    def told(sets: Iterable[int]) -> int | None:
        number = reduce(or_, sets, 0).bit_count()
        return number if number >= SMALL else None

    rows, columns = {row for row, _ in found}, {column for _, column in found}
    return Table(
        {place: told([members]) for place, members in found.items()},
        {row: told(found[at] for at in found if at[0] == row) for row in rows},
        {column: told(found[at] for at in found if at[1] == column) for column in columns},
        told(found.values()),
    )


@dataclass
class Bounds:
    """Between which numbers each part and each total can lie, for all that is told."""

    low: dict[object, int]
    high: dict[object, int]

    @classmethod
    def of(cls, table: Table[str, str], width: int) -> "Bounds":
        """What each number says of itself: it is rounded down by less than the width."""
        every: dict[object, int | None] = dict(table.cells.items())
        every |= {("row", r): n for r, n in table.rows.items()}
        every |= {("column", c): n for c, n in table.columns.items()}
        every["total"] = table.total
        low = {key: told or 0 for key, told in every.items()}
        cells = table.cells
        high = {key: SMALL - 1 if told is None else told + width - 1 for key, told in every.items()}
        # A total can be told lower than it is: of it only the parts say how great it can be.
        if width > 1:
            for key in every.keys() - cells.keys():
                high[key] = 1_000_000
        return cls(low, high)

    def closed(self, splits: Mapping[object, Sequence[object]]) -> "Bounds":
        """Draw every conclusion: no part is greater than its total, no total than its parts."""
        before = None
        while before != (self.low, self.high):
            before = dict(self.low), dict(self.high)
            for total, parts in splits.items():
                most = sum(self.high[part] for part in parts)
                self.high[total] = min(self.high[total], most)
                self.low[total] = max(self.low[total], *(self.low[part] for part in parts))
                for part in parts:
                    others = most - self.high[part]
                    self.low[part] = max(self.low[part], self.low[total] - others)
                    self.high[part] = min(self.high[part], self.high[total])
        return self

    def pinned(self) -> set[object]:
        """What is known to the last member, and below ten without being nobody."""
        return {key for key, low in self.low.items() if 0 < low == self.high[key] < SMALL}


def splits_of(table: Table[str, str]) -> dict[object, Sequence[object]]:
    cells = list(table.cells)
    found: dict[object, Sequence[object]] = {}
    for row in table.rows:
        found["row", row] = [at for at in cells if at[0] == row]
    for column in table.columns:
        found["column", column] = [at for at in cells if at[1] == column]
    return found


def attacked(table: Table[str, str], width: int) -> set[object]:
    """What an attacker knows who adds and subtracts, by the rows and by the columns together."""
    splits = splits_of(table)
    bounds = Bounds.of(table, width)
    by_rows: dict[object, Sequence[object]] = {"total": [("row", row) for row in table.rows]}
    by_columns: dict[object, Sequence[object]] = {
        "total": [("column", column) for column in table.columns]
    }
    for _ in range(3):
        bounds.closed(splits)
        bounds.closed(by_rows)
        bounds.closed(by_columns)
    return bounds.pinned()


def drawn(dice: Dice, purposes: int, rows: int, columns: int) -> World:
    """Sets that overlap as chance has it, most of them small, some of them just about ten."""
    crowd = 45
    world = []
    for _ in range(purposes):
        found = {}
        for place in product("ABCDEFGHIJ"[:rows], "abcdefghij"[:columns]):
            if dice.mostly(4):
                size = dice.pick(0, 1, 2, 5, 8, 9, 9, 9, 10, 11, 19, 20, 29)
                start = dice.below(crowd)
                found[place] = sum({1 << (start + n) % crowd for n in range(size)})
        world.append(found)
    return world


def apart(rows: int, columns: int, size: int = 9) -> World:
    """Everybody in one cell alone, and each cell as great as what is told of it allows."""
    places = product("ABCDEFGHIJ"[:rows], "abcdefghij"[:columns])
    full = (1 << size) - 1
    return [{place: full << number * size for number, place in enumerate(places)}]


WORLDS = [
    *(drawn(endless(f"world {n}"), 2, 2 + n % 2, 2 + n % 3) for n in range(120)),
    *(apart(*size) for size in ((1, 10), (10, 1), (2, 5), (5, 2), (10, 2), (4, 5), (10, 10))),
    apart(1, 10, 19),
    apart(2, 10, 29),
]


def test_rounding_and_hiding_tell_what_they_say() -> None:
    assert [in_tens(n) for n in (0, 1, 9, 10, 19, 20, 101)] == [None, None, None, 10, 10, 20, 100]
    assert (greatest(None), greatest(10)) == (9, 19)
    assert total_in_tens(15, 28) == 10
    assert total_in_tens(90, 90) == 80
    assert total_in_tens(9, 18) is None
    table = table_in_tens({("A", "a"): 0b111, ("B", "a"): (1 << 12) - 1})
    assert table.cells == {("A", "a"): None, ("B", "a"): 10}
    assert (table.rows, table.columns, table.total) == ({"A": None, "B": 10}, {"a": 10}, 10)


def test_an_attacker_who_adds_and_subtracts_pins_no_small_number(say: Say) -> None:
    pinned = sum(len(attacked(table_in_tens(sets), 10)) for world in WORLDS for sets in world)
    naively = sum(len(attacked(exactly_from_ten_on(sets), 1)) for world in WORLDS for sets in world)
    say(f"{pinned} numbers below ten found out; {naively} where only those were hidden")
    assert pinned == 0
    assert naively > 10


def test_each_small_number_could_be_another_without_any_answer_being_another(say: Say) -> None:
    """Of each there is a witness: a world that is told alike, all purposes, in which it differs."""
    seen = 0
    for number, world in enumerate(WORLDS):
        told = [table_in_tens(sets) for sets in world]
        for purpose, place in small(world):
            witness = next(
                (
                    other
                    for other in others(world, purpose, place, endless(f"witness {number}"))
                    if table_in_tens(other[purpose]) == told[purpose]
                ),
                None,
            )
            assert witness is not None, (number, purpose, place)
            seen += 1
    say(f"{seen} numbers below ten, each with a witness")
    assert seen > 500


def small(world: World) -> Iterator[tuple[int, Place]]:
    for purpose, sets in enumerate(world):
        for place, members in sets.items():
            if 0 < members.bit_count() < SMALL:
                yield purpose, place


def others(world: World, purpose: int, place: Place, dice: Dice) -> Iterator[World]:
    """Worlds in which this cell has one member more or less, and perhaps some others as well."""
    sets = world[purpose]
    everybody = reduce(or_, chain.from_iterable(each.values() for each in world), 0)
    fresh = 1 << everybody.bit_length()
    bits = [1 << n for n in range(everybody.bit_length())] + [fresh]
    bits.sort(key=lambda bit: not sets[place] & bit)  # with one of them less most are told alike
    for bit in bits:
        yield [*world[:purpose], {**sets, place: sets[place] ^ bit}, *world[purpose + 1 :]]
    for number in range(20_000):
        changed = {**sets, place: sets[place] ^ bits[number % len(bits)]}
        for _ in range(1 + number % 3):
            elsewhere, bit = dice.pick(*sets), dice.pick(*bits)
            if elsewhere != place:
                changed[elsewhere] ^= bit
        yield [*world[:purpose], changed, *world[purpose + 1 :]]


@pytest.mark.parametrize("parts", [1, 9, 10, 11, 20])
def test_totals_are_told_lower_only_where_every_part_would_be_known(parts: int) -> None:
    full = 9 * parts
    lower = total_in_tens(full, full)
    assert lower == (in_tens(full) if full % 10 else in_tens(full - 10))
    assert total_in_tens(full - 1, full) == in_tens(full - 1)
