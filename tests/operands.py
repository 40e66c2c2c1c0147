"""What an operation is asked with: ids and values of both worlds, those that are withheld too."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from policy.requester import Requester
from resolvers.seal import Seal
from tests.dice import Dice
from tests.real import CATALOGUE, STORED

TEXT_OPERATORS = {"contains", "startsWith"}
ODD_TEXTS = ("", "nobody's", "%", "_", "\\", "'", "a\u0000b", "東", "\U0001f98a")
ODD_NUMBERS = (-(2**31), -1, 0, 1, 7, 2**31 - 1)
PAGE_SIZES = (1, 1, 1, 2, 2, 3, 5, 20, 50)


@dataclass(frozen=True)
class Slot:
    """A leaf of an input: its type, and how one operand for it is drawn."""

    kind: GraphQLInputType
    draw: Callable[[Dice], Any]


Input: TypeAlias = "Slot | Mapping[str, Input] | Sequence[Input]"


@dataclass(frozen=True)
class Operands:
    """The pools that operands are drawn from."""

    requester: Requester
    seal: Seal
    members: Sequence[str]
    """Keys in either world, those whom the caller sees more often."""
    values: Mapping[str, Sequence[Any]]
    """Path → stored values of either world, withheld or not."""
    open_values: Mapping[str, Sequence[Any]]
    accounts: Sequence[str]
    instants: Sequence[datetime]

    def node_id(self, dice: Dice) -> str:
        """Mostly a member's for this caller; else another audience's, a row's, or none at all."""
        key, audience = dice.pick(*self.members), self.requester.audience
        if dice.mostly(24):
            return self.seal.node_id(audience, "Member", key)
        return dice.pick(
            self.seal.node_id("company:mobile", "Member", key),
            self.seal.node_id(audience, "Order", f"orders-{key}-2"),
            self.seal.node_id(audience, "Member", "nobody"),
            "garbage",
        )

    def value(self, dice: Dice, path: str) -> Any:
        """A stored value of the field, as JSON has it; rarely an odd one."""
        stored = self.values.get(path) or ()
        open_ = self.open_values.get(path) or stored
        if stored and dice.mostly(14):
            pool = open_ if dice.mostly(1) else stored
            return plain(pool[dice.below(250) * len(pool) // 250])
        return dice.pick(*(ODD_NUMBERS if any(isinstance(v, int) for v in stored) else ODD_TEXTS))

    def text(self, dice: Dice, path: str) -> str:
        """A part of a stored text."""
        whole = str(self.value(dice, path))
        start = dice.below(len(whole) + 1)
        return whole[start if dice.mostly(1) else 0 : start + 1 + dice.below(3)]

    def operand(self, path: str, operator: str, kind: GraphQLInputType) -> Slot:
        """One operand of one operator on one field."""
        return Slot(kind, lambda dice: self._operand(dice, path, operator, kind))

    def _operand(self, dice: Dice, path: str, operator: str, kind: GraphQLInputType) -> Any:
        if operator == "isNull":
            return dice.mostly(1)
        if operator in TEXT_OPERATORS:
            return self.text(dice, path)
        if isinstance(get_nullable_type(kind), GraphQLList):
            return [self._fitting(dice, path, kind) for _ in range(dice.below(4))]
        return self._fitting(dice, path, kind)

    def _fitting(self, dice: Dice, path: str, kind: GraphQLInputType) -> Any:
        """A value of the field that its type takes: an enum's stored word by its name."""
        named, value = get_named_type(kind), self.value(dice, path)
        if isinstance(named, GraphQLEnumType):
            return word(named, value) or dice.pick(*named.values)
        if named.name == "Boolean":
            return bool(value)
        if named.name == "Int":
            return value if isinstance(value, int) else 1
        if named.name == "Date":
            return value if _is_day(value) else "2024-02-29"
        if named.name == "DateTime":
            return value if _is_instant(value) else "2024-02-29T00:00:00Z"
        return str(value)

    def argument(self, name: str, kind: GraphQLInputType) -> Slot:
        """An argument that is known by its name or its type alone."""
        return Slot(kind, lambda dice: self._argument(dice, name, kind))

    def _argument(self, dice: Dice, name: str, kind: GraphQLInputType) -> Any:
        nullable, named = get_nullable_type(kind), get_named_type(kind)
        if isinstance(nullable, GraphQLList):
            return [self._argument(dice, name, nullable.of_type) for _ in range(dice.below(5))]
        if isinstance(named, GraphQLEnumType):
            return dice.pick(*named.values)
        draw = BY_NAME.get(name) or BY_TYPE.get(named.name)
        return draw(self, dice) if draw else dice.pick(*ODD_TEXTS)


def _size(_: Operands, dice: Dice) -> int:
    return dice.pick(*PAGE_SIZES) if dice.mostly(250) else dice.pick(0, -1, 51, 100, 101)


Draw: TypeAlias = Callable[[Operands, Dice], Any]

BY_NAME: Mapping[str, Draw] = {
    **dict.fromkeys(("id", "ids", "memberId"), Operands.node_id),
    **dict.fromkeys(("first", "last"), _size),
    **dict.fromkeys(("field", "fields"), lambda _, dice: dice.pick(*STORED, "orders", "nonsense")),
    **dict.fromkeys(
        ("company", "onBehalfOf", "key"), lambda _, dice: dice.pick(*CATALOGUE.companies)
    ),
    "purpose": lambda _, dice: dice.pick(*CATALOGUE.purposes),
    "accountId": lambda pools, dice: dice.pick(*(pools.accounts or ("nobody's",))),
}
BY_TYPE: Mapping[str, Draw] = {
    "DateTime": lambda pools, dice: plain(dice.pick(*pools.instants)),
    "Int": lambda _, dice: dice.pick(*ODD_NUMBERS),
    "Boolean": lambda _, dice: dice.mostly(1),
}


def word(kind: GraphQLEnumType, stored: Any) -> str | None:
    """The name under which an enum shows a stored word."""
    for name, value in kind.values.items():
        if stored in {name, value.value, getattr(value.value, "value", None)}:
            return str(name)
    return None


def plain(value: Any) -> Any:
    """A stored value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def fired(tree: Input, dice: Dice) -> Any:
    """The input with an operand drawn for each of its leaves."""
    if isinstance(tree, Slot):
        return tree.draw(dice)
    if isinstance(tree, Mapping):
        return {name: fired(part, dice) for name, part in tree.items()}
    return [fired(part, dice) for part in tree]


def literal(value: Any, kind: GraphQLInputType) -> str:
    """A value in the words of a document."""
    nullable = get_nullable_type(kind)
    if isinstance(nullable, GraphQLList) and isinstance(value, list):
        return f"[{', '.join(literal(each, nullable.of_type) for each in value)}]"
    if isinstance(nullable, GraphQLInputObjectType) and isinstance(value, dict):
        parts = (f"{n}: {literal(v, nullable.fields[n].type)}" for n, v in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(nullable, GraphQLEnumType) and value is not None:
        return str(value)
    return json.dumps(value, ensure_ascii=True)


def of_list(kind: GraphQLInputType) -> GraphQLInputType:
    nullable = get_nullable_type(kind)
    assert isinstance(nullable, GraphQLList)
    element: GraphQLInputType = nullable.of_type
    return element


def is_required(kind: GraphQLInputType) -> bool:
    return isinstance(kind, GraphQLNonNull)


def paths_of(names: Iterable[str], relation: str) -> Sequence[str]:
    return [f"{relation}.{name}" if relation else name for name in names]


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and "T" in value and value.endswith("Z")


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and len(value) == len("2024-02-29") and value[4] == "-"
