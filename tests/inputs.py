"""Random inputs by their shape: filters however deep, orders, arguments known by their names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)

from tests.dice import Dice
from tests.operands import Input, Operands, Slot, is_required

DEEPEST = 3
JOINED = 2
"""Of five parts of a filter, those that join others or turn one around."""


@dataclass
class Inputs:
    """Draws the inputs of one operation, and knows what they are about."""

    operands: Operands
    dice: Dice
    likely: Callable[[str], bool]
    """Whether a field of this path could be open to the caller."""
    telling: frozenset[str]
    """Paths where the worlds differ, beside what is open."""
    filters: set[str] = field(default_factory=set)
    """Paths of the fields that it filters by."""
    orders: set[str] = field(default_factory=set)
    negates: bool = False

    def anew(self) -> "Inputs":
        """For another operation."""
        return Inputs(self.operands, self.dice, self.likely, self.telling)

    def tree(self, name: str, kind: GraphQLInputType, relation: str, depth: int) -> Input:
        """An input by its shape: a filter, orders, or a plain argument."""
        nullable = get_nullable_type(kind)
        named = get_named_type(kind)
        if isinstance(named, GraphQLInputObjectType) and "direction" in named.fields:
            orders = self._orders(named, self.dice.pick(1, 1, 2, 3))
            return orders if isinstance(nullable, GraphQLList) else orders[0]
        if isinstance(nullable, GraphQLInputObjectType):
            if "and" in nullable.fields or "not" in nullable.fields:
                return self._filter(nullable, relation, depth)
            return self._record(nullable, relation, depth)
        return self.operands.argument(name, kind)

    def hopeful(self, kind: GraphQLInputType, relation: str) -> bool:
        """Whether some field that a filter or an order could name may be open."""
        named = get_named_type(kind)
        if not isinstance(named, GraphQLInputObjectType):
            return True
        if "direction" in named.fields:
            fields = get_named_type(named.fields["field"].type)
            assert isinstance(fields, GraphQLEnumType)
            return any(self.likely(str(each.value)) for each in fields.values.values())
        prefix = f"{relation}." if relation else ""
        return any(self.likely(prefix + name) for name in named.fields)

    def _record(self, kind: GraphQLInputObjectType, relation: str, depth: int) -> Input:
        names = [n for n, f in kind.fields.items() if is_required(f.type) or self.dice.mostly(1)]
        return {n: self.tree(n, kind.fields[n].type, relation, depth + 1) for n in names}

    def _filter(self, kind: GraphQLInputObjectType, relation: str, depth: int) -> Input:
        """One or two parts: combinations, fields, lists below."""
        joined = [name for name in ("and", "or", "not") if name in kind.fields]
        named = [name for name in kind.fields if name not in joined]
        parts: dict[str, Input] = {}
        for _ in range(self.dice.pick(1, 1, 1, 2)):
            if depth < DEEPEST and self.dice.below(5) < JOINED:
                name = self.dice.pick(*joined, "not", "or")
                inner = kind.fields[name].type
                self.negates = self.negates or name == "not"
                some = [
                    self._filter(kind, relation, depth + 1)
                    for _ in range(1 if name == "not" else self.dice.pick(1, 2, 2, 0))
                ]
                is_list = isinstance(get_nullable_type(inner), GraphQLList)
                parts[name] = some if is_list else some[0]
            else:
                name = self._aimed(named, relation)
                parts[name] = self._leaf(name, kind.fields[name].type, relation, depth)
        return parts

    def _aimed(self, names: Sequence[str], relation: str) -> str:
        """Mostly a field that could be open, since others are refused."""
        paths = {name: f"{relation}.{name}" if relation else name for name in names}
        return self.dice.pick(*self._hopeful(paths))

    def _hopeful(self, paths: Mapping[str, str]) -> Sequence[str]:
        """Names of what could be open, those where the worlds differ more often; rarely all."""
        hopeful = [name for name, path in paths.items() if self.likely(path)]
        telling = [name for name in hopeful if self.tells(paths[name])]
        if telling and self.dice.mostly(2):
            return telling
        return hopeful if hopeful and self.dice.mostly(250) else list(paths)

    def tells(self, path: str) -> bool:
        """Whether the worlds differ in this field, or in some field of this list."""
        return path in self.telling or any(each.startswith(f"{path}.") for each in self.telling)

    def _leaf(self, name: str, kind: GraphQLInputType, relation: str, depth: int) -> Input:
        named = get_named_type(kind)
        assert isinstance(named, GraphQLInputObjectType)
        if "some" in named.fields:
            way = self.dice.pick(*named.fields)
            self.negates = self.negates or way == "none"
            inner = get_named_type(named.fields[way].type)
            assert isinstance(inner, GraphQLInputObjectType)
            return {way: self._filter(inner, name, depth + 1)}
        path = f"{relation}.{name}" if relation else name
        self.filters.add(path)
        operators = self.dice.some(list(named.fields), most=1 if self.dice.mostly(5) else 2)
        return {
            operator: self.operands.operand(path, operator, named.fields[operator].type)
            for operator in operators
        }

    def _orders(self, kind: GraphQLInputObjectType, many: int) -> Sequence[Input]:
        """By several fields, mostly each once and such that could be open."""
        fields = get_named_type(kind.fields["field"].type)
        assert isinstance(fields, GraphQLEnumType)
        paths = {name: str(value.value) for name, value in fields.values.items()}
        names = self._hopeful(paths)
        if self.dice.mostly(250):
            chosen = self.dice.some(names, most=many)
        else:
            chosen = tuple(self.dice.pick(*names) for _ in range(many + 1))
        self.orders |= {paths[name] for name in chosen}
        return [self._order(kind, name) for name in chosen]

    def _order(self, kind: GraphQLInputObjectType, name: str) -> Input:
        given: dict[str, Input] = {"field": Slot(kind.fields["field"].type, lambda _: name)}
        if self.dice.mostly(2):
            direction = kind.fields["direction"].type
            given["direction"] = self.operands.argument("direction", direction)
        return given
