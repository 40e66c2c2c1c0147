"""Grants: the rule partially evaluated for a company, a purpose and an access class.

What request and catalogue settle is gone; what is left is a choice of alternatives, each a
conjunction of tests over facts of the member and of the row. It holds within one epoch only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from policy.access_classes import access_classes, alike
from policy.catalogue import Catalogue, Relation
from policy.conditions import Condition, Test
from policy.decide import Candidate, Rule, rule
from policy.facts import MemberFacts, ValueFacts
from policy.prospects import covers, prospects
from policy.provided import Provided
from policy.row_tests import AcquiredBy, OfService
from policy.situation import Question, Situation
from policy.vocabulary import DocumentScope, Reason, RowFact, Stage

Origin = tuple[str, str | None]
"""Who acquired a value, and through which service that a document singles out (None: another)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom grants are made. `subject_self`: the member about themself.

    `shown_to_subject`: a company, while the member looks on.
    """

    company: str | None
    on_behalf_of: str | None = None
    subject_self: bool = False
    shown_to_subject: bool = False

    def question(self, purpose: str, path: str, at: datetime) -> Question:
        """Give the question that this asker puts."""
        selves = (self.subject_self, self.shown_to_subject)
        return Question(self.company, self.on_behalf_of, purpose, path, at, *selves)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in: all tests must hold, then this provision is the basis."""

    number: int
    key: str
    tests: tuple[Test, ...]
    document: str | None = field(default=None, compare=False)
    """Which document in force holds the provision; None for self access."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return all(test.holds(member, value, at) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Grant:
    """What opens the values of one access class; no alternative = closed. Most specific first."""

    relation: str
    alternatives: tuple[Alternative, ...]
    reason: Reason
    """What a recipient learns of a cell that this grant withholds."""
    valid_from: datetime
    valid_until: datetime

    def opened_by(self, member: MemberFacts, value: ValueFacts, at: datetime) -> Alternative | None:
        """Give the first alternative that holds, None if the value is withheld.

        Raises ValueError outside the grant's epoch: an expired grant is never used.
        """
        if not self.valid_from <= at < self.valid_until:
            raise ValueError("the grant belongs to another epoch")
        return next((way for way in self.alternatives if way.holds(member, value, at)), None)

    def freed(self) -> "Grant":
        """Give the grant with the row's facts left free: whether some row could be open."""
        ways = (replace(way, tests=tuple(_freed(way.tests))) for way in self.alternatives)
        return replace(self, alternatives=tuple(dict.fromkeys(ways)))


KEPT = 10_000
"""Grants, however many companies and purposes members look through."""


class Grants:
    """Builds the grants of one catalogue and keeps each for its epoch."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._classes = access_classes(catalogue)
        self._singled_out = frozenset(
            document.service
            for document in catalogue.documents.values()
            if document.scope is DocumentScope.SERVICE and document.service is not None
        )
        self._kept: dict[tuple[Asker, str, str], Grant] = {}
        self._alike = alike(catalogue)
        self._latest: Requested | None = None

    def access_class(self, path: str) -> str:
        """Give the field that stands for all that are decided alike; they share their grants."""
        return self._classes[path]

    def grant(self, asker: Asker, purpose: str, path: str, at: datetime) -> Grant:
        """Give the grant for this field in the epoch of `at`."""
        if len(self._kept) >= KEPT:
            self._kept.clear()
        key = (asker, purpose, self.access_class(path))
        kept = self._kept.get(key)
        if kept is None or not kept.valid_from <= at < kept.valid_until:
            kept = self._kept[key] = self._build(*key, at)
        return kept

    def _build(self, asker: Asker, purpose: str, path: str, at: datetime) -> Grant:
        """Make a grant, once for relations that the rule does not tell apart."""
        of_field = self._stated_so_far(asker.question(purpose, "", self.epoch(at)[0]), path)
        relation = self.catalogue.relations[self.catalogue.fields[path].relation]
        made, kind = of_field.grants, (relation.facts, relation.acquirers, bool(relation.name))
        if kind not in made:
            made[kind] = self._made(of_field, relation)
        return replace(made[kind], relation=relation.name)

    def _made(self, of_field: "Stated", relation: Relation) -> Grant:
        start, end = self.epoch(of_field.question.at)
        origins_of: dict[Candidate, set[Origin]] = defaultdict(set)
        permitted = False
        for origin, stated in self._rules(of_field, relation):
            partial = _Partial(stated, relation)
            permitted = permitted or partial.permitted
            for way in partial.ways:
                origins_of[way].add(origin)
        return Grant(
            relation=relation.name,
            alternatives=tuple(self._alternatives(origins_of, relation)),
            reason=Reason.NOT_OPEN if permitted else Reason.NOT_PERMITTED,
            valid_from=start,
            valid_until=end,
        )

    def _rules(self, of_field: "Stated", relation: Relation) -> Iterator[tuple[Origin, Rule]]:
        """State the rule for each origin of which a value could be open at all."""
        alone = of_field.question.about_oneself
        for origin in self._origins(relation, of_field.acquirers):
            if origin not in of_field.rules:
                among = [each for each in of_field.every if each.reaches(*origin)]
                situation = of_field.situation(self.catalogue, origin)
                of_field.rules[origin] = rule(situation, among) if among or alone else None
            if stated := of_field.rules[origin]:
                yield origin, stated

    def _stated_so_far(self, asked: Question, path: str) -> "Stated":
        """Give what is stated for this request and the fields that they do not tell apart."""
        request, alike = self._latest, self._alike[path]
        if request is None or asked != request.asked:
            request = self._latest = Requested(asked, prospects(self.catalogue, asked))
        if alike not in request.stated:
            question = replace(asked, field=path)
            of_anybody = Situation(self.catalogue, question, "", None)
            every = [each for each in request.prospects if covers(of_anybody, each)]
            acquirers = frozenset().union(*(each.acquirers for each in every))
            if question.about_oneself:
                acquirers = acquirers.union(self.catalogue.companies)
            request.stated[alike] = Stated(question, every, acquirers, request.situations)
        return request.stated[alike]

    def _origins(self, relation: Relation, among: frozenset[str]) -> Iterator[Origin]:
        services = sorted(self._singled_out) if RowFact.SERVICE in relation.facts else ()
        acquirers = sorted(among.intersection(relation.acquirers or self.catalogue.companies))
        return ((acquirer, service) for acquirer in acquirers for service in (None, *services))

    def _alternatives(
        self, origins_of: Mapping[Candidate, set[Origin]], relation: Relation
    ) -> Iterator[Alternative]:
        for way in sorted(origins_of, key=lambda way: way.rank):
            tests = tuple(c.test for c in way.conditions if not isinstance(c.test, bool))
            for provenance in self._provenance(origins_of[way], relation):
                yield Alternative(way.number, way.key, (*provenance, *tests), way.document)

    def _provenance(
        self, origins: Iterable[Origin], relation: Relation
    ) -> Iterator[tuple[Test, ...]]:
        """Say in tests where a value must come from: one tuple per set of acquirers."""
        acquirers_of: dict[str | None, set[str]] = defaultdict(set)
        for acquirer, service in origins:
            acquirers_of[service].add(acquirer)
        services_of: dict[frozenset[str], set[str | None]] = defaultdict(set)
        for service, found in acquirers_of.items():
            services_of[frozenset(found)].add(service)
        for acquirers, services in services_of.items():
            tests: list[Test] = []
            if relation.name:  # the account has one acquirer, and no column for it
                tests.append(AcquiredBy(acquirers))
            if RowFact.SERVICE in relation.facts and services != {None, *self._singled_out}:
                named = frozenset(service for service in services if service is not None)
                tests.append(OfService(named, self._singled_out if None in services else None))
            yield tuple(tests)

    @property
    def needed_together(self) -> Mapping[frozenset[str], int]:
        """Give the items of which an index says who gave them all, with its number there."""
        return self.catalogue.needed_together

    def epoch(self, at: datetime) -> tuple[datetime, datetime]:
        """Give the interval around `at` in which nothing dated in the catalogue changes."""
        return self.catalogue.epoch(at)


@dataclass(frozen=True, slots=True)
class Requested:
    """What is worked out for one request so far.

    INVARIANT: all of it follows from its key, so that it does not matter which thread adds it.
    """

    asked: Question
    prospects: Sequence[Provided]
    situations: dict[Origin, Situation] = field(default_factory=dict)
    """Of whichever of its fields was looked at last."""
    stated: "dict[str, Stated]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stated:
    """What one request takes for fields that are decided alike."""

    question: Question
    every: Sequence[Provided]
    """The provisions that could open one of them, whoever acquired the value."""
    acquirers: frozenset[str]
    """Those of whose values one of these could open something."""
    situations: dict[Origin, Situation]
    rules: dict[Origin, Rule | None] = field(default_factory=dict)
    grants: dict[object, Grant] = field(default_factory=dict)
    """One for each kind of relation."""

    def situation(self, catalogue: Catalogue, origin: Origin) -> Situation:
        """Give that of values of this origin, with what holds for other fields as well."""
        known = self.situations.get(origin) or Situation(catalogue, self.question, *origin)
        found = self.situations[origin] = known.about(self.question)
        return found


class _Partial:
    """The rule for one origin, with what its relation settles settled."""

    def __init__(self, stated: Rule, relation: Relation) -> None:
        self.permitted, self.ways = False, tuple[Candidate, ...]()
        settled = [(way, _settled(way.conditions, relation)) for way in stated.candidates]
        candidates = [(way, left) for way, left in settled if not _fails(_static(left))]
        if candidates and not _fails(gates := _settled(stated.gates, relation)):
            self.permitted = True
            self.ways = tuple(
                replace(way, conditions=(*gates, *left))
                for way, left in candidates
                if not _fails(left)
            )


def _settled(conditions: Iterable[Condition], relation: Relation) -> tuple[Condition, ...]:
    settled = (condition.settled(relation.facts) for condition in conditions)
    return tuple(condition for condition in settled if condition.test is not True)


def _fails(conditions: Iterable[Condition]) -> bool:
    return any(condition.test is False for condition in conditions)


def _static(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Give those of stages 1 to 4, which tell NOT_PERMITTED from NOT_OPEN."""
    return (c for c in conditions if c.stage is None or c.stage <= Stage.RESTRICTION)


def _freed(tests: Iterable[Test]) -> Iterator[Test]:
    for test in tests:
        free = test.freed()
        if not isinstance(free, bool):
            yield free
