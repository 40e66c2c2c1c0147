"""What a list is asked for: a filter over redacted values, an order, a page. Shapes, no operands.

Operands are bound under the names that the leaves give, so a text of SQL serves every operand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Op(StrEnum):
    """How a leaf compares. The words are those of the schema's inputs."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "notIn"
    IS_NULL = "isNull"
    NOT_NULL = "notNull"
    """`isNull: false`."""
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field compared with the operand bound as `operand` ("" for IS_NULL and NOT_NULL)."""

    path: str
    op: Op
    operand: str = ""


@dataclass(frozen=True, slots=True)
class Every:
    """Each part holds; TRUE without parts."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """Some part holds; FALSE without parts."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. A withheld or missing value satisfies the negation of a leaf."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class SomeRow:
    """Some open row of the relation holds; the schema's `none` is its negation."""

    relation: str
    of: "Filter"


Filter = Leaf | Every | Either | Not | SomeRow


def leaves(where: Filter) -> Iterator[Leaf]:
    """Give the conditions on fields of the relation itself, those on rows below it apart."""
    return (each for each in _conditions(where) if isinstance(each, Leaf))


def some_rows(where: Filter) -> Iterator[SomeRow]:
    """Give the conditions on rows below, in the order in which they stand, depth first."""
    return (each for each in _conditions(where) if isinstance(each, SomeRow))


def _conditions(where: Filter) -> Iterator[Leaf | SomeRow]:
    match where:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _conditions(part)
        case Not(part):
            yield from _conditions(part)
        case _:
            yield where


@dataclass(frozen=True, slots=True)
class Sort:
    """By one redacted value; null, that is missing or withheld, comes last both ways."""

    path: str
    descending: bool = False


Nulls = tuple[bool, ...]
"""Of a cursor's position: per sort, whether its value is null there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: which entries, in which order, from where. Ties are broken by key, ascending.

    A position is bound as `after_0`, `after_1`, ... (per sort; where not null) and `after_key`,
    alike for `before`; the number of entries as `limit`; each name with the listing's `prefix`
    before it. `backward` takes the last ones, and they come out in reverse.
    """

    where: Filter = Every()
    order: tuple[Sort, ...] = ()
    after: Nulls | None = None
    before: Nulls | None = None
    backward: bool = False
    prefix: str = ""

    @property
    def limit(self) -> str:
        """The name under which the number of entries is bound."""
        return f"{self.prefix}limit"


@dataclass(frozen=True, slots=True)
class RowsBelow:
    """A list below each member whose rows are read: what of them, and which of them."""

    relation: str
    paths: tuple[str, ...]
    listing: Listing
    used: tuple[str, ...] = ()
    """The fields whose opening provision must come with each row beside those of `paths`."""


@dataclass(frozen=True, slots=True)
class Below:
    """A list asked for below each member: its relation, and its filter if it is to be counted."""

    relation: str
    counted: Filter | None = None
