"""Whatever happened before: an act is allowed if and only if it counts, but for rules of its own.

The reading of what counts is the reference's, quantifier by quantifier, not the product's fold.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from policy.acts import Objection, first_objection, objection
from policy.events import RAKUTEN_ID, Event, EventKind, Evidence
from policy.facts import ItemStanding, ValueFacts
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import FOREVER, TICK, AgeGroup, ConsentState
from tests.acting import DAY, START, by, done
from tests.asked import opened
from tests.dice import Dice
from tests.editions import EDITIONS
from tests.random_members import draw_age, draw_history
from tests.reference_case import Case
from tests.reference_consent import consent_of
from tests.say import Say

pytestmark = pytest.mark.exhaustive

Kind = EventKind
GIVING = {Kind.DEEMED, Kind.GRANTED}
ABOUT_ITEMS = (
    Kind.PRESENTED,
    Kind.DEEMED,
    Kind.DEEMED,
    Kind.GRANTED,
    Kind.GRANTED,
    Kind.REFUSED,
    Kind.DEFERRED,
    Kind.WITHDRAWN,
    Kind.SUSPENDED,
    Kind.REINSTATED,
    Kind.INVALIDATED,
)
BESIDE_THE_FOLD = {
    Objection.WRONG_ACTOR: "who acts",
    Objection.NOT_GUARDIAN: "who acts",
    Objection.NOT_IN_FORCE: "what is asked now",
    Objection.PRESENTATION_OUTDATED: "what was shown last",
    Objection.NOT_DEEMABLE: "whether a first use is recorded",
    Objection.ACCOUNT_CLOSED: "opens nothing: the account is closed",
    Objection.GUARDIAN_REQUIRED: "opens nothing, or narrows what stands: the giver is too young",
    Objection.TERM_OVER: "opens nothing: it is over at once",
}
"""Why a consent that the fold would count is refused all the same."""
OPENS_NOTHING = {
    code for code, reason in BESIDE_THE_FOLD.items() if reason.startswith("opens nothing")
}


def pasts() -> SearchStrategy[tuple[tuple[Event, ...], Dice]]:
    """What happened to a member by START, whoever let it, and the dice to go on with."""
    throws = st.binary(min_size=600, max_size=600)

    def past(throws: bytes) -> tuple[tuple[Event, ...], Dice]:
        dice = Dice(throws)
        happened = draw_history(dice, EDITIONS)
        return tuple(sorted(happened, key=lambda event: event.at)), dice

    return throws.map(past)


def draw_act(dice: Dice, kinds: Sequence[EventKind] = ABOUT_ITEMS) -> tuple[Event, ...]:
    """Some act about an item, mostly in order, after a presentation every other time."""
    kind, item = dice.pick(*kinds), EDITIONS.items[dice.pick("A", "A", *EDITIONS.items)]
    version = EDITIONS.documents[item.document].version_at(START)
    assert version is not None
    age, guardian = draw_age(dice)
    named = version.key if dice.mostly(9) else dice.pick(*item.version_bits)
    parts: dict[str, Any] = {"item": item.key, "version": named}
    shown = (done(Kind.PRESENTED, **parts),) if dice.mostly(1) else ()
    used = (done(Kind.USED, company="ichiba"),) if dice.mostly(9) and kind is Kind.DEEMED else ()
    act = done(
        kind,
        **parts,
        acr=RAKUTEN_ID if dice.mostly(9) else None,
        age=age,
        guardian=guardian and not dice.mostly(2),
        valid_until=dice.pick(FOREVER, FOREVER, START + DAY, START + TICK, START),
        evidence=by(kind) if dice.mostly(9) else dice.pick(by(Kind.USED), Evidence("member:m1")),
    )
    return (*shown, *used, act)


def standing(past: Sequence[Event], item: str | None) -> ItemStanding:
    """Where the item stands, as the reference reads it."""
    question = Question(None, None, "subject_request", "fullName", START)
    ordered = tuple(sorted(past, key=lambda event: event.at))
    return consent_of(Case(EDITIONS, question, ordered, ValueFacts("rakuten_group")), item or "")


def test_a_consent_is_allowed_if_and_only_if_it_counts(say: Say) -> None:
    found: Counter[str] = Counter()

    @given(pasts())
    def counted(drawn: tuple[tuple[Event, ...], Dice]) -> None:
        past, dice = drawn
        for _ in range(6):
            *before, event = draw_act(dice, (Kind.DEEMED, Kind.GRANTED, Kind.GRANTED))
            then = (*past, *before)
            # Told apart from what stands by a term of its own, which moves nothing else.
            marked = replace(event, valid_until=START + 7 * TICK)
            counts = standing((*then, marked), event.item).valid_until == marked.valid_until
            code = objection(EDITIONS, then, event)
            found[f"{event.kind} {code}"] += 1
            if code is None:
                assert counts
                given_now = standing((*then, event), event.item)
                assert (given_now.version, given_now.consented_at) == (event.version, event.at)
            elif counts:
                assert code in BESIDE_THE_FOLD
            narrows = (
                code is Objection.GUARDIAN_REQUIRED
                and standing(then, event.item).version == event.version
            )
            if (code in OPENS_NOTHING and not narrows) or not counts:
                after = opened((*then, event), START)
                assert after.keys() <= opened((*then, done(Kind.NOTIFIED)), START).keys()

    counted()
    say(", ".join(f"{name} {count}" for name, count in sorted(found.items())))
    assert {name.partition(" ")[2] for name in found} >= {
        str(code) for code in (None, *BESIDE_THE_FOLD) if code is not Objection.NOT_GUARDIAN
    }
    assert min(found[f"{kind} None"] for kind in GIVING) > 20


def test_an_act_that_is_allowed_moves_or_confirms_its_item_and_a_refused_one_opens_nothing(
    say: Say,
) -> None:
    found: Counter[str] = Counter()
    leads_to = {
        Kind.REFUSED: ConsentState.REFUSED,
        Kind.WITHDRAWN: ConsentState.WITHDRAWN,
        Kind.SUSPENDED: ConsentState.SUSPENDED,
        Kind.INVALIDATED: ConsentState.INVALIDATED,
    }
    others = tuple(kind for kind in ABOUT_ITEMS if kind not in GIVING)

    @given(pasts())
    def moved(drawn: tuple[tuple[Event, ...], Dice]) -> None:
        past, dice = drawn
        for _ in range(6):
            *before, event = draw_act(dice, others)
            then = (*past, *before)
            was, now = standing(then, event.item), standing((*then, event), event.item)
            code = objection(EDITIONS, then, event)
            found[f"{event.kind} {'allowed' if code is None else 'refused'}"] += 1
            if code is not None:
                known = (*then, done(Kind.NOTIFIED))
                reinstates = event.kind is Kind.REINSTATED and code is not Objection.NOT_SUSPENDED
                assert (
                    reinstates
                    or opened((*known, event), START).keys() <= opened(known, START).keys()
                )
            elif event.kind in leads_to:
                assert now.state is leads_to[event.kind]
            elif event.kind is Kind.REINSTATED:
                assert was.state is ConsentState.SUSPENDED
                assert now.state is not ConsentState.SUSPENDED
            else:
                undecided = was.state in {
                    ConsentState.NONE,
                    ConsentState.PRESENTED,
                    ConsentState.DEFERRED,
                }
                assert now == (ItemStanding(ConsentState(event.kind)) if undecided else was)

    moved()
    say(", ".join(f"{name} {count}" for name, count in sorted(found.items())))
    assert min(found[f"{kind} allowed"] for kind in others if kind is not Kind.REINSTATED) > 10


def test_acts_about_different_items_commute() -> None:
    seen: Counter[str] = Counter()

    @given(pasts())
    def commute(drawn: tuple[tuple[Event, ...], Dice]) -> None:
        past, dice = drawn
        one, other = draw_act(dice), draw_act(dice)
        if one[-1].item == other[-1].item:
            return
        found = first_objection(EDITIONS, past, one), first_objection(EDITIONS, past, other)
        assert first_objection(EDITIONS, (*past, *one), other) == found[1]
        assert first_objection(EDITIONS, (*past, *other), one) == found[0]
        first = fold((*past, *one, *other), START, EDITIONS)
        assert first == fold((*past, *other, *one), START, EDITIONS)
        seen[str(found == (None, None))] += 1

    commute()
    assert min(seen["True"], seen["False"]) > 10


def test_giving_an_item_never_closes_at_the_same_version() -> None:
    """Whoever gives it: where it would, by too young a hand, it is refused."""
    seen: Counter[str] = Counter()

    @given(pasts())
    def monotone(drawn: tuple[tuple[Event, ...], Dice]) -> None:
        past, dice = drawn
        for _ in range(6):
            *before, event = draw_act(dice, (Kind.GRANTED,))
            then = (*past, *before)
            was = standing(then, event.item)
            if was.version != event.version or objection(EDITIONS, then, event) is not None:
                continue
            assert opened(then, START).keys() <= opened((*then, event), START).keys()
            seen[f"by {event.age}"] += 1

    monotone()
    assert set(seen) >= {f"by {age}" for age in (AgeGroup.ADULT, AgeGroup.YOUTH)}


def test_taking_back_takes_effect_at_once_and_touches_nothing_else() -> None:
    seen: Counter[str] = Counter()

    @given(pasts(), st.sampled_from(sorted(EDITIONS.items)))
    def withdrawn(drawn: tuple[tuple[Event, ...], Dice], item: str) -> None:
        past, _ = drawn
        event = done(Kind.WITHDRAWN, item=item)
        then, now = fold(past, START, EDITIONS), fold((*past, event), START, EDITIONS)
        if objection(EDITIONS, past, event) is not None:
            return
        rests = {row.key for row in EDITIONS.provisions if item in row.items}
        before, after = opened(past, START), opened((*past, event), START)
        assert rests.isdisjoint(after.values())
        assert {n: key for n, key in before.items() if key not in rests}.items() <= after.items()
        assert {key: each for key, each in now.items.items() if key != item} == {
            key: each for key, each in then.items.items() if key != item
        }
        seen["closed"] += before != after

    withdrawn()
    assert seen["closed"] > 5
