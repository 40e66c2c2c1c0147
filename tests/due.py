"""What the ledger has to hold of what was received: by the decision, not by what is under test."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.disclosure import RETURNED, SELF_ACCESS, Item, Opened, Origin, Use
from policy.grant import Asker
from policy.vocabulary import Code, Reason
from resolvers.seal import Seal
from tests.lives import Life
from tests.received import Shape
from tests.sights import GRANTS, PATHS, Caller, Eyes, SeenRow, Sight

ACCOUNT = Origin("rakuten_group", "ACCOUNT", "")
THERE = Opened(RETURNED)

Told = tuple[str, frozenset[str], int]
"""A number: of which entries, by which fields, how many."""


@dataclass
class Due:
    """Takes down what one root showed to a caller, and says what is due."""

    eyes: Eyes
    audience: str
    """For whom the ids are made."""
    lives: Mapping[str, Life]
    seal: Seal
    items: defaultdict[str, defaultdict[Item, set[Opened]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    either: defaultdict[tuple[str, Item], defaultdict[Origin, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """Of rows of one origin any number of a provision that opens some field of theirs will do."""
    open: set[tuple[str, str, str]] = field(default_factory=set)
    withheld: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(member, row or list, path) → reason."""
    totals: set[Told] = field(default_factory=set)
    nobody: frozenset[str] = frozenset()
    """What a search looked at that found nobody."""
    seen_through: list["Due"] = field(default_factory=list)

    def member(self, id_: str) -> str:
        key = self._key(id_)
        self.items[key]["", Use.SELECT].add(THERE)
        return key

    def cell(self, member: str, row: str | None, path: str) -> None:
        seen = self._row(member, row, path.rpartition(".")[0]) if row else None
        cells = seen.cells if seen else self._sight(member).cells
        where = member, row or "", path
        if path not in cells:
            self.withheld[where] = self._reason([path])
            return
        self.open.add(where)
        origin = origin_of(seen) if seen else ACCOUNT
        self.items[member][path, Use.SELECT].add(Opened(cells[path][0], origin))

    def shut(self, member: str, relation: str) -> None:
        assert relation not in self._sight(member).lists
        self.withheld[member, relation, relation] = self._reason(PATHS[relation])

    def listed(self, member: str, relation: str, rows: Sequence[str], given: Shape) -> None:
        items = self.items[member]
        seen = [self._row(member, row, relation) for row in rows]
        items[relation, Use.SELECT].add(THERE)
        self._rows(member, (relation, Use.SELECT), seen)
        for path in filtered(relation, given.get("filter")):
            items[path, Use.FILTER] |= opened(path, seen) or {THERE}
        for path in ordered(relation, given.get("orderBy")):
            items[path, Use.ORDER] |= opened(path, seen)

    def page(self, members: Sequence[str], given: Shape) -> None:
        """A search that finds nobody tells that, too."""
        where = given.get("filter")
        self.nobody = frozenset() if members else frozenset(looked_at(where))
        for member in members:
            self._led_to(member, given)

    def beyond_list(self, member: str, relation: str, row: str, given: Shape) -> None:
        """That a list goes on tells that the row is there, and what led to it."""
        items, seen = self.items[member], [self._row(member, row, relation)]
        self._rows(member, (relation, Use.COUNT), seen)
        for path in filtered(relation, given.get("filter")):
            items[path, Use.FILTER] |= opened(path, seen)
        for path in ordered(relation, given.get("orderBy")):
            items[path, Use.ORDER] |= opened(path, seen)

    def beyond_page(self, member: str, given: Shape) -> None:
        """That a page goes on tells that the member is there, and what led to them."""
        key = self._key(member)
        self.items[key]["", Use.COUNT].add(THERE)
        self._led_to(key, given)

    def _led_to(self, member: str, given: Shape) -> None:
        where = given.get("filter")
        self._of_member(member, filtered("", where), Use.FILTER)
        self._of_member(member, ordered("", given.get("orderBy")), Use.ORDER)
        for relation, paths in below(where):
            self._looked_at(member, relation, paths, Use.FILTER)

    def total(self, member: str | None, relation: str, number: int, given: Shape) -> None:
        where = given.get("filter")
        fields = looked_at(where) if member is None else filtered(relation, where)
        told = frozenset(fields)
        self.totals.add((relation, told, number))
        if member is not None:
            self._looked_at(member, relation, told, Use.COUNT)

    def access(self, member: str, path: str, state: str) -> None:
        if state == "WITHHELD":
            return
        relation, sight = path.rpartition(".")[0], self._sight(member)
        if relation:
            due = opened(path, sight.lists.get(relation, ())) or {THERE}
        else:
            due = {Opened(sight.cells[path][0], ACCOUNT)}
        self.items[member][path, Use.COUNT] |= due

    def consents(self, member: str) -> None:
        self.items[member]["consents", Use.SELECT].add(THERE)

    def explained(self, member: str, path: str) -> None:
        self.items[member][path, Use.COUNT].add(THERE)

    def account_id(self, member: str) -> None:
        self.items[member]["linkedCompanies.accountId", Use.FILTER].add(THERE)

    def through(self, member: str, given: Shape) -> "Due":
        caller = Caller(given["company"], given.get("onBehalfOf"), given["purpose"])
        named = (caller.company or "", caller.on_behalf_of or "", caller.purpose)
        audience = "\0".join((self.audience, *named))
        seen = Due(Eyes(caller, self.eyes.now), audience, self.lives, self.seal)
        seen.items[member]["", Use.SELECT].add(THERE)
        self.seen_through.append(seen)
        return seen

    @property
    def members(self) -> Mapping[str, Mapping[Item, set[Opened]]]:
        """All items; what was shown of others' eyes is shown by self access."""
        due = {member: dict(items) for member, items in self.items.items()}
        for seen in self.seen_through:
            for member, items in seen.members.items():
                for item, each in items.items():
                    own = {o._replace(provision=min(o.provision, SELF_ACCESS)) for o in each}
                    due[member][item] = due[member].get(item, set()) | own
            for (member, item), origins in seen.either.items():
                own = {Opened(SELF_ACCESS, origin) for origin in origins}
                due[member][item] = due[member].get(item, set()) | own
        return due

    @property
    def reasons(self) -> Mapping[str, Counter[str]]:
        """How many cells were withheld of each member, for which reason."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for (member, _, _), reason in self.withheld.items():
            found[member][reason] += 1
        return found

    @property
    def cells(self) -> int:
        return len(self.open) + sum(seen.cells for seen in self.seen_through)

    @property
    def counts(self) -> set[Told]:
        said = any(relation == "members" for relation, _, _ in self.totals)
        found_nobody = {("members", self.nobody, 0)} if self.nobody and not said else set()
        return self.totals.union(found_nobody, *(seen.counts for seen in self.seen_through))

    def _of_member(self, member: str, paths: Iterable[str], use: Use) -> None:
        cells = self._sight(member).cells
        for path in paths:
            if path in cells:
                self.items[member][path, use].add(Opened(cells[path][0], ACCOUNT))

    def _looked_at(self, member: str, relation: str, paths: Iterable[str], use: Use) -> None:
        """All of the open rows: that none is like that is told of them too."""
        rows = self._sight(member).lists.get(relation, ())
        counted = {THERE} if use is Use.COUNT else set[Opened]()
        for path in paths:
            self.items[member][path, use] |= opened(path, rows) or counted
        self._rows(member, (relation, use), rows)
        if not rows:
            self.items[member][relation, use] |= counted

    def _rows(self, member: str, item: Item, rows: Iterable[SeenRow]) -> None:
        for row in rows:
            self.either[member, item][origin_of(row)] |= {
                number for number, _ in row.cells.values()
            }

    def _sight(self, member: str) -> Sight:
        sight = self.eyes.sees(self.lives[member])
        assert sight is not None, f"{member} was shown and is hidden"
        return sight

    def _row(self, member: str, id_: str, relation: str) -> SeenRow:
        key = self._key(id_)
        return next(row for row in self._sight(member).lists[relation] if row.key == key)

    def _key(self, id_: str) -> str:
        return self.seal.open_node_id(self.audience, id_)[1]

    def _reason(self, paths: Sequence[str]) -> str:
        caller = self.eyes.caller
        if caller.company is None:
            return Code.WITHHELD_BY_LAW
        asker = Asker(caller.company, caller.on_behalf_of)
        grants = (GRANTS.grant(asker, caller.purpose, path, self.eyes.now) for path in paths)
        return max((grant.reason for grant in grants), key=lambda each: each is Reason.NOT_OPEN)


def origin_of(row: SeenRow) -> Origin:
    return Origin(*row.provenance[:3])


def opened(path: str, rows: Iterable[SeenRow]) -> set[Opened]:
    """What opened this field of those rows in which it is open."""
    return {Opened(row.cells[path][0], origin_of(row)) for row in rows if path in row.cells}


def filtered(relation: str, where: Any) -> Iterator[str]:
    """The fields of its own entries that a filter names."""
    return (path for path, rows in _named(relation, where) if rows is None)


def below(where: Any) -> Iterator[tuple[str, Sequence[str]]]:
    """The lists of members that a filter names, with the fields of their rows."""
    return ((relation, rows) for relation, rows in _named("", where) if rows is not None)


def looked_at(where: Any) -> Iterator[str]:
    yield from filtered("", where)
    for relation, paths in below(where):
        yield from (relation, *paths)


def ordered(relation: str, given: Any) -> Iterator[str]:
    """The fields that an order names, by the words of its enum."""
    for each in given if isinstance(given, list) else [given] if given else ():
        yield next(p for p in PATHS[relation] if word(p.rpartition(".")[2]) == each["field"])


def _named(relation: str, where: Any) -> Iterator[tuple[str, Sequence[str] | None]]:
    for name, given in (where or {}).items():
        if name in {"and", "or"}:
            for each in given if isinstance(given, list) else [given]:
                yield from _named(relation, each)
        elif name == "not":
            yield from _named(relation, given)
        elif not relation and name in PATHS:
            for each in given.values():
                yield name, list(filtered(name, each))
        else:
            yield (f"{relation}.{name}" if relation else name), None


def word(name: str) -> str:
    """A field's name as the enums of orders have it."""
    return "".join(f"_{each}" if each.isupper() else each for each in name).upper()
