"""A grant made of what could open anything at all is the one that is made of every provision."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings

from policy.catalogue import Catalogue, Relation
from policy.decide import Rule, rule
from policy.grant import Asker, Grant, Grants, Origin, Stated
from policy.naming import parties
from policy.situation import Situation
from tests.real import CATALOGUE
from tests.say import Say
from tests.worlds import World, worlds


class Plain(Grants):
    """Grants of which the rule is stated for every origin, by every provision, at one instant."""

    def __init__(self, catalogue: Catalogue, at: datetime) -> None:
        super().__init__(catalogue)
        self.at = at

    def _build(self, asker: Asker, purpose: str, path: str, at: datetime) -> Grant:
        self.question, self._stated_for = asker.question(purpose, path, self.at), None
        return super()._build(asker, purpose, path, at)

    def _rules(self, of_field: Stated, relation: Relation) -> Iterator[tuple[Origin, Rule]]:
        every = relation.acquirers or frozenset(self.catalogue.companies)
        for origin in self._origins(relation, every):
            yield origin, rule(Situation(self.catalogue, self.question, *origin))


@pytest.mark.parametrize("examples", [40, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_in_random_worlds(examples: int, say: Say) -> None:
    ways: Counter[str] = Counter()

    @settings(max_examples=examples)
    @given(worlds(asks=3))
    def alike(world: World) -> None:
        grants = Grants(world.catalogue)
        for question in (ask.question for ask in world.asks):
            plain = Plain(world.catalogue, question.at)
            asker = Asker(question.company, question.on_behalf_of, question.subject_self)
            for path in world.catalogue.fields:
                each: tuple[Grant, ...] = tuple(
                    made.grant(asker, question.purpose, path, question.at)
                    for made in (grants, plain)
                )
                assert each[0] == each[1], (question, path)
                ways[each[0].reason] += len(each[0].alternatives)

    alike()
    say(f"random worlds: ways in {dict(ways)}")
    assert ways.total()


def test_of_the_real_catalogue() -> None:
    grants, ways = Grants(CATALOGUE), 0
    at = CATALOGUE.epochs[-2]  # the last is when nobody is listed any more
    plain = Plain(CATALOGUE, at)
    for company, controller in list(parties(CATALOGUE, at))[::7]:
        for purpose in list(CATALOGUE.purposes)[::7]:
            for path in {grants.access_class(each) for each in CATALOGUE.fields}:
                asked = (Asker(company, controller), purpose, path, at)
                assert grants.grant(*asked) == plain.grant(*asked), asked
                ways += len(grants.grant(*asked).alternatives)
    assert ways
