"""The rule of decision, stated once: each provision as an ordered tuple of conditions.

`decide` walks it and returns the first failure. A grant (policy.grant) is the same tuple without
what request and catalogue settle. Nothing else lists a condition.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from policy.catalogue import Catalogue
from policy.conditions import Condition
from policy.documents import Document, Provision
from policy.facts import MemberFacts, ValueFacts
from policy.gates import gates, self_conditions
from policy.provided import Provided
from policy.provisions import conditions
from policy.recording import to_be_recorded
from policy.situation import Question, Situation
from policy.vocabulary import Code, ConsentLevel, Stage

SELF = "SELF"
"""The basis of self access (art. 33): no provision, number 0."""
SELF_NUMBER = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provision that could be the basis, with all it takes."""

    key: str
    number: int
    scope: int
    level: ConsentLevel
    """The consent level it relies on."""
    conditions: tuple[Condition, ...]
    document: str | None = field(default=None, compare=False)
    """Which document in force holds it; None for self access."""

    @property
    def rank(self) -> tuple[int, int, str]:
        """Most specific first: document scope, then level relied on, then id (step 8)."""
        return (-self.scope, -self.level, self.key)


@dataclass(frozen=True, slots=True)
class Rule:
    """All it takes for one question about values of one acquirer and service.

    What request and catalogue give already is left out.
    """

    gates: tuple[Condition, ...]
    candidates: tuple[Candidate, ...]
    """By rank."""


@dataclass(frozen=True, slots=True)
class Reason:
    """How far one provision came; a gate has no provision, a success no code."""

    provision: str | None
    stage: Stage | None
    code: Code | None
    document: str | None = field(default=None, compare=False)
    """Which document holds the provision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, never a bare bool. `reasons` is never empty; its first entry decided."""

    disclose: bool
    code: Code | None
    provision: str | None
    number: int | None
    via: str | None
    """"A-PROC" where a processor reads under its controller's basis (S31)."""
    record: bool
    """To another legal person, or abroad by consent alone: to be recorded (art. 29, 30)."""
    reasons: tuple[Reason, ...]


def rule(situation: Situation, among: Iterable[Provided] | None = None) -> Rule:
    """State what it takes, in the order of domain.md 3.3; by these provisions alone, if said."""
    if situation.question.about_oneself:
        alone = Candidate(SELF, SELF_NUMBER, 0, ConsentLevel.NONE, self_conditions(situation))
        return Rule(gates=(), candidates=(alone,))
    found = sorted(_candidates(situation, among), key=lambda way: way.rank)
    return Rule(tuple(_open(gates(situation))), tuple(found))


def decide(
    catalogue: Catalogue, question: Question, member: MemberFacts, value: ValueFacts
) -> Decision:
    """Decide one question about one stored value (domain.md 3.3, 3.4)."""
    situation, stated = _stated(catalogue, question, value.acquired_by, value.service)
    for gate in stated.gates:
        if code := gate.failure(member, value, question.at):
            return _denied((Reason(None, None, code),))
    reasons = [_walk(candidate, member, value, situation) for candidate in stated.candidates]
    for candidate, reason in zip(stated.candidates, reasons, strict=True):
        if reason.code is None:
            return _allowed(candidate, situation, reason)
    if not reasons:
        return _denied((Reason(None, None, Code.NOT_RECIPIENT),))
    return _denied(tuple(_furthest_first(stated.candidates, reasons)))


@lru_cache(maxsize=1024)  # the same for every member and every value of one origin
def _stated(
    catalogue: Catalogue, question: Question, acquirer: str, service: str | None
) -> tuple[Situation, Rule]:
    situation = Situation(catalogue, question, acquirer, service)
    return situation, rule(situation)


def _candidates(situation: Situation, among: Iterable[Provided] | None) -> Iterator[Candidate]:
    if situation.caller is not None and situation.purpose_registered:  # else a gate says so
        for provided in situation.provided() if among is None else among:
            if _applies(situation, provided.provision):
                yield _candidate(situation, provided.document, provided.provision)


def _applies(situation: Situation, provision: Provision) -> bool:
    """Whether a provision in force, of whose providers the acquirer is, applies (step 6)."""
    field = situation.field
    all_restricted = field.restricted == set(field.categories)
    return not all_restricted or not field.restricted.isdisjoint(provision.categories)


def _candidate(situation: Situation, document: Document, provision: Provision) -> Candidate:
    purpose = situation.purpose
    level = max(provision.min_consent, purpose.min_consent)
    stated = tuple(_open(conditions(situation, document, provision)))
    return Candidate(provision.key, provision.number, document.scope, level, stated, document.key)


def _open(stated: Iterator[Condition]) -> Iterator[Condition]:
    """Give what request and catalogue leave open, up to where they deny: nobody comes past it."""
    for condition in stated:
        if condition.test is not True:
            yield condition
        if condition.test is False:
            return


def _walk(
    candidate: Candidate, member: MemberFacts, value: ValueFacts, situation: Situation
) -> Reason:
    for condition in candidate.conditions:
        if code := condition.failure(member, value, situation.at):
            return Reason(candidate.key, condition.stage, code, candidate.document)
    return Reason(candidate.key, None, None, candidate.document)


def _furthest_first(candidates: tuple[Candidate, ...], reasons: list[Reason]) -> list[Reason]:
    """Order failures: who came furthest, then highest document scope, then id."""
    pairs = zip(candidates, reasons, strict=True)
    ranked = sorted(pairs, key=lambda pair: (-(pair[1].stage or 0), -pair[0].scope, pair[0].key))
    return [reason for _, reason in ranked]


def _denied(reasons: tuple[Reason, ...]) -> Decision:
    return Decision(
        disclose=False,
        code=reasons[0].code,
        provision=None,
        number=None,
        via=None,
        record=False,
        reasons=reasons,
    )


def _allowed(candidate: Candidate, situation: Situation, reason: Reason) -> Decision:
    return Decision(
        disclose=True,
        code=None,
        provision=candidate.key,
        number=candidate.number,
        via="A-PROC" if situation.is_processor else None,
        record=candidate.key != SELF and to_be_recorded(situation),
        reasons=(reason,),
    )
