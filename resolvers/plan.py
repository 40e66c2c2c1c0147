"""The selection plan of a personal entry: which relations, columns and response keys are asked for.

It depends on the document and on what its `@skip` and `@include` say, on nothing else: who asks,
and the values of arguments, come with the request (resolvers/binding.py). What takes arguments has
a slot for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLOutputType

from resolvers.site import Selected


@dataclass(frozen=True, slots=True, eq=False)
class TypeName:
    """The name of the GraphQL type."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A personal value: response key, catalogue path and type."""

    key: str
    path: str
    type: GraphQLOutputType


@dataclass(frozen=True, slots=True, eq=False)
class Party:
    """A personal value that names a company."""

    key: str
    path: str
    selected: Selected


@dataclass(frozen=True, slots=True, eq=False)
class NodeId:
    """An id: response key and the GraphQL type whose object it names."""

    key: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Acquirer:
    """The company that acquired an open row."""

    key: str
    selected: Selected


@dataclass(frozen=True, slots=True, eq=False)
class Provenance:
    """How an open row came to be: response key, column and type."""

    key: str
    column: str
    type: GraphQLOutputType


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """How many entries a list has."""

    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a page stands: response keys with the names of what they show."""

    key: str
    shown: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """The entries of a page."""

    key: str
    node: "Object"


@dataclass(frozen=True, slots=True, eq=False)
class Cursor:
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The entries of a page with their cursors: what each edge shows, in order."""

    key: str
    shown: tuple["Cursor | Nodes | TypeName", ...]


Part = TypeName | Total | Place | Nodes | Edges


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """A list below its parent, or `members` itself: its slot, and what is selected of it, in order.

    A `bare` list is its one list of nodes.
    """

    key: str
    slot: int
    relation: str
    parts: tuple[Part, ...]
    bare: bool = False

    @property
    def counts(self) -> bool:
        """Whether the number of its entries is told."""
        return any(isinstance(part, Total) for part in self.parts)

    @property
    def shows_entries(self) -> bool:
        """Whether more than their number is asked for."""
        return any(isinstance(part, Place | Nodes | Edges) for part in self.parts)

    def shows(self, name: str | None) -> bool:
        """Whether `pageInfo` shows what is called so."""
        places = (part.shown for part in self.parts if isinstance(part, Place))
        return any(name == shown for place in places for _, shown in place)

    def objects(self) -> Iterator["Object"]:
        """Give every selection made on the entries."""
        for part in self.parts:
            match part:
                case Nodes(node=node):
                    yield node
                case Edges(shown=shown):
                    yield from (each.node for each in shown if isinstance(each, Nodes))

    @property
    def paths(self) -> tuple[str, ...]:
        """The personal fields selected on the entries, each once."""
        return tuple(dict.fromkeys(path for each in self.objects() for path in each.paths))


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """How fields of a member, which its slot names, stand for the caller."""

    key: str
    slot: int
    selected: Selected


@dataclass(frozen=True, slots=True, eq=False)
class Consents:
    """Where a member's consents stand."""

    key: str
    selected: Selected


@dataclass(frozen=True, slots=True, eq=False)
class SeenBy:
    """The member as the eyes in its slot, a company's, see them."""

    key: str
    slot: int
    seen: "Plan"


Beside = Access | Consents | SeenBy
"""What is told of a member beside the catalogue's values."""

Output = TypeName | Scalar | Party | NodeId | Acquirer | Provenance | Connection | Beside


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """What is selected of one member or one row, in order."""

    outputs: tuple[Output, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(out.path for out in self.outputs if isinstance(out, Scalar | Party))
        )

    @property
    def connections(self) -> tuple[Connection, ...]:
        return tuple(out for out in self.outputs if isinstance(out, Connection))

    @property
    def beside(self) -> tuple[Beside, ...]:
        return tuple(out for out in self.outputs if isinstance(out, Beside))


@dataclass(frozen=True, slots=True, eq=False)
class ListSlot:
    """The arguments of a list; a `whole` list takes none."""

    relation: str
    selected: Selected
    whole: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AccessSlot:
    """The fields that `access` asks about."""

    selected: Selected


@dataclass(frozen=True, slots=True, eq=False)
class SeenSlot:
    """The company and purpose of `asSeenBy`, and what is selected below it."""

    selected: Selected
    seen: "Plan"


Slot = ListSlot | AccessSlot | SeenSlot


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What one personal entry asks for: of a member, or of the page that `members` is.

    INVARIANT: compared by identity, so that what is made for a plan can be kept beside it.
    """

    root: Object | Connection
    slots: tuple[Slot, ...]
    constant: bool
    """Whether the document alone says what the slots hold, whoever asks and whenever."""
    weight: int
    """Bytes of the document, which is kept with it."""

    def objects(self) -> Iterator[Object]:
        """Give every selection made on members."""
        if isinstance(self.root, Object):
            yield self.root
        else:
            yield from self.root.objects()
