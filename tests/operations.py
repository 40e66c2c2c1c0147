"""Random operations over the schema as it is: whatever it offers of members is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from tests.dice import Dice
from tests.inputs import Inputs
from tests.operands import Input, Slot, fired, is_required, literal, of_list

MEMBER_ROOTS = (
    ("members",) * 9 + ("member",) * 2 + ("nodes",) * 2 + ("node", "memberByAccount", "me")
)
WAYS = (("first", "after", "endCursor"), ("last", "before", "startCursor"))
PAGING = frozenset({"first", "last", "after", "before"})
DEEPEST = 5
Lines = list[str]


@dataclass(frozen=True)
class Walk:
    """A list that can be walked: where its cursors come out, and where they go in."""

    alias: str
    """Of the `pageInfo` selected for it."""
    cursor: str
    """"endCursor" or "startCursor"."""
    variable: str


@dataclass(frozen=True)
class Operation:
    """A document whose variables are drawn anew each time, and what it is about."""

    text: str
    variables: Mapping[str, Input]
    walks: Sequence[Walk]
    filters: frozenset[str]
    """Paths of the fields that it filters by."""
    orders: frozenset[str]
    negates: bool

    def drawn(self, dice: Dice) -> dict[str, Any]:
        """Give variables for one request."""
        return {name: fired(tree, dice) for name, tree in self.variables.items()}


@dataclass
class Writer:
    """Writes one operation."""

    schema: GraphQLSchema
    inputs: Inputs
    numbers: Iterator[int] = field(default_factory=count)
    declared: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Input] = field(default_factory=dict)
    fragments: Lines = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)

    @property
    def dice(self) -> Dice:
        return self.inputs.dice

    def operation(self) -> Operation:
        """One to three roots, mostly entries to members."""
        query = self.schema.query_type
        assert query is not None
        known = [name for name in MEMBER_ROOTS if name in query.fields]
        roots: dict[str, str] = {}
        for _ in range(self.dice.pick(1, 1, 1, 2, 3)):
            name = self._root(known, list(query.fields))
            alias = f"r{next(self.numbers)}" if name in roots or not self.dice.mostly() else name
            roots[alias] = self._field(alias, name, query.fields[name], "", 0)
        body = self._wrapped(list(roots.values()), query.name)
        said = ", ".join(f"${name}: {kind}" for name, kind in self.declared.items())
        head = f"query Q({said})" if said else "query Q"
        text = "\n".join([f"{head} {{", *body, "}", *self.fragments])
        return Operation(
            text,
            self.variables,
            self.walks,
            frozenset(self.inputs.filters),
            frozenset(self.inputs.orders),
            self.inputs.negates,
        )

    def _root(self, known: Sequence[str], every: Sequence[str]) -> str:
        """Mostly an entry to members."""
        return self.dice.pick(*known) if self.dice.mostly(60) else self.dice.pick(*every)

    def _field(
        self, key: str, name: str, definition: GraphQLField, relation: str, depth: int
    ) -> str:
        """One field with its arguments and what is selected below it."""
        below = get_named_type(definition.type)
        inner = name if _is_connection(below) and name != "members" else relation
        arguments, marked = self._arguments(definition, inner)
        label = name if key == name else f"{key}: {name}"
        if is_leaf_type(below):
            return f"{label}{arguments}"
        lines = self._selection(below, inner, depth + 1)
        return "\n".join([f"{label}{arguments} {{", *lines, *marked, "}"])

    def _selection(self, kind: Any, relation: str, depth: int) -> Lines:
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return self._abstract(kind, depth)
        assert isinstance(kind, GraphQLObjectType)
        lines = [
            self._field(self._key(name), name, kind.fields[name], relation, depth)
            for name in self._chosen(kind, relation, depth)
        ]
        if not lines or not self.dice.mostly(5):
            lines.append("__typename")
        return self._wrapped(lines, kind.name)

    def _abstract(self, kind: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> Lines:
        """The type's name, and what a member has of it."""
        member = self.schema.type_map["Member"]
        below = self._selection(member, "", depth)
        own = ["id"] if isinstance(kind, GraphQLInterfaceType) else []
        return ["__typename", *own, "... on Member {", *below, "}"]

    def _chosen(self, kind: GraphQLObjectType, relation: str, depth: int) -> Sequence[str]:
        """Some fields: of a page most, of an object a few values and at most two lists."""
        if _is_connection(kind):
            offered = [name for name in kind.fields if name != "pageInfo"]
            return self.dice.some(offered, most=2)
        if kind.name == "PageInfo" or "cursor" in kind.fields:
            return self.dice.some(list(kind.fields), most=len(kind.fields))
        leaves, deeper = list[str](), list[str]()
        for name, each in kind.fields.items():
            path = f"{relation}.{name}" if relation else name
            if not self._is_refused(each, path):
                weight = 1 + 2 * self.inputs.likely(path) + 3 * self.inputs.tells(path)
                is_leaf = is_leaf_type(get_named_type(each.type))
                (leaves if is_leaf else deeper).extend([name] * weight)
        dives = (
            deeper and depth < DEEPEST and (self._is_of_members(kind) or not self.dice.mostly(3))
        )
        few = [self.dice.pick(*leaves) for _ in range(self.dice.below(7) if leaves else 0)]
        lists = [self.dice.pick(*deeper) for _ in range(self.dice.below(3) if dives else 0)]
        return list(dict.fromkeys((*few, *lists)))

    def _is_of_members(self, kind: GraphQLObjectType) -> bool:
        return kind.name in {"Member", "Query"}

    def _is_refused(self, definition: GraphQLField, path: str) -> bool:
        """A field that takes arguments and is for others than the caller; asked for rarely."""
        takes = any(is_required(argument.type) for argument in definition.args.values())
        return takes and not self.inputs.likely(path) and self.dice.mostly(60)

    def _key(self, name: str) -> str:
        return name if self.dice.mostly(4) else f"a{next(self.numbers)}"

    def _wrapped(self, lines: Lines, kind: str) -> Lines:
        """The same selections, some in fragments, some under conditions."""
        wrapped = []
        for line in lines:
            match self.dice.below(24):
                case 0:
                    condition = self._variable("Boolean!", _mostly(yes=False))
                    head, brace, rest = line.partition(" {\n")
                    wrapped.append(f"{head} @skip(if: {condition}){brace}{rest}")
                case 1:
                    condition = self._variable("Boolean!", _mostly(yes=True))
                    wrapped.append(f"... on {kind} @include(if: {condition}) {{ {line} }}")
                case 2:
                    name = f"F{next(self.numbers)}"
                    self.fragments.append(f"fragment {name} on {kind} {{ {line} }}")
                    wrapped.append(f"...{name}")
                case 3:
                    wrapped.append(f"... {{ {line} }}")
                case _:
                    wrapped.append(line)
        return wrapped

    def _variable(self, kind: str, tree: Input) -> str:
        name = f"v{next(self.numbers)}"
        self.declared[name], self.variables[name] = kind, tree
        return f"${name}"

    def _arguments(self, definition: GraphQLField, relation: str) -> tuple[str, Lines]:
        """The arguments as they are written, and the `pageInfo` that a walk goes on from."""
        given = []
        for name, argument in definition.args.items():
            if name not in PAGING and (
                is_required(argument.type) or self._offers(argument, relation)
            ):
                tree = self.inputs.tree(name, argument.type, relation, 0)
                given.append(f"{name}: {self._written(tree, argument.type)}")
        pages, marked = self._page(definition.args)
        given += pages
        return (f"({', '.join(given)})" if given else ""), marked

    def _offers(self, argument: GraphQLArgument, relation: str) -> bool:
        """Whether to give an argument: rarely one that asks about what is never open."""
        hopeful = self.inputs.hopeful(argument.type, relation)
        return self.dice.mostly(1) if hopeful else not self.dice.mostly(30)

    def _page(self, offered: Mapping[str, GraphQLArgument]) -> tuple[Lines, Lines]:
        """How many entries and from where; both ends, or both sizes, rarely."""
        ways = [way for way in WAYS if way[0] in offered]
        if not ways or not self.dice.mostly(9):
            return [], []
        size, from_, cursor = ways[0] if self.dice.mostly(1) else ways[-1]
        number = self._variable("Int", self.inputs.operands.argument(size, offered[size].type))
        given = [f"{size}: {number}"]
        variable = f"c{next(self.numbers)}"
        self.declared[variable] = "String"
        given.append(f"{from_}: ${variable}")
        if not self.dice.mostly(250):
            other = "last" if size == "first" else "first"
            given += [f"{other}: 2"] if other in offered else []
        alias = f"w{next(self.numbers)}"
        self.walks.append(Walk(alias, cursor, variable))
        return given, [f"{alias}: pageInfo {{ {cursor} hasNextPage hasPreviousPage }}"]

    def _written(self, tree: Input, kind: GraphQLInputType) -> str:
        """A tree as a variable as a whole, or part by part as variables and literals."""
        odds = 3 if isinstance(tree, Slot) else 0
        if (odds and self.dice.mostly(odds)) or (not odds and not self.dice.mostly(5)):
            return self._variable(str(kind), tree)
        if isinstance(tree, Slot):
            return literal(tree.draw(self.dice), kind)
        if isinstance(tree, Mapping):
            fields = _fields_of(kind)
            parts = (f"{n}: {self._written(part, fields[n])}" for n, part in tree.items())
            return f"{{{', '.join(parts)}}}"
        return f"[{', '.join(self._written(part, of_list(kind)) for part in tree)}]"


def _mostly(*, yes: bool) -> Slot:
    return Slot(GraphQLBoolean, lambda dice: dice.mostly(5) is yes)


def _is_connection(kind: Any) -> bool:
    return isinstance(kind, GraphQLObjectType) and "pageInfo" in kind.fields


def _fields_of(kind: GraphQLInputType) -> Mapping[str, GraphQLInputType]:
    nullable = get_nullable_type(kind)
    assert isinstance(nullable, GraphQLInputObjectType)
    return {name: each.type for name, each in nullable.fields.items()}
