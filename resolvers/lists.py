"""Lists as they are asked for: which entries, in which order, from where, how many."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from models import page_sql
from models.criteria import Every, Filter, Leaf, Listing, Nulls, Sort, leaves, some_rows
from models.view import ACCOUNT, View, fields_of
from policy.errors import ErrorCode, PrivacyError
from policy.vocabulary import Reason
from resolvers.context import Context
from resolvers.cursors import Position, open_cursor
from resolvers.eyes import Eyes
from resolvers.filters import FilterReader, Operands

MEMBERS_AT_MOST = page_sql.MEMBERS_AT_MOST
ROWS_AT_MOST = 50
DEFAULT_PAGE = 20
SORTS_AT_MOST = 3
WHOLE = 10_000
"""More rows than one member has of a list that is no connection."""

Given = Mapping[str, Any]
"""The arguments of a list, as GraphQL coerced them: what was left out is not in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """How many at most; the last ones if `backward`; behind and before which positions."""

    size: int
    backward: bool = False
    after: Position | None = None
    before: Position | None = None

    @property
    def open_end(self) -> str | None:
        """The flag of `pageInfo` that an entry beyond the page tells; None where a cursor does.

        The entry at a cursor was listed when the cursor was made: there was one that way.
        """
        if self.backward:
            return "hasPreviousPage" if self.after is None else None
        return "hasNextPage" if self.before is None else None


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One list of one personal entry. Two of the same arguments are one, read once."""

    relation: str
    where: Filter
    order: tuple[Sort, ...]
    operands: Mapping[str, object]
    page: Page
    name: str
    """Relation, filter and order: what its cursors are good for."""

    def listing(self, prefix: str = "") -> Listing:
        """Give its shape, whose position and limit are bound under names that begin like this."""
        page, after, before = self.page, _nulls(self.page.after), _nulls(self.page.before)
        return Listing(self.where, self.order, after, before, page.backward, prefix)

    def binds(self, prefix: str = "") -> Mapping[str, object]:
        """What the listing binds. One entry more than asked for tells whether more follow."""
        bound = {**self.operands, f"{prefix}limit": self.page.size + 1}
        for end, at in (("after", self.page.after), ("before", self.page.before)):
            if at is not None:
                bound[f"{prefix}{end}_key"] = at.key
                bound |= {f"{prefix}{end}_{i}": value for i, value in enumerate(at.values)}
        return bound

    @property
    def filtered(self) -> tuple[str, ...]:
        """The fields of its own entries that its filter looks at, each once."""
        return _fields(self.where)

    @property
    def sorted(self) -> tuple[str, ...]:
        return tuple(sort.path for sort in self.order)

    @property
    def used(self) -> tuple[str, ...]:
        """The fields whose opening provision must come with each entry: filter and order."""
        return tuple(dict.fromkeys((*self.filtered, *self.sorted)))

    @property
    def below(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Per condition on rows below: the list it looks at, and which fields of its rows."""
        return tuple((some.relation, _fields(some.of)) for some in some_rows(self.where))

    @property
    def counted(self) -> tuple[str, ...]:
        """The fields on which its number of entries depends."""
        below = (each for relation, paths in self.below for each in (relation, *paths))
        every = (*self.filtered, *below)
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class ListReader:
    """Reads the arguments of the lists of one personal entry, as these eyes may ask them."""

    context: Context
    eyes: Eyes
    operands: Operands
    known: dict[object, Asked]

    def read(self, relation: str, given: Given) -> Asked:
        """Read one list.

        Raises BAD_USER_INPUT, LIMIT_EXCEEDED, BAD_CURSOR, or FIELD_NEVER_OPEN for a filter or an
        order that looks at a field which is never open: before anything is read.
        """
        filtered = given.get("filter")
        reader = FilterReader(self.operands)
        where = Every() if filtered is None else reader.read(relation, filtered)
        order = _order(given.get("orderBy") or ())
        _refuse_never(self.eyes.view, where, order)
        name = _name(relation, given)
        page = self._page(relation, name, given)
        if (name, page) not in self.known:
            self.operands.count_list()
            bound = self.operands.bound
            mine = {leaf.operand: bound[leaf.operand] for leaf in _compared(where)}
            self.known[name, page] = Asked(relation, where, order, mine, page, name)
        return self.known[name, page]

    def whole(self, relation: str) -> Asked:
        """Give the whole list of rows: one that takes no arguments."""
        name = _name(relation, {})
        whole = Asked(relation, Every(), (), {}, Page(WHOLE), name)
        return self.known.setdefault((name, whole.page), whole)

    def _page(self, relation: str, name: str, given: Given) -> Page:
        size = page_size(given, MEMBERS_AT_MOST if relation == ACCOUNT else ROWS_AT_MOST)
        after, before = (
            open_cursor(self.context, self.eyes, name, given.get(end))
            for end in ("after", "before")
        )
        return Page(size, given.get("last") is not None, after, before)


def page_size(given: Given, at_most: int) -> int:
    """Give what `first` or `last` asks for. Raises BAD_USER_INPUT naming the maximum."""
    sizes = [given[name] for name in ("first", "last") if given.get(name) is not None]
    size = sizes[0] if sizes else DEFAULT_PAGE
    if len(sizes) > 1 or not 1 <= size <= at_most:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            f"Ask for a page with either `first` or `last`, from 1 to {at_most}.",
        )
    return size


def _order(given: Sequence[Given]) -> tuple[Sort, ...]:
    """Read `orderBy`. Raises BAD_USER_INPUT for more than three, or for a field named twice."""
    order = tuple(
        Sort(str(_word(each["field"])), _word(each.get("direction")) == "DESC") for each in given
    )
    if len(order) > SORTS_AT_MOST or len({sort.path for sort in order}) < len(order):
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            f"`orderBy` takes at most {SORTS_AT_MOST} fields, each of them once.",
        )
    return order


def _word(value: object) -> object:
    """Give an enum's value, which GraphQL hands on bare or in its class."""
    return getattr(value, "value", value)


def _refuse_never(view: View, where: Filter, order: Sequence[Sort]) -> None:
    """Raise FIELD_NEVER_OPEN, in a text of the request and the catalogue alone."""
    for path in (*(leaf.path for leaf in leaves(where)), *(sort.path for sort in order)):
        if view.grant(path).reason is Reason.NOT_PERMITTED:
            raise _never(path)
    for some in some_rows(where):
        _refuse_never(view, some.of, ())
        reasons = {view.grant(path).reason for path in fields_of(some.relation)}
        if reasons == {Reason.NOT_PERMITTED}:
            raise _never(some.relation)


def _never(path: str) -> PrivacyError:
    return PrivacyError(
        ErrorCode.FIELD_NEVER_OPEN,
        f"`{path}` is never open to you for this purpose, so nothing can be filtered or ordered "
        "by it: see `myAccess`.",
    )


def _name(relation: str, given: Given) -> str:
    """Give relation, filter and order a name that does not depend on where the list stands."""
    asked = [given.get("filter") or None, given.get("orderBy") or None]
    said = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return f"{relation} {hashlib.sha256(said).hexdigest()}"


def _compared(where: Filter) -> Iterator[Leaf]:
    """Give every condition that has an operand, those on rows below too."""
    yield from (leaf for leaf in leaves(where) if leaf.operand)
    for some in some_rows(where):
        yield from _compared(some.of)


def _fields(where: Filter) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.path for leaf in leaves(where)))


def _nulls(at: Position | None) -> Nulls | None:
    return None if at is None else tuple(value is None for value in at.values)
