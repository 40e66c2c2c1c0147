"""How much one request may ask for, and how much of a document there is: measured in one walk."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from policy.errors import ErrorCode, PrivacyError

KIB = 1024


@dataclass(frozen=True, slots=True)
class Measure:
    """What a document asks for; of limits: at most so many."""

    definitions: int = 100
    variables: int = 100
    directives: int = 200
    aliases: int = 200
    roots: int = 20
    """Fields at the root of one operation, fragments spread."""
    depth: int = 50
    """Fields and fragments in one another."""
    digits: int = 100
    """Of the longest number: Python reads those of some thousands no more."""

    def check(self, most: "Measure") -> None:
        """Raise PrivacyError(LIMIT_EXCEEDED) that names the first limit that is passed."""
        for each in fields(self):
            found, limit = getattr(self, each.name), getattr(most, each.name)
            if found > limit:
                raise exceeded(WORDS[each.name], limit, found)


WORDS: Mapping[str, str] = {
    "definitions": "operations and fragments",
    "variables": "variables",
    "directives": "directives",
    "aliases": "aliases",
    "roots": "fields at the root of an operation",
    "depth": "levels of fields and fragments in one another",
    "digits": "digits in one number",
}
"""What a limit of a document is called."""


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so much, of one request and its answer."""

    body: int = KIB * KIB
    """Bytes of a request, and of a message of a socket."""
    characters: int = 64 * KIB
    """Of a document."""
    tokens: int = 1_500
    """Names, values and signs of a document, comments counted."""
    document: Measure = Measure()
    values: int = 10_000
    """In the variables of a request, lists and objects counted as well."""
    cost: int = 250_000
    """Values that an answer can hold, by the sizes of its pages."""
    errors: int = 20
    """Told of one request."""
    answer: int = 16 * KIB * KIB
    """Bytes of the data of an answer."""


def exceeded(what: str, limit: int, found: int | None = None) -> PrivacyError:
    """The refusal of a document that asks for too much of something."""
    has = "more" if found is None else f"{found:,}"
    text = f"A document has at most {limit:,} {what}; this one has {has}."
    return PrivacyError(ErrorCode.LIMIT_EXCEEDED, text)


def measure(document: DocumentNode, most: Measure) -> Measure:
    """Measure a document, valid or not, in time that grows with its length alone.

    Raises PrivacyError(LIMIT_EXCEEDED) where it is deeper than that.
    """
    nesting = Nesting(fragments_of(document), most.depth)
    kinds, aliases, digits = Counter[type[Node]](), 0, 0
    for node in _nodes(document):
        kinds[type(node)] += 1
        if isinstance(node, FieldNode):
            aliases += node.alias is not None
        elif isinstance(node, IntValueNode | FloatValueNode):
            digits = max(digits, len(node.value))
    nested = [
        nesting.of(each.selection_set)
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    ]
    return Measure(
        definitions=len(document.definitions),
        variables=kinds[VariableDefinitionNode],
        directives=kinds[DirectiveNode],
        aliases=aliases,
        roots=max((roots for _, roots in nested), default=0),
        depth=max((depth for depth, _ in nested), default=0),
        digits=digits,
    )


def fragments_of(document: DocumentNode) -> Mapping[str, FragmentDefinitionNode]:
    """Give the fragments of a document by name."""
    found = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
    return {each.name.value: each for each in found}


Nested = tuple[int, int]
"""How deep, and how many fields there are at the top."""


@dataclass(slots=True)
class Nesting:
    """Looks into each fragment once, however often it is spread."""

    fragments: Mapping[str, FragmentDefinitionNode]
    most: int
    known: dict[str, Nested] = field(default_factory=dict)

    def of(self, selected: SelectionSetNode | None, level: int = 0) -> Nested:
        """Give how deep a selection is, and how many fields it has. Raises LIMIT_EXCEEDED."""
        if level > self.most:
            raise exceeded(WORDS["depth"], self.most)
        depth = number = 0
        for each in selected.selections if selected else ():
            below, inner = self._below(each, level + 1)
            depth, number = max(depth, below + 1), number + inner
        return depth, number

    def _below(self, each: Node, level: int) -> Nested:
        match each:
            case FieldNode(selection_set=inner):
                return self.of(inner, level)[0], 1
            case InlineFragmentNode(selection_set=inner):
                return self.of(inner, level)
            case FragmentSpreadNode(name=name):
                return self._spread(name.value, level)
        raise TypeError(type(each).__name__)

    def _spread(self, name: str, level: int) -> Nested:
        if name not in self.known:
            self.known[name] = 0, 0  # while it is looked into: one that holds itself is invalid
            if name in self.fragments:
                self.known[name] = self.of(self.fragments[name].selection_set, level)
        return self.known[name]


def _nodes(document: DocumentNode) -> Iterator[Node]:
    """Give every node but names and types, without recursion."""
    stack: list[Node] = [document]
    while stack:
        node = stack.pop()
        yield node
        for key in _BELOW.get(node.kind, ()):
            below = getattr(node, key)
            if isinstance(below, Node):
                stack.append(below)
            elif below:
                stack.extend(below)


_NAMES = {"name", "alias", "variable", "type", "type_condition"}
_BELOW = {
    kind: tuple(key for key in keys if key not in _NAMES)
    for kind, keys in QUERY_DOCUMENT_KEYS.items()
}
"""By kind of node, where others stand below it."""
