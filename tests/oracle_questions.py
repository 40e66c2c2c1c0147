"""Random operations for the oracle: as the two worlds ask, merged fields and mixed roots beside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type

from models.tables import RELATIONS
from policy.requester import Role
from tests.operations import Lines, Writer

CATALOGUE_ROOTS = (
    *("viewer", "viewer", "company", "companies", "dataCategories"),
    *("purposes", "documents", "myAccess"),
)
ROOTS = {
    Role.MEMBER: ("me", "me", "me", "members", "member", "node", "nodes"),
    Role.OFFICER: ("member", "member", "node", "nodes"),
}
"""What a role asks for mostly, if it is no company's."""
BESIDE = (
    *("asSeenBy", "asSeenBy", "access", "access", "consents"),
    *("linkedCompanies", "mailPreferences", "contactPreferences"),
)
THROUGH = frozenset({"company", "purpose", "onBehalfOf"})

CHILDREN = tuple(filter(None, RELATIONS))

Eyes = tuple[str, str | None, str]
"""A company, for whom it acts, and a purpose."""


@dataclass
class Questions(Writer):
    """Writes one operation."""

    through: Sequence[Eyes] = ()
    """Through whose eyes a member may look."""
    mixed: bool = False
    """Roots of the catalogue among personal ones."""
    looked: set[str] = field(default_factory=set)

    def _root(self, known: Sequence[str], every: Sequence[str]) -> str:
        if self.mixed and self.dice.mostly(1):
            return self.dice.pick(*CATALOGUE_ROOTS)
        mine = ROOTS.get(self.inputs.operands.requester.role, known)
        return self.dice.pick(*(mine if self.dice.mostly(15) else known))

    def _chosen(self, kind: GraphQLObjectType, relation: str, depth: int) -> Sequence[str]:
        """As ever, and more of what is asked for rarely, or may never be open."""
        chosen = [*super()._chosen(kind, relation, depth), *self._more(kind)]
        chosen = [name for name in dict.fromkeys(chosen) if name not in self.looked]
        # A second look through the same eyes counts anew, which is nowhere promised.
        self.looked |= {"asSeenBy"} & set(chosen)
        return chosen

    def _more(self, kind: GraphQLObjectType) -> Iterator[str]:
        if kind.name == "Member" and not self.dice.mostly(1):
            beside = BESIDE if self.inputs.likely("asSeenBy") else BESIDE[2:]
            yield self.dice.pick(*(CHILDREN if self.dice.mostly(1) else beside))
        if "id" in kind.fields and not self.dice.mostly(1):
            yield from self.dice.some(leaves_of(kind), most=4)

    def _field(
        self, key: str, name: str, definition: GraphQLField, relation: str, depth: int
    ) -> str:
        """At times twice: under one key the executor makes one field of them, under two it has two.

        A second list has arguments of its own, and entries that the first one may show too.
        """
        text = super()._field(key, name, definition, relation, depth)
        head, brace, _ = text.partition(" {\n")
        kind = get_named_type(definition.type)
        match self.dice.below(12):
            case 0 if brace and isinstance(kind, GraphQLObjectType):
                return "\n".join([text, f"{head} {{", *self._again(kind), "}"])
            case 1 | 2 if name not in self.looked and depth:
                alias = f"a{next(self.numbers)}"
                return f"{text}\n{super()._field(alias, name, definition, relation, depth)}"
            case _:
                return text

    def _again(self, kind: GraphQLObjectType) -> Lines:
        """More of the same object, by names that can mean nothing else."""
        if "nodes" in kind.fields:
            row = get_named_type(kind.fields["nodes"].type)
            return ["totalCount", "nodes {", *self._again(row), "}"]
        leaves = (*leaves_of(kind), "__typename")
        return [self.dice.pick(*leaves) for _ in range(self.dice.pick(1, 2, 3))]

    def _arguments(self, definition: GraphQLField, relation: str) -> tuple[str, Lines]:
        if definition.args.keys() != THROUGH or not self.through or not self.dice.mostly(15):
            return super()._arguments(definition, relation)
        company, on_behalf_of, purpose = self.dice.pick(*self.through)
        given: Mapping[str, Any] = {
            "company": company,
            "purpose": purpose,
            "onBehalfOf": on_behalf_of,
        }
        parts = (f'{name}: "{value}"' for name, value in given.items() if value is not None)
        return f"({', '.join(parts)})", []


def leaves_of(kind: GraphQLObjectType) -> Sequence[str]:
    fields = kind.fields.items()
    return [name for name, each in fields if is_leaf_type(get_named_type(each.type))]


def beside_the_viewer(text: str) -> str:
    """The same operation with a root of the catalogue in front."""
    head, brace, rest = text.partition(" {\n")
    return f"{head}{brace}besides: viewer {{ role }}\n{rest}"
