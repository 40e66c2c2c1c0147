"""Numbers of members as they are told to those who cannot list the members: in whole tens.

Below ten nothing is told, zero neither. What is told is a lower bound: so many there are at least.
A total gives nothing away of its parts beyond what each part says itself: there are always two
numbers that a part below ten could be. docs/adr/0012-counts-in-tens.md says why that is enough.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Generic, TypeVar

STEP = 10

R = TypeVar("R")
C = TypeVar("C")
T = TypeVar("T")

Told = int | None
Members = int
"""A set of members: a bit for each."""


def in_tens(number: int) -> Told:
    """Give the number rounded down to tens; None below ten."""
    return number // STEP * STEP or None


def total_in_tens(number: int, *most: int) -> Told:
    """Give a total of members in tens, of which other numbers tell that it is `most` so many.

    Each member of the total is in some part, and may be in several. Where each part would have to
    be as great as it can be, ten less are told: else each of them were known.
    """
    return in_tens(min([number, *(each - 1 for each in most)]))


def greatest(told: Told) -> int:
    """Give the greatest number that is told like this."""
    return (told or 0) + STEP - 1


@dataclass(frozen=True, slots=True)
class Table(Generic[R, C]):
    """What is told of sets of members in rows and columns; a total is of whoever is in any."""

    cells: Mapping[tuple[R, C], Told]
    rows: Mapping[R, Told]
    columns: Mapping[C, Told]
    total: Told


def table_in_tens(found: Mapping[tuple[R, C], Members]) -> Table[R, C]:
    """Give what is told of these sets; what has no set, a row or a column of none, is not in it."""
    cells = {key: in_tens(members.bit_count()) for key, members in found.items()}
    in_row: dict[R, list[tuple[R, C]]] = {}
    in_column: dict[C, list[tuple[R, C]]] = {}
    for key in found:
        in_row.setdefault(key[0], []).append(key)
        in_column.setdefault(key[1], []).append(key)

    def number(keys: Iterable[tuple[R, C]]) -> int:
        return reduce(or_, (found[key] for key in keys), 0).bit_count()

    def most(keys: Iterable[tuple[R, C]]) -> int:
        return sum(greatest(cells[key]) for key in keys)

    def of_each(along: Mapping[T, list[tuple[R, C]]]) -> dict[T, Told]:
        return {at: total_in_tens(number(keys), most(keys)) for at, keys in along.items()}

    def most_of_all(along: Mapping[T, list[tuple[R, C]]], told: Mapping[T, Told]) -> int:
        return sum(min(greatest(told[at]), most(keys)) for at, keys in along.items())

    rows, columns = of_each(in_row), of_each(in_column)
    both = most_of_all(in_row, rows), most_of_all(in_column, columns)
    return Table(cells, rows, columns, total_in_tens(number(found), *both))
