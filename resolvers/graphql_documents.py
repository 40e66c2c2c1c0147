"""The one reading of documents: parsed, measured and validated, in this order, once for a text.

Plans and the executor take it alike, whichever transport an operation came by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from orjson import Fragment

from policy.errors import ErrorCode, PrivacyError
from resolvers.cost import cost_of
from resolvers.effort import Effort, at_once
from resolvers.kept import Kept, weight_of
from resolvers.limits import WORDS, Limits, exceeded, fragments_of, measure

# Comparing fields and fragments with one another is what grows faster than a document: graphql-core
# counts the comparisons, and takes here how many there may be. An ordinary document needs hundreds.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000

_ROOM = 8 * 1024 * 1024
_OF_SCHEMA = {"__schema", "__type", "__typename"}
_ABORTED, _NESTED = " Parsing aborted.", "nested too deeply"
"""How graphql-core ends what it says of a document that it did not read to its end."""

Variables = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A document that is within the limits, with what validation says of it."""

    node: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    errors: list[GraphQLError]
    most: dict[str, int] = field(default_factory=dict)
    """What each operation can cost at most, by its name."""

    @property
    def operations(self) -> Sequence[OperationDefinitionNode]:
        """All of them, in order."""
        return [x for x in self.node.definitions if isinstance(x, OperationDefinitionNode)]

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """Give the operation of this name, or the only one where none is named."""
        named = [x for x in self.operations if name in {None, x.name and x.name.value}]
        return named[0] if len(named) == 1 else None

    def roots(self, operation: OperationDefinitionNode) -> set[str]:
        """Give the names of all root fields, whether or not they are skipped."""
        return {*_roots(operation.selection_set, dict(self.fragments))}

    @property
    def of_schema(self) -> bool:
        """Whether it asks for nothing but what the schema says of itself: always the same."""
        return all(
            each.operation is OperationType.QUERY and self.roots(each) <= _OF_SCHEMA
            for each in self.operations
        )


@dataclass(slots=True, eq=False)
class Documents:
    """The documents that one schema was asked with."""

    schema: GraphQLSchema
    limits: Limits
    kept: Kept[Document] = field(default_factory=lambda: Kept(_ROOM, "documents"))
    answers: Kept[Fragment] = field(default_factory=lambda: Kept(_ROOM, "introspection"))
    """What the schema says of itself, by all that it was asked with."""

    async def read(self, text: str, effort: Effort = at_once) -> Document:
        """Give a document, valid or not.

        Raises GraphQLSyntaxError, and PrivacyError(LIMIT_EXCEEDED) with the limit that it passes.
        """
        self._check_length(text)
        return await self.kept.made(
            text, effort, partial(self.fresh, text), lambda _: weight_of(text)
        )

    def fresh(self, text: str) -> Document:
        """Read it anew, and keep nothing. Raises as `read` does."""
        node = self._parsed(text)
        measure(node, self.limits.document).check(self.limits.document)
        return Document(node, fragments_of(node), self._errors(node))

    def check_cost(self, document: Document, name: str | None, variables: Variables) -> None:
        """Raise PrivacyError(LIMIT_EXCEEDED) where the operation with these variables is too dear.

        For all but the dearest this is known after the first time, whatever the variables.
        """
        operation = document.operation(name)
        if operation is not None and not self.is_cheap(document, operation):
            found = cost_of(self.schema, operation, document.fragments, variables or {})
            if found > self.limits.cost:
                raise _too_dear(found, self.limits.cost)

    def is_cheap(self, document: Document, operation: OperationDefinitionNode) -> bool:
        """Whether no variables can make it cost too much."""
        most, name = document.most, operation.name.value if operation.name else ""
        if name not in most:
            most[name] = cost_of(self.schema, operation, document.fragments, None)
        return most[name] <= self.limits.cost

    def _parsed(self, text: str) -> DocumentNode:
        self._check_length(text)
        most = self.limits
        try:
            return parse(text, max_tokens=most.tokens)
        except GraphQLSyntaxError as error:
            if not error.message.endswith(_ABORTED):
                raise
            deep = _NESTED in error.message
        if deep:
            raise exceeded(WORDS["depth"], most.document.depth)
        raise exceeded("tokens", most.tokens)

    def _check_length(self, text: str) -> None:
        most = self.limits.characters
        if len(text) > most:
            raise exceeded("characters", most, len(text))

    def _errors(self, node: DocumentNode) -> list[GraphQLError]:
        """What validation says, cut where it says too much."""
        most = self.limits.errors
        errors = validate(self.schema, node, max_errors=most, hide_suggestions=True)
        if not (errors and isinstance(errors[-1], ValidationAbortedError)):
            return errors
        return errors[:most] if len(errors) > most else [_tangled()]


def _roots(
    selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """Look into each fragment once: it is taken out of what is left to look into."""
    for each in selected.selections:
        match each:
            case FieldNode(name=name):
                yield name.value
            case InlineFragmentNode(selection_set=inner):
                yield from _roots(inner, fragments)
            case FragmentSpreadNode(name=name) if found := fragments.pop(name.value, None):
                yield from _roots(found.selection_set, fragments)


def _tangled() -> GraphQLError:
    text = (
        "The document repeats fields and fragments so often that it cannot be checked: name each "
        "of them once."
    )
    return GraphQLError(text, original_error=PrivacyError(ErrorCode.LIMIT_EXCEEDED, text))


def _too_dear(cost: int, limit: int) -> PrivacyError:
    text = (
        f"The operation costs {cost:,}, and at most {limit:,} are answered: ask for fewer fields, "
        "or for smaller pages."
    )
    return PrivacyError(ErrorCode.LIMIT_EXCEEDED, text)
