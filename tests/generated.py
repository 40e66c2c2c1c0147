"""Operations by a generator that knows the schema alone: shapes that nobody thought of."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from tests.dice import Dice
from tests.operands import plain

ENTRIES = ("members",)
EXAMPLES: Mapping[str, str] = {
    "Date": "2024-04-01",
    "DateTime": "2024-04-01T00:00:00Z",
    "EmailAddress": "a@b",
    "GeoPoint": "geo:35.6,139.7",
}


def generated(schema: GraphQLSchema, texts: Sequence[Any], dice: Dice, many: int) -> list[str]:
    """So many documents, the same on every run, with texts out of these."""
    found = list[str]()
    scalars = {name: st.just(nodes.String(text)) for name, text in EXAMPLES.items()}
    strategy = queries(schema, fields=ENTRIES, custom_scalars=scalars, allow_null=False)

    @settings(
        max_examples=many,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(document: object) -> None:
        found.append(str(document))

    collect()
    return [print_ast(_answerable(parse(text), texts, dice)) for text in found]


def _answerable(document: DocumentNode, texts: Sequence[Any], dice: Dice) -> DocumentNode:
    """The document with pages of a size that is given, one order, and texts that somebody has."""

    class Aimed(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> FieldNode:
            names = {argument.name.value for argument in node.arguments or ()}
            unwanted = {"after", "before", *(("last",) if "first" in names else ())}
            unwanted |= set() if dice.mostly(1) else {"filter"}
            kept = (each for each in node.arguments or () if each.name.value not in unwanted)
            return _with(node, tuple(kept))

        def leave_argument(self, node: ArgumentNode, *_: object) -> ArgumentNode | None:
            if node.name.value in {"first", "last"}:
                size = IntValueNode(value=str(dice.pick(1, 2, 3, 20)))
                return ArgumentNode(name=node.name, value=size)
            if node.name.value == "orderBy" and isinstance(node.value, ListValueNode):
                return ArgumentNode(
                    name=node.name, value=ListValueNode(values=node.value.values[:1])
                )
            return None

        def leave_string_value(self, node: StringValueNode, *_: object) -> StringValueNode | None:
            if node.value in EXAMPLES.values() or not texts:
                return None
            return StringValueNode(value=str(plain(dice.pick(*texts[:250]))))

    aimed: DocumentNode = visit(document, Aimed())
    return aimed


def _with(node: FieldNode, arguments: tuple[ArgumentNode, ...]) -> FieldNode:
    return FieldNode(
        alias=node.alias,
        name=node.name,
        arguments=arguments,
        directives=node.directives,
        selection_set=node.selection_set,
    )
