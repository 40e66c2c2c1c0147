"""A member who looks on while a company is answered sees no more than both of them may."""

from dataclasses import replace

import pytest

from policy.decide import decide
from policy.facts import ItemStanding, MemberFacts, ValueFacts
from policy.grant import Asker, Grants
from policy.openings import Availability, availability
from policy.vocabulary import Code, ConsentLevel, ConsentState, Reach, Reason
from tests.clock import START
from tests.real import CATALOGUE

OWN = Asker("rakuten_group")
LOOKED_ON = replace(OWN, shown_to_subject=True)
PURPOSE = "fraud_detect"
HELD = ValueFacts("rakuten_group")
ANSWERED = MemberFacts(
    items={
        "A": ItemStanding(
            ConsentState.GRANTED,
            "2022-03-31",
            ConsentLevel.EXPLICIT,
            frozenset({Reach.HOME, Reach.WIDE}),
            START,
        )
    }
)
WITHHELD = [path for path, field in CATALOGUE.fields.items() if field.withheld_from_subject]


@pytest.mark.parametrize("path", WITHHELD)
def test_what_the_law_withholds_from_the_member_is_not_shown_through_a_company(path: str) -> None:
    alone, looked_on = (
        decide(CATALOGUE, asker.question(PURPOSE, path, START), ANSWERED, HELD)
        for asker in (OWN, LOOKED_ON)
    )
    assert alone.disclose
    assert looked_on.code is Code.WITHHELD_BY_LAW


def test_the_grants_say_the_same() -> None:
    grants = Grants(CATALOGUE)
    for path in CATALOGUE.fields:
        alone, looked_on = (grants.grant(a, PURPOSE, path, START) for a in (OWN, LOOKED_ON))
        if path in WITHHELD:
            assert (looked_on.alternatives, looked_on.reason) == ((), Reason.NOT_PERMITTED)
            assert availability(CATALOGUE, LOOKED_ON, looked_on) is Availability.NEVER
        else:
            assert looked_on == alone
    assert WITHHELD
