"""What the law wants on record: provision to another, or abroad by consent alone (3.3 step 9)."""

from policy.member_tests import OverseasConsented
from policy.provisions import overseas
from policy.situation import Situation


def to_be_recorded(situation: Situation) -> bool:
    """Whether what is disclosed here needs records of provision and receipt (art. 29, 30).

    Own use, a mandate and a succession need none (art. 27(5)): who holds the values now is no
    third party to itself, whoever works for it. Whom the member's consent alone lets have them
    abroad is one (art. 28(1)), also as a processor.
    """
    return situation.controller != situation.custodian or bool(countries_consented_to(situation))


def countries_consented_to(situation: Situation) -> frozenset[str]:
    """Where nothing but the member's consent to that country lets the values go (art. 28(1))."""
    return frozenset(
        condition.test.country
        for condition in overseas(situation)
        if isinstance(condition.test, OverseasConsented)
    )
