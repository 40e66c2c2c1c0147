"""Random lists: filters, orders and positions over the fields of a relation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date

from models.columns import path_of
from models.criteria import Either, Every, Filter, Leaf, Listing, Not, Nulls, Op, SomeRow, Sort
from models.tables import RELATIONS, column_of
from models.types import Instant, Words
from tests.dice import Dice
from tests.listings import Position
from tests.populations import WORDS

TEXTS = ("", "a", "ab", "abc", "A", "a%", "a_b", "%", "あ", "あい", "😀")
NUMBERS = (-(2**31), -1, 0, 1, 7, 2**31 - 1)
DATES = (date(1999, 12, 31), date(2000, 1, 1), date(2000, 1, 2))
INSTANTS = (
    datetime(2020, 1, 1, tzinfo=UTC),
    datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2021, 1, 1, tzinfo=UTC),
)
FREE: Mapping[str, Sequence[str]] = {
    "gender": ("FEMALE", "MALE", "OTHER"),
    "ekyc_status": ("UNVERIFIED", "PENDING", "VERIFIED"),
}
CONSTRAINED = {name: FREE.get(name, (word,)) for name, word in WORDS.items()}

EQUALITY = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.IS_NULL, Op.NOT_NULL)
RANGES = (Op.LT, Op.LTE, Op.GT, Op.GTE)
SEARCHES = (Op.CONTAINS, Op.STARTS_WITH)


@dataclass
class Bound:
    """Operands by name, as a filter is drawn."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: object) -> str:
        name = f"x{len(self.values)}"
        self.values[name] = value
        return name


def domain(path: str) -> Sequence[Any]:
    """A few values of a field, so that there are ties."""
    column = column_of(path)
    if column.name in CONSTRAINED:
        return CONSTRAINED[column.name]
    match column.type:
        case Instant():
            return INSTANTS
        case BigInteger():
            return NUMBERS
        case Date():
            return DATES
        case Boolean():
            return (False, True)
        case _:
            return TEXTS


def comparable(relation: str) -> Sequence[str]:
    """The fields that can be searched and sorted: all but those that hold lists."""
    columns = RELATIONS[relation].columns
    paths = ((path_of(column), column.type) for column in columns)
    return [path for path, kind in paths if path and not isinstance(kind, Words)]


def draw_filter(
    dice: Dice, relation: str, children: Sequence[str], bound: Bound, depth: int = 3
) -> Filter:
    """Nested, at most so deep; of a member, also about its rows."""
    kind = dice.below(8) if depth else 7

    def parts() -> Iterator[Filter]:
        for _ in range(dice.below(4)):
            yield draw_filter(dice, relation, children, bound, depth - 1)

    match kind:
        case 0 | 1:
            return Every(tuple(parts()))
        case 2 | 3:
            return Either(tuple(parts()))
        case 4:
            return Not(draw_filter(dice, relation, children, bound, depth - 1))
        case 5 | 6 if children:
            child = dice.pick(*children)
            return SomeRow(child, draw_filter(dice, child, (), bound, depth - 1))
        case _:
            return draw_leaf(dice, relation, bound)


def draw_leaf(dice: Dice, relation: str, bound: Bound) -> Leaf:
    path = dice.pick(*comparable(relation))
    values = domain(path)
    searched = SEARCHES if values is TEXTS else ()
    ranges = () if isinstance(column_of(path).type, Boolean) else RANGES
    op = dice.pick(*EQUALITY, *ranges, *searched)
    if op in {Op.IS_NULL, Op.NOT_NULL}:
        return Leaf(path, op)
    if op in {Op.IN, Op.NOT_IN}:
        return Leaf(path, op, bound.bind(list(dice.some(values, most=3, least=0))))
    return Leaf(path, op, bound.bind(dice.pick(*values)))


def draw_order(dice: Dice, relation: str) -> tuple[Sort, ...]:
    paths = dice.some(comparable(relation), most=3, least=0)
    return tuple(Sort(path, dice.mostly(1)) for path in paths)


def draw_position(dice: Dice, order: Sequence[Sort], keys: Sequence[str]) -> Position | None:
    """Any place in the order, whether an entry stands there or not; one time in two none."""
    if dice.mostly(1):
        return None
    values = (dice.pick(None, *domain(sort.path)) for sort in order)
    return Position(tuple(values), dice.pick(*keys))


def nulls(position: Position | None) -> Nulls | None:
    return None if position is None else tuple(value is None for value in position.values)


@dataclass(frozen=True)
class Asked:
    """One list as it is asked for, between two places or from end to end."""

    listing: Listing
    after: Position | None
    before: Position | None

    @property
    def binds(self) -> dict[str, Any]:
        """What its positions bind."""
        prefix = self.listing.prefix
        ends = ((f"{prefix}after", self.after), (f"{prefix}before", self.before))
        given = [(name, place) for name, place in ends if place is not None]
        values = {
            f"{name}_{number}": value
            for name, place in given
            for number, value in enumerate(place.values)
            if value is not None
        }
        return values | {f"{name}_key": place.key for name, place in given}


def draw_listing(
    dice: Dice, relation: str, children: Sequence[str], keys: Sequence[str], bound: Bound
) -> Asked:
    everything = dice.mostly(1)
    where = Every() if everything else draw_filter(dice, relation, children, bound)
    order = draw_order(dice, relation)
    after, before = (draw_position(dice, order, keys) for _ in range(2))
    listing = Listing(where, order, nulls(after), nulls(before), dice.mostly(1))
    return Asked(listing, after, before)
