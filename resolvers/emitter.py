"""Writes, for one plan, the code that makes the answer of its tuples: dict displays, nothing else.

INVARIANT: into the code go positions, names of its own making, and response keys as literals.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.criteria import Listing
from models.query import from_driver
from models.view import ACCOUNT, Layout
from resolvers.binding import Bound
from resolvers.making import Making
from resolvers.plan import (
    Access,
    Acquirer,
    Beside,
    Connection,
    Consents,
    Cursor,
    Edges,
    NodeId,
    Nodes,
    Object,
    Output,
    Party,
    Place,
    Provenance,
    Scalar,
    SeenBy,
    Total,
    TypeName,
)
from resolvers.snapshot import Row
from resolvers.values import conversion
from resolvers.wanted import Wanted

Emit = Callable[[Sequence[Row], Making, int | None], Any]
"""Makes of members' tuples a list of members, or a page with this number of members in all."""


def emitter_of(
    bound: Bound, wanted: Wanted, layout: Layout, of_lists: Mapping[int, Layout], dialect: str
) -> Emit:
    """Give the code for this plan and tuples of these layouts."""
    return _Writer(bound, wanted, layout, of_lists, dialect).emitter()


@dataclass(slots=True)
class _Writer:
    bound: Bound
    wanted: Wanted
    layout: Layout
    of_lists: Mapping[int, Layout]
    dialect: str
    before: dict[str, str] = field(default_factory=dict)
    """What is worked out once for an answer: expression → name."""
    functions: list[str] = field(default_factory=list)
    given: dict[str, object] = field(default_factory=dict)
    """What the code finds under its names."""

    def emitter(self) -> Emit:
        """Write the code, and give what it does."""
        root = self.bound.plan.root
        if isinstance(root, Object):
            body = f"[{self._object(root, ACCOUNT, self.layout, 'r')} for r in rows]"
        else:
            body = self._page(root, self.layout, "total")
        lines = [
            "def emit(rows, making, total):",
            *(f"    {name} = {expression}" for expression, name in self.before.items()),
            *(f"    {line}" for text in self.functions for line in text.splitlines()),
            f"    return {body}",
        ]
        exec(compile("\n".join(lines), "<plan>", "exec"), self.given)  # noqa: S102 (see INVARIANT)
        emit: Emit = self.given["emit"]  # type: ignore[assignment] # made above
        return emit

    def _once(self, expression: str) -> str:
        return self.before.setdefault(expression, f"x{len(self.before)}")

    def _known(self, value: object) -> str:
        name = f"k{len(self.given)}"
        self.given[name] = value
        return name

    def _object(self, selected: Object, relation: str, layout: Layout, row: str) -> str:
        return _display(
            (out.key, self._output(out, relation, layout, row)) for out in selected.outputs
        )

    def _output(self, out: Output, relation: str, layout: Layout, row: str) -> str:
        match out:
            case TypeName(name=name):
                return repr(name)
            case Scalar(path=path, type=type_):
                return self._value(layout, row, path, type_)
            case Provenance(column=column, type=type_):
                return self._value(layout, row, column, type_)
            case Party(path=path, selected=selected):
                companies = self._once(f"making.companies({self._known(selected)}, False)")
                return f"{companies}[{_at(layout, row, path)}]"
            case Acquirer(selected=selected):
                companies = self._once(f"making.companies({self._known(selected)}, True)")
                return f"{companies}[{_at(layout, row, 'acquired_by')}]"
            case Connection():
                return f"{self._list(out)}({row})"
            case _:
                key = _at(layout, row, "member_key" if relation == ACCOUNT else "row_key")
                return self._by_key(out, key)

    def _by_key(self, out: NodeId | Beside, key: str) -> str:
        match out:
            case NodeId(kind=kind):
                return f"{self._once(f'making.ids({kind!r})')}({key})"
            case Access(slot=slot, selected=selected):
                told = self._once(f"making.access({slot}, {self._known(selected)})")
            case Consents(selected=selected):
                told = self._once(f"making.consents({self._known(selected)})")
            case SeenBy(slot=slot):
                told = self._once(f"making.seen.get({slot}, {{}})")
        return f"{told}[{key}]"

    def _value(self, layout: Layout, row: str, name: str, type_: Any) -> str:
        raw = _at(layout, row, name)
        converted = conversion(layout.type_of(name), type_, self.dialect)
        if converted is None:
            return raw
        known = self._known(converted)
        if isinstance(converted, Mapping):
            return f"{known}[{raw}]"
        return f"(None if {raw} is None else {known}({raw}))"

    def _list(self, plan: Connection) -> str:
        """Write a function that gives a list of a member's tuple; give its name."""
        number, name = self.bound.list_of[plan.slot], f"list_{len(self.functions)}"
        of_list, row = self.of_lists.get(number), "m"
        lines = [
            f"def {name}(m):",
            f"    if not {_at(self.layout, row, f'could {plan.relation}')}: return None",
        ]
        place = next(each.place for each in self.wanted.lists if each.number == number)
        total = f"({_at(self.layout, row, f'total {place}')} or 0)" if plan.counts else "None"
        if plan.shows_entries:
            shown = [each.number for each in self.wanted.shown].index(number)
            lines.append(f"    rows = {_at(self.layout, row, f'rows {shown}')} or ()")
        self.functions.append("")  # whose name is taken
        at = len(self.functions) - 1
        page = self._page(plan, of_list or self.layout, total)
        lines.append(f"    return {page}{f'[{plan.key!r}]' if plan.bare else ''}")
        self.functions[at] = "\n".join(lines)
        return name

    def _page(self, plan: Connection, layout: Layout, total: str) -> str:
        """Write a page of `rows`. One entry more than asked for means that there are more."""
        size = self._once(f"making.lists[{self.bound.list_of[plan.slot]}].page.size")
        shown = f"rows[:{size}]"
        if self._listing(plan).backward:
            shown += "[::-1]"
        parts: list[tuple[str, str]] = []
        for part in plan.parts:
            match part:
                case TypeName(name=name):
                    parts.append((part.key, repr(name)))
                case Total():
                    parts.append((part.key, total))
                case Place(shown=names):
                    place = ((key, self._place(plan, each, layout, shown)) for key, each in names)
                    parts.append((part.key, _display(place)))
                case Nodes(node=node):
                    entry = self._object(node, plan.relation, layout, "q")
                    parts.append((part.key, f"[{entry} for q in {shown}]"))
                case Edges():
                    entry = self._edge(plan, part, layout)
                    parts.append((part.key, f"[{entry} for q in {shown}]"))
        return _display(parts)

    def _edge(self, plan: Connection, edges: Edges, layout: Layout) -> str:
        parts: list[tuple[str, str]] = []
        for part in edges.shown:
            match part:
                case TypeName(name=name):
                    parts.append((part.key, repr(name)))
                case Cursor():
                    parts.append((part.key, f"{self._cursor(plan, layout)}(q)"))
                case Nodes(node=node):
                    parts.append((part.key, self._object(node, plan.relation, layout, "q")))
        return _display(parts)

    def _place(self, plan: Connection, name: str, layout: Layout, shown: str) -> str:
        number = self.bound.list_of[plan.slot]
        page = self.bound.lists[number].page
        match name:
            case page.open_end:
                return f"(len(rows) > {self._once(f'making.lists[{number}].page.size')})"
            case "hasNextPage":
                return repr(page.before is not None)
            case "hasPreviousPage":
                return repr(page.after is not None)
            case "startCursor" | "endCursor":
                cursor, end = self._cursor(plan, layout), 0 if name == "startCursor" else -1
                return f"({cursor}({shown}[{end}]) if rows else None)"
        return repr("PageInfo")

    def _cursor(self, plan: Connection, layout: Layout) -> str:
        """Write a function that gives the cursor of an entry; give its name."""
        values = [f"by {number}" for number in range(len(self._listing(plan).order))]
        key = "member_key" if plan.relation == ACCOUNT else "row_key"
        types = [from_driver(layout.type_of(each), self.dialect) for each in values]
        at = layout.positions[key], [layout.positions[each] for each in values], types
        number = self.bound.list_of[plan.slot]
        name = f"cursor_{number}"
        self.given.setdefault(name, at)
        return self._once(f"making.cursors({number}, *{name})")

    def _listing(self, plan: Connection) -> Listing:
        return self.bound.lists[self.bound.list_of[plan.slot]].listing()


def _at(layout: Layout, row: str, name: str) -> str:
    return f"{row}[{layout.positions[name]}]"


def _display(parts: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key!r}: {expression}" for key, expression in parts) + "}"
