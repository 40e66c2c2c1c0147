"""What one reader may see of one person: each cell decided by the reference of the rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker, Grant, Grants
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import Reason
from tests.oracle_people import ACCOUNT, KEEPER, Held, Person
from tests.real import CATALOGUE, STORED
from tests.reference import reference

GRANTS = Grants(CATALOGUE)
"""Asked for two things alone, which the reference says slowly: whether a field could ever be open
to a reader, and whether a row of which nothing is known could be."""
PATHS: Mapping[str, Sequence[str]] = {
    relation: [path for path in STORED if CATALOGUE.fields[path].relation == relation]
    for relation in CATALOGUE.relations
}


@dataclass(frozen=True)
class Reader:
    """Who reads, for what, when, and the party for whom ids and cursors are made."""

    audience: str
    purpose: str
    now: datetime
    company: str | None = None
    on_behalf_of: str | None = None
    member: str | None = None
    """Reads about themself alone."""
    office: str | None = None
    """A privacy officer's company; "*" is the group's office."""
    watched: bool = False
    """A company, while the member looks on."""

    def question(self, path: str) -> Question:
        alone = self.member is not None
        return Question(
            self.company, self.on_behalf_of, self.purpose, path, self.now, alone, self.watched
        )

    def grant(self, path: str) -> Grant:
        asker = Asker(self.company, self.on_behalf_of, self.member is not None, self.watched)
        return GRANTS.grant(asker, self.purpose, path, self.now)

    def never(self, *paths: str) -> bool:
        """Whether none of them could be open, whoever it is about."""
        return all(self.grant(path).reason is Reason.NOT_PERMITTED for path in paths)

    def reason(self, *paths: str) -> str:
        """What is told where all of them are withheld; from members nothing but the law withholds
        what is theirs."""
        if self.member is not None:
            return "WITHHELD_BY_LAW"
        return "NOT_PERMITTED" if self.never(*paths) else "NOT_OPEN"


class Sight:
    """One person before one reader."""

    def __init__(self, reader: Reader, person: Person) -> None:
        self.reader, self.person = reader, person
        self._open: dict[tuple[str, str], frozenset[str]] = {}

    def open_paths(self, row: Held) -> frozenset[str]:
        """The paths of the row's open cells, those too that hold nothing."""
        place = row.relation, row.key
        if place not in self._open:
            paths = PATHS[row.relation]
            self._open[place] = frozenset(p for p in paths if self._is_open(p, row.facts))
        return self._open[place]

    def _is_open(self, path: str, facts: ValueFacts) -> bool:
        reader = self.reader
        if reader.member not in {None, self.person.key}:
            return False
        if reader.watched and CATALOGUE.fields[path].withheld_from_subject:
            return False
        return reference(CATALOGUE, reader.question(path), self.person.events, facts).allow

    def value(self, row: Held, path: str) -> Any:
        """What the reader sees in a cell; None is missing or withheld."""
        return row.cells[path] if path in self.open_paths(row) else None

    def rows(self, relation: str) -> Sequence[Held]:
        """The open rows, by key: those of which something is open."""
        return [row for row in self.person.rows[relation] if self.open_paths(row)]

    def could(self, paths: Iterable[str]) -> bool:
        """Whether some row could be open in one of these fields, its own facts left free."""
        if self.reader.member not in {None, self.person.key}:
            return False
        freed = (self.reader.grant(path).freed() for path in paths)
        nothing, now = ValueFacts(""), self.reader.now
        return any(grant.opened_by(self.facts, nothing, now) for grant in freed)

    @cached_property
    def facts(self) -> MemberFacts:
        return fold(self.person.events, self.reader.now, CATALOGUE)

    @cached_property
    def visible(self) -> bool:
        """Somebody with an account, of whom a value or a row is open, or an officer's matter."""
        if self.person.account is None or not self.person.events:
            return False
        if self.reader.office is not None:
            return self._known_to(self.reader.office)
        return any(self.open_paths(row) for rows in self.person.rows.values() for row in rows)

    def _known_to(self, office: str) -> bool:
        """Whether something lies or stood linked at the officer's company, by whomever acquired."""
        now = self.reader.now
        if office == "*" or CATALOGUE.custodian(KEEPER, now) == office:
            return True
        held = (row for name, rows in self.person.rows.items() if name != ACCOUNT for row in rows)
        return office in self.person.links or any(
            office in {CATALOGUE.custodian(row.facts.acquired_by, now), row.facts.merchant}
            for row in held
        )

    @property
    def account_id(self) -> str | None:
        """Under which the reader's company, or its controller, knows the person."""
        link = self.person.links.get(self.reader.on_behalf_of or self.reader.company or "")
        return link.account_id if link and link.linked_at <= self.reader.now else None


class EmptySight(Sight):
    """Everything is open and nothing is there: what is asked about nobody is refused alike."""

    def open_paths(self, row: Held) -> frozenset[str]:
        return frozenset(PATHS[row.relation])

    def could(self, paths: Iterable[str]) -> bool:
        return True


class Sights:
    """Everybody before every reader, each decided once."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = {person.key: person for person in people}
        self._made: dict[tuple[Reader, str], Sight] = {}

    def of(self, reader: Reader, key: str) -> Sight | None:
        """One person, unless hidden or unknown."""
        if key not in self.people:
            return None
        if (reader, key) not in self._made:
            self._made[reader, key] = Sight(reader, self.people[key])
        sight = self._made[reader, key]
        return sight if sight.visible else None

    def visible(self, reader: Reader) -> Sequence[Sight]:
        found = (self.of(reader, key) for key in sorted(self.people))
        return [sight for sight in found if sight]
