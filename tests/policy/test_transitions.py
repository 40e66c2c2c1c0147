"""The table of states and acts says what happens: every cell is tried."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from _pytest.mark import ParameterSet

from policy.events import Event, EventKind
from policy.facts import ItemStanding
from policy.objections import Objection
from policy.standing import fold
from policy.states import state_at
from policy.vocabulary import TICK, ConsentState
from tests.acting import DAY, START, about, against, done
from tests.asked import QUESTIONS, opened
from tests.editions import EDITIONS
from tests.real import CATALOGUE
from tests.transitions import ACTS, GIVING, PRESENTED_AGAIN, TRANSITIONS, Next

LONG_AGO = datetime.fromisoformat("2021-01-01T00:00:00Z")
SHOWN = about(EventKind.PRESENTED)
GIVEN = (*SHOWN, *about(EventKind.GRANTED))
OLD = (*about(EventKind.PRESENTED, LONG_AGO), *about(EventKind.GRANTED, LONG_AGO))
OLD_DEEMED = (*about(EventKind.PRESENTED, LONG_AGO), *about(EventKind.DEEMED, LONG_AGO))
OPENED = done(EventKind.ACCOUNT_OPENED, LONG_AGO)
LATER = START + 3 * DAY

LIVES: Mapping[ConsentState, tuple[Event, ...]] = {
    ConsentState.NONE: (),
    ConsentState.PRESENTED: SHOWN,
    ConsentState.DEFERRED: (*SHOWN, *about(EventKind.DEFERRED)),
    ConsentState.REFUSED: (*SHOWN, *about(EventKind.REFUSED)),
    ConsentState.DEEMED: (*SHOWN, *about(EventKind.DEEMED)),
    ConsentState.GRANTED: GIVEN,
    ConsentState.WITHDRAWN: (*GIVEN, *about(EventKind.WITHDRAWN)),
    ConsentState.INVALIDATED: (*GIVEN, *about(EventKind.INVALIDATED)),
    ConsentState.SUSPENDED: (*GIVEN, *about(EventKind.SUSPENDED)),
    ConsentState.EXPIRED: (*SHOWN, *about(EventKind.GRANTED, valid_until=START + DAY)),
    ConsentState.SUPERSEDED: OLD,
    ConsentState.ENDED: (OPENED, *GIVEN, done(EventKind.ACCOUNT_CLOSED, START)),
}
"""How each state is reached, by acts that each meet the rules."""


def state_of(events: Sequence[Event], at: datetime) -> ConsentState:
    member = fold(events, at, CATALOGUE)
    standing = member.items.get("A", ItemStanding())
    return state_at(CATALOGUE.documents["DOC_A"], standing, member.closed_at, at).state


def leads_to(past: Sequence[Event], kind: EventKind) -> Next:
    act = about(kind, LATER)
    return against(past, *act) or state_of((*past, *act), LATER)


def cells(table: Mapping[ConsentState, Mapping[EventKind, Next]]) -> Sequence[ParameterSet]:
    return [
        pytest.param(state, kind, then, id=f"{state} {kind}")
        for state, row in table.items()
        for kind, then in row.items()
    ]


def test_the_table_is_whole() -> None:
    assert set(TRANSITIONS) == set(PRESENTED_AGAIN) == set(LIVES) == set(ConsentState)
    assert {tuple(sorted(row)) for row in TRANSITIONS.values()} == {tuple(sorted(ACTS))}
    assert {tuple(sorted(row)) for row in PRESENTED_AGAIN.values()} == {tuple(sorted(GIVING))}
    assert set(ACTS) < set(EventKind)


@pytest.mark.parametrize("state", ConsentState)
def test_each_state_is_reached_by_acts_that_meet_the_rules(state: ConsentState) -> None:
    assert against((), *LIVES[state]) is None
    assert state_of(LIVES[state], LATER) is state


@pytest.mark.parametrize(("state", "kind", "then"), cells(TRANSITIONS))
def test_an_act_leads_where_the_table_says(
    state: ConsentState, kind: EventKind, then: Next
) -> None:
    assert leads_to(LIVES[state], kind) == then


@pytest.mark.parametrize(("state", "kind", "then"), cells(PRESENTED_AGAIN))
def test_after_a_presentation_too(state: ConsentState, kind: EventKind, then: Next) -> None:
    again = about(EventKind.PRESENTED, LATER)
    closed = state is ConsentState.ENDED
    assert against(LIVES[state], *again) is (Objection.ACCOUNT_CLOSED if closed else None)
    assert leads_to((*LIVES[state], *(() if closed else again)), kind) == then


def test_what_had_been_deemed_under_an_earlier_version_may_be_deemed_again() -> None:
    again = about(EventKind.PRESENTED, LATER)
    assert state_of(OLD_DEEMED, LATER) is ConsentState.SUPERSEDED
    assert leads_to((*OLD_DEEMED, *again), EventKind.DEEMED) is ConsentState.DEEMED


def test_reinstating_leads_back_to_the_state_before() -> None:
    held = (*LIVES[ConsentState.DEEMED], *about(EventKind.SUSPENDED))
    assert leads_to(held, EventKind.REINSTATED) is ConsentState.DEEMED


def test_a_material_version_leaves_the_old_scope_open_and_the_new_one_closed_until_given() -> None:
    names, policies = len(QUESTIONS) - 3, len(QUESTIONS) - 2  # for mobile, under B-2
    shown = about(EventKind.PRESENTED, START, "B.group", EDITIONS)
    past = [OPENED, *shown, *about(EventKind.GRANTED, START, "B.group", EDITIONS)]
    widened = EDITIONS.documents["DOC_B"].versions[1].in_force.start
    for at in (widened - TICK, widened):
        assert names in opened(past, at)
        assert policies not in opened(past, at)
    given = about(EventKind.GRANTED, widened, "B.group", EDITIONS)
    assert against(past, *given, catalogue=EDITIONS) is Objection.NOT_PRESENTED
    past += about(EventKind.PRESENTED, widened, "B.group", EDITIONS)
    assert against(past, *given, catalogue=EDITIONS) is None
    assert {names, policies} <= opened([*past, *given], widened).keys()


def test_an_editorial_version_carries_what_was_given_over() -> None:
    past = [*about(EventKind.PRESENTED), *about(EventKind.GRANTED)]
    edited = EDITIONS.documents["DOC_A"].versions[2].in_force.start
    assert opened(past, edited) == opened(past, edited - TICK)
    assert opened(past, edited)
