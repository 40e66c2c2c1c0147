"""What is told of fields beside their values: how they stand for the reader, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policy.decide import Decision, decide
from policy.facts import ValueFacts
from policy.situation import Question
from policy.vocabulary import SUBJECT_REQUEST
from tests.oracle_people import ACCOUNT, Held
from tests.oracle_sight import PATHS, Sight
from tests.real import CATALOGUE


@dataclass(frozen=True)
class FieldAccess:
    """What `access` tells of one field."""

    field: str
    state: str
    reason: str | None


def access(sight: Sight, path: str) -> FieldAccess:
    """VISIBLE where a value is; WITHHELD where none could be, or a row that is there withholds."""
    relation = CATALOGUE.fields[path].relation
    rows = sight.person.rows[relation] if relation == ACCOUNT else sight.rows(relation)
    if any(sight.value(row, path) is not None for row in rows):
        return FieldAccess(path, "VISIBLE", None)
    shut = any(path not in sight.open_paths(row) for row in rows)
    if shut or not sight.could([path]):
        return FieldAccess(path, "WITHHELD", why_field(sight, path))
    return FieldAccess(path, "ABSENT", None)


def why_cell(sight: Sight, row: Held, path: str) -> str:
    """Why this cell is withheld."""
    if not sight.reader.watched:
        return sight.reader.reason(path)
    return _furthest(sight, [path], [_decided(sight, path, row.facts)])


def why_field(sight: Sight, path: str) -> str:
    """Why nothing of a field is shown."""
    return _why(sight, [path], CATALOGUE.fields[path].relation)


def why_list(sight: Sight, relation: str) -> str:
    """Why a list as a whole is withheld."""
    return _why(sight, PATHS[relation], relation)


def _why(sight: Sight, paths: Sequence[str], relation: str) -> str:
    """Of all that the member may know of, what came furthest."""
    if not sight.reader.watched:
        return sight.reader.reason(*paths)
    rows = sight.person.rows[relation]
    decided = (
        _decided(sight, path, row.facts)
        for path in paths
        for row in rows
        if _is_ones_own(sight, path, row.facts)
    )
    return _furthest(sight, paths, decided)


def _decided(sight: Sight, path: str, facts: ValueFacts) -> Decision:
    return decide(CATALOGUE, sight.reader.question(path), sight.facts, facts)


def _is_ones_own(sight: Sight, path: str, facts: ValueFacts) -> bool:
    question = Question(None, None, SUBJECT_REQUEST, path, sight.reader.now, subject_self=True)
    return decide(CATALOGUE, question, sight.facts, facts).disclose


def _furthest(sight: Sight, paths: Sequence[str], decided: Iterable[Decision]) -> str:
    """The rule's own code; the coarse reason where there is nothing to decide about."""
    if all(CATALOGUE.fields[path].withheld_from_subject for path in paths):
        return "WITHHELD_BY_LAW"
    shut = [each for each in decided if each.code]
    best = max(shut, key=lambda each: each.reasons[0].stage or 0, default=None)
    return str(best.code) if best else replace(sight.reader, watched=False).reason(*paths)
