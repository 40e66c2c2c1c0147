"""What is folded as statutory is what the rule of decision says of the same question."""

from datetime import UTC, datetime

import pytest

from models.disclosure import Entry
from models.record_law import RecordLaw
from policy.catalogue import Catalogue
from policy.decide import decide
from policy.situation import Question
from policy.standing import fold
from tests.demo import demo
from tests.real import CATALOGUE
from tests.say import Say
from tests.worked_examples import all_cases

FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
SELF = "SELF"


def entry_of(catalogue: Catalogue, question: Question) -> Entry:
    """The entry of a question that was answered."""
    return Entry(
        decision_id="d",
        company=question.company,
        on_behalf_of=question.on_behalf_of,
        role="service",
        subject="system",
        purpose=question.purpose,
        reference=None,
        at=question.at,
        policy_version=catalogue.version,
    )


def test_the_record_s_law_is_the_decision_s_in_every_worked_example(say: Say) -> None:
    tally = {True: 0, False: 0}
    for case in all_cases(CATALOGUE):
        if case.expect.verdict != "ALLOW":
            continue
        world = demo(case.given)
        law = RecordLaw({world.catalogue.version: world.catalogue})
        for asked in world.asked(case.ask, case.ask.at or FIRST_DAY):
            facts = fold(asked.events, asked.question.at, world.catalogue)
            decision = decide(world.catalogue, asked.question, facts, asked.value)
            if decision.provision == SELF:
                continue
            entry = entry_of(world.catalogue, asked.question)
            assert law.demands(entry, asked.value.acquired_by) == decision.record, case.id
            tally[decision.record] += 1
    say(f"statutory {tally[True]}, not {tally[False]}")
    assert min(tally.values()) >= 10


@pytest.mark.parametrize(
    ("company", "on_behalf_of", "provider", "wanted"),
    [
        ("card", None, "rakuten_group", True),
        ("ichiba", None, "ichiba", False),  # own use
        ("courier", "ichiba", "ichiba", False),  # a mandate is no provision, art. 27(5)(i)
        ("courier", "ichiba", "rakuten_group", True),  # its controller is another
        ("callcenter", "ichiba", "ichiba", True),  # a mandate, but abroad by consent alone
        ("asia_sg", None, "asia_sg", False),  # abroad, but its own
        ("asia_sg", None, "rakuten_group", True),
    ],
)
def test_own_use_and_mandates_need_none_but_abroad_by_consent_alone(
    company: str,
    on_behalf_of: str | None,
    provider: str,
    wanted: bool,  # noqa: FBT001 (a verdict)
) -> None:
    question = Question(company, on_behalf_of, "service_provision", "fullName", FIRST_DAY)
    law = RecordLaw({CATALOGUE.version: CATALOGUE})
    entry = entry_of(CATALOGUE, question)
    assert law.demands(entry, provider) is wanted
    assert law.demands(entry, provider) is wanted
