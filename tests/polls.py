"""Questions put to a whole population, and what the decision says of each stored value."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from models.condition_sql import parameters
from models.tables import RELATIONS
from policy.decide import decide
from policy.facts import ValueFacts
from policy.grant import Asker, Grant
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import Code
from tests.dice import Dice, endless
from tests.populations import Population, Stored
from tests.random_dates import INSTANTS
from tests.worlds import draw_ask

SUBJECT = "m0"
"""Whoever asks about themself is this member."""

Seen = Counter[Code | str]


def dice(name: str, number: int) -> Dice:
    """The same throws on every run and for every engine."""
    return endless(f"{name} {number}")


def polls(throws: Dice, population: Population, count: int) -> Iterator[Question]:
    """Aimed as at single values of relations that have tables, at `now` or later."""
    later = [at for at in INSTANTS if at >= population.now]
    while count:
        question = draw_ask(throws, population.catalogue).question
        if relation_of(question) in RELATIONS:
            yield replace(question, at=throws.pick(population.now, *later))
            count -= 1


def relation_of(question: Question) -> str:
    return question.field.rpartition(".")[0]


def asker_of(question: Question) -> Asker:
    return Asker(question.company, question.on_behalf_of, question.subject_self)


def bound(question: Question, **more: object) -> dict[str, object]:
    """What a statement binds that asks this question."""
    subject = SUBJECT if question.subject_self else None
    return {**parameters(question.at, subject), **more}


class Poll:
    """One question to everybody, and how often the decision gave which answer."""

    def __init__(self, population: Population, question: Question, seen: Seen) -> None:
        self.population, self.question, self.seen = population, question, seen
        self.members = {
            key: fold(past, question.at, population.catalogue)
            for key, past in population.events.items()
        }

    def number(self, row: Stored, path: str) -> int | None:
        """Give the number of the provision that opens the value, None if none does."""
        if self.question.subject_self and row.member != SUBJECT:
            return None
        question, member = replace(self.question, field=path), self.members[row.member]
        decision = decide(self.population.catalogue, question, member, row.value)
        self.seen[decision.code or "ALLOW"] += 1
        return decision.number

    def could_open(self, member: str, grant: Grant) -> bool:
        """Whether the grant holds for some row, the row's own facts left free."""
        freed, facts = grant.freed(), self.members[member]
        return freed.opened_by(facts, ValueFacts(""), self.question.at) is not None
