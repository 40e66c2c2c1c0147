"""What is personal in a document: fields that it selects, and those it filters or orders by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from schema.classification import personal_places


@dataclass(frozen=True, slots=True)
class PersonalUse:
    """Paths of the catalogue, in the order of the document."""

    selected: dict[str, None] = field(default_factory=dict)
    compared: dict[str, None] = field(default_factory=dict)
    """In filters, orders and arguments, as far as the document itself spells them out."""


def personal_use(core: GraphQLSchema, document: DocumentNode) -> PersonalUse:
    """Give what a valid document asks for, whether or not a request skips it."""
    types, use = TypeInfo(core), PersonalUse()
    visit(document, TypeInfoVisitor(types, _Reading(types, _places(core), use)))
    return use


@lru_cache(maxsize=4)
def _places(core: GraphQLSchema) -> Mapping[str, str]:
    return personal_places(core)


class _Reading(Visitor):
    def __init__(self, types: TypeInfo, places: Mapping[str, str], use: PersonalUse) -> None:
        super().__init__()
        self._types, self._places, self._use = types, places, use

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._note(self._use.selected, f"{self._types.get_parent_type()}.{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        definition = self._types.get_field_def()
        parent = self._types.get_parent_type()
        name = next(n for n, each in parent.fields.items() if each is definition)  # type: ignore[union-attr]  # it has the field
        self._note(self._use.compared, f"{parent}.{name}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        parent = get_named_type(self._types.get_parent_input_type())
        self._note(self._use.compared, f"{parent}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        kind = get_named_type(self._types.get_input_type())
        self._note(self._use.compared, f"{kind}.{node.value}")

    def _note(self, paths: dict[str, None], place: str) -> None:
        if path := self._places.get(place):
            paths[path] = None
