"""The selection plan of a personal entry: which relations, columns and response keys are asked for.

Collected with graphql-core's own field collection, so fragments, aliases, `@skip` and `@include`
mean here what they mean to the executor.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.criteria import Below
from resolvers.asking import Eyes
from resolvers.lists import Asked


@dataclass(frozen=True, slots=True)
class Scalar:
    """A personal value: response key and catalogue path."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class Party:
    """A personal value that names a company."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class NodeId:
    """An id: response key and the GraphQL type whose object it names."""

    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Acquirer:
    key: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an open row came to be: response key and column."""

    key: str
    column: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A list below its parent, or `members` itself: what is selected of page and entries.

    Each part stands with its response key; one connection can show its page and entries
    repeatedly. A `bare` list is its one list of nodes.
    """

    key: str
    asked: Asked
    totals: tuple[str, ...] = ()
    page_infos: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    node_lists: tuple[tuple[str, "Object"], ...] = ()
    edge_lists: tuple[tuple[str, "Edge"], ...] = ()
    bare: bool = False

    @property
    def relation(self) -> str:
        return self.asked.relation

    @property
    def shows_entries(self) -> bool:
        """Whether more than their number is asked for."""
        return bool(self.page_infos or self.node_lists or self.edge_lists)

    def objects(self) -> Iterator["Object"]:
        """Give every selection made on the entries."""
        yield from (node for _, node in self.node_lists)
        for _, edge in self.edge_lists:
            yield from (node for _, node in edge.nodes)

    @property
    def paths(self) -> tuple[str, ...]:
        """The personal fields selected on the entries, each once."""
        return tuple(dict.fromkeys(path for each in self.objects() for path in each.paths))


@dataclass(frozen=True, slots=True)
class Edge:
    cursors: tuple[str, ...]
    nodes: tuple[tuple[str, "Object"], ...]


@dataclass(frozen=True, slots=True)
class Access:
    """How these fields of a member stand for the caller."""

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consents:
    """Where a member's consents stand."""

    key: str


@dataclass(frozen=True, slots=True)
class SeenBy:
    """The member as these eyes, a company's, see them."""

    key: str
    eyes: Eyes
    seen: "Object"


Beside = Access | Consents | SeenBy
"""What is told of a member beside the catalogue's values."""

Output = Scalar | Party | NodeId | Acquirer | Provenance | Connection | Beside


@dataclass(frozen=True, slots=True)
class Object:
    """What is selected of one member or one row."""

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of each member, however many response keys show it."""

    selected: tuple[str, ...]
    lists: Mapping[Asked, tuple[Connection, ...]]
    beside: tuple[Beside, ...] = ()

    @classmethod
    def by(cls, objects: Iterable[Object]) -> "Wanted":
        """Give what these selections want together."""
        selected = tuple(objects)
        lists: dict[Asked, tuple[Connection, ...]] = {}
        for connection in (each for one in selected for each in one.connections):
            lists[connection.asked] = (*lists.get(connection.asked, ()), connection)
        beside = tuple(each for one in selected for each in one.beside)
        paths = dict.fromkeys(path for one in selected for path in one.paths)
        return cls(tuple(paths), lists, beside)

    @property
    def paths(self) -> tuple[str, ...]:
        """The account's fields that a member's own tuple holds: `access` reads its part there."""
        scalars = (path for path in accessed(self.beside) if "." not in path)
        return tuple(dict.fromkeys((*self.selected, *scalars)))

    @property
    def below(self) -> tuple[Below, ...]:
        """The lists as the members' own statement tells of them: open or not, and how many."""
        return tuple(
            Below(asked.relation, asked.where if self.counts(asked) else None)
            for asked in self.lists
        )

    @property
    def binds(self) -> Mapping[str, object]:
        """What counting those lists binds."""
        counted = (asked for asked in self.lists if self.counts(asked))
        return {name: value for asked in counted for name, value in asked.operands.items()}

    def counts(self, asked: Asked) -> bool:
        """Whether the number of a list's entries is told."""
        return any(each.totals for each in self.lists[asked])

    def shown(self) -> Iterator[tuple[Asked, tuple[str, ...]]]:
        """Give the lists whose entries are read, each with the fields selected on them."""
        for asked, connections in self.lists.items():
            if any(each.shows_entries for each in connections):
                every = (path for each in connections for path in each.paths)
                yield asked, tuple(dict.fromkeys(every))


def accessed(beside: Iterable[Beside]) -> tuple[str, ...]:
    """Give the fields that `access` asks about, each once, wherever it stands."""
    every = (path for each in beside if isinstance(each, Access) for path in each.paths)
    return tuple(dict.fromkeys(every))
