"""Who can see something of one member, and who could: each company, for each of its purposes.

Nothing is decided here: the conditions of the rule (policy.decide) are walked for every value that
the member has, and those that do not hold are kept in place of the first of them alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from policy.access_classes import alike
from policy.catalogue import Catalogue
from policy.conditions import Condition
from policy.decide import Candidate, rule
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker, Origin
from policy.member_tests import ConsentedTo, Explicit, Published, Reaches, Stands
from policy.provisions import addressing
from policy.row_tests import ConsentedToRow
from policy.situation import Question, Situation
from policy.vocabulary import Code, CompanyKind, OpeningAct, Stage

Values = Mapping[str, Collection[ValueFacts]]
"""Relation → the provenance of what the member has in it."""
Asked = tuple[Asker, str]
"""Who asks, and for what purpose."""
Lacking = tuple[Condition, ...]
"""What does not hold."""


@dataclass(frozen=True, slots=True)
class Way:
    """A provision that opens something of the member, or would if what it lacks were there."""

    key: str
    document: str | None
    paths: tuple[str, ...]
    """What it opens, or would."""
    code: Code | None
    """Why it does not, what no consent would mend first; None where it does."""
    missing: tuple[str, ...] = ()
    """The items whose consent alone is missing; none where something else is missing as well."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A company, a processor for its controller, and one purpose of theirs."""

    asker: Asker
    purpose: str
    ways: tuple[Way, ...]
    """Those that open something first."""


def askers_of(catalogue: Catalogue, origins: Collection[Origin], at: datetime) -> Sequence[Asked]:
    """Give who could ask for values of these origins, and for what, in the catalogue's order."""
    start, _ = catalogue.epoch(at)
    named = frozenset[Asked]().union(*(_named(catalogue, origin, start) for origin in origins))
    return [each for each in _every(catalogue) if each in named]


def reader(
    catalogue: Catalogue,
    asked: Asked,
    member: MemberFacts,
    values: Values,
    at: datetime,
) -> Reader:
    """Give how the provisions stand for this one; there is none where nothing could be open."""
    start, _ = catalogue.epoch(at)
    found: dict[tuple[str, str | None], dict[str, Lacking]] = defaultdict(dict)
    for path, its in _decided_alike(catalogue).items():
        for value in values.get(catalogue.fields[path].relation, ()):
            for way in _ways(catalogue, asked, path, value, start):
                lacking = _lacking(way, member, value, at)
                if not any(map(_is_scope, lacking)):
                    of_way = found[way.key, way.document]
                    nearest = min(of_way.get(path, lacking), lacking, key=len)
                    of_way.update(dict.fromkeys(its, nearest))
    ways = (_told(member, *key, by_path) for key, by_path in found.items())
    return Reader(*asked, tuple(sorted(ways, key=lambda way: way.code is not None)))


def _ways(
    catalogue: Catalogue, asked: Asked, path: str, value: ValueFacts, at: datetime
) -> Sequence[Candidate]:
    """Give each provision that could open such a value, in the epoch that begins at `at`."""
    origin = (value.acquired_by, value.service)
    if asked not in _named(catalogue, origin, at):
        return ()
    asker, purpose = asked
    return _stated(catalogue, asker.question(purpose, alike(catalogue)[path], at), *origin)


def _lacking(way: Candidate, member: MemberFacts, value: ValueFacts, at: datetime) -> Lacking:
    """Give what does not hold; how far a consent reaches is no question while there is none."""
    found = [each for each in way.conditions if each.failure(member, value, at)]
    absent = {each.test.item for each in found if isinstance(each.test, Stands)}
    return tuple(
        each for each in found if not isinstance(each.test, Reaches) or each.test.item not in absent
    )


def origins_of(values: Values) -> frozenset[Origin]:
    """Give from where values come."""
    return frozenset((each.acquired_by, each.service) for its in values.values() for each in its)


def _told(
    member: MemberFacts, key: str, document: str | None, by_path: Mapping[str, Lacking]
) -> Way:
    """Give what the provision opens, or what it would once the member consents, or why not."""
    for holds in (_nothing, _consent_alone):
        if paths := tuple(path for path, lacking in by_path.items() if holds(lacking)):
            break
    else:
        paths = tuple(by_path)
    nearest: Lacking = min((by_path[path] for path in paths), key=len)
    nearest = tuple(sorted(nearest, key=_by_consent))
    code = _code(nearest[0], member) if nearest else None
    lacking = (each for path in paths for each in by_path[path])
    items = dict.fromkeys(_item(each) for each in lacking if _consent_alone(by_path[paths[0]]))
    return Way(key, document, paths, code, tuple(item for item in items if item is not None))


def _nothing(lacking: Lacking) -> bool:
    return not lacking


def _consent_alone(lacking: Lacking) -> bool:
    """Whether the member's consent would do: no age, no link, no order stands in its way."""
    return all(map(_by_consent, lacking))


def _by_consent(condition: Condition) -> bool:
    return _item(condition) is not None


def _is_scope(condition: Condition) -> bool:
    """Whether the provision does not reach the value at all: nothing that happens changes that."""
    return condition.stage is not None and condition.stage <= Stage.RESTRICTION


def _item(condition: Condition) -> str | None:
    match condition.test:
        case Stands(item=item) | Explicit(item=item):
            return item
        case ConsentedTo(item=item) | ConsentedToRow(item=item):
            return item
        case Published(act=OpeningAct.CONSENT, item=item):
            return item
    return None


def _code(condition: Condition, member: MemberFacts) -> Code:
    code = condition.code
    return code if isinstance(code, Code) else code.of(member)


@lru_cache(maxsize=32_768)  # the same for every member and every value of one origin
def _stated(
    catalogue: Catalogue, question: Question, acquirer: str, service: str | None
) -> tuple[Candidate, ...]:
    """State what could open such a value: each provision with all that is left to ask."""
    stated = rule(Situation(catalogue, question, acquirer, service))
    ways = (replace(way, conditions=(*stated.gates, *way.conditions)) for way in stated.candidates)
    return tuple(way for way in ways if all(each.test is not False for each in way.conditions))


@lru_cache(maxsize=256)
def _named(catalogue: Catalogue, origin: Origin, at: datetime) -> frozenset[Asked]:
    """Give for whom some provision in force provides such values, whatever the field."""
    return frozenset(
        (asker, purpose)
        for asker, purpose in _every(catalogue)
        if _is_named(Situation(catalogue, asker.question(purpose, "", at), *origin))
    )


def _is_named(situation: Situation) -> bool:
    """Whether some provision lists recipient and purpose: that looks at no field."""
    return situation.purpose_registered and any(
        all(
            each.test is not False
            for each in addressing(situation, provided.document, provided.provision)
        )
        for provided in situation.provided()
    )


@lru_cache(maxsize=4)
def _decided_alike(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    """Give the fields of each relation that are decided alike, under the first of them."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, field in catalogue.fields.items():
        found[field.relation, alike(catalogue)[path]].append(path)
    return {paths[0]: paths for paths in found.values()}


@lru_cache(maxsize=4)
def _every(catalogue: Catalogue) -> Sequence[Asked]:
    return tuple(
        (Asker(company, controller, shown_to_subject=True), purpose.key)
        for company in catalogue.companies
        for controller in _controllers(catalogue, company)
        for purpose in catalogue.purposes.values()
        if purpose.owner in {None, controller or company}
    )


def _controllers(catalogue: Catalogue, company: str) -> Iterator[str | None]:
    if catalogue.companies[company].kind is not CompanyKind.PROCESSOR:
        yield None
        return
    mandates = (each for each in catalogue.contracts if each.processor == company)
    yield from dict.fromkeys(each.controller for each in mandates)
