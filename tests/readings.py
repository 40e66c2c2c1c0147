"""The readings of the rule side by side: reference, decision and evaluated grant must agree."""

from collections import Counter
from collections.abc import Sequence

from policy.catalogue import Catalogue
from policy.decide import decide
from policy.events import Event
from policy.facts import ValueFacts
from policy.grant import Asker, Grant, Grants
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import Code
from tests.reference import Answer, reference

UNDECIDED = {Code.SALE_FORBIDDEN}
"""Codes no question can have: the operation is not declared (domain.md 3.2)."""


class Readings:
    """All readings of one catalogue's rule, and a tally of what they answered."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.grants = Grants(catalogue)
        self.tally: Counter[Code | str] = Counter()

    def answer(self, question: Question, events: Sequence[Event], value: ValueFacts) -> Answer:
        """Give the reference's answer, held against the decision and the grant."""
        expected = reference(self.catalogue, question, events, value)
        member = fold(events, question.at, self.catalogue)
        decision = decide(self.catalogue, question, member, value)
        opened = self.grant(question).opened_by(member, value, question.at)
        decided = Answer(decision.disclose, decision.code, decision.provision, decision.record)
        assert decided == expected, (question, value)
        assert (opened.key if opened else None) == expected.provision, (question, value)
        self.tally[expected.code or "ALLOW"] += 1
        return expected

    def grant(self, question: Question) -> Grant:
        """Give the grant for whoever asks this."""
        asker = Asker(question.company, question.on_behalf_of, question.subject_self)
        return self.grants.grant(asker, question.purpose, question.field, question.at)


def report(tally: Counter[Code | str]) -> str:
    """The tally in one line, most frequent first."""
    return f"{tally.total()} cases: " + ", ".join(f"{k} {n}" for k, n in tally.most_common())
