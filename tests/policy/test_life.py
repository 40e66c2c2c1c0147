"""Lives of a member, drawn at random: acts, a clock, and versions that come into force.

The table of the documents is the model: it foretells what becomes of every act about an item.
What that opens and closes is asked of the grants, before and after.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from policy.acts import Objection, objection
from policy.documents import Version
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ItemStanding, MemberFacts
from policy.standing import STANDING_STATES, fold
from policy.states import state_at
from policy.vocabulary import FOREVER, TICK, AgeGroup, ConsentState
from tests.acting import DAY, START, about, done
from tests.asked import ITEMS_OF, QUESTIONS, Opened, opened
from tests.editions import EDITIONS
from tests.say import Say
from tests.transitions import ACTS, PRESENTED_AGAIN, TRANSITIONS, Next

pytestmark = pytest.mark.exhaustive

Kind = EventKind
ITEMS = ("A", "B.use", "B.ins_group", "B.group", "B.sensitive")
COMPANIES = ("card", "ssi", "ichiba")
MANY = 25
"""Events, after which an account may be closed."""
ANY_ITEM = st.sampled_from(("A", "A", *ITEMS))
TERMS = st.sampled_from((None, None, DAY, 3 * DAY))
GIVING = {Kind.GRANTED: ConsentState.GRANTED, Kind.DEEMED: ConsentState.DEEMED}
ENDING = {
    Kind.REFUSED: ConsentState.REFUSED,
    Kind.WITHDRAWN: ConsentState.WITHDRAWN,
    Kind.SUSPENDED: ConsentState.SUSPENDED,
    Kind.INVALIDATED: ConsentState.INVALIDATED,
}
"""What closes an item, and uses up what was presented."""
IDLE = {Kind.PRESENTED, Kind.DEFERRED}


@dataclass
class Model:
    """One item as the table has it."""

    state: ConsentState = ConsentState.NONE
    before: ConsentState = ConsentState.NONE
    """What was suspended."""
    version: Version | None = None
    until: datetime = FOREVER
    shown: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)

    def state_at(
        self, versions: Sequence[Version], closed: datetime | None, at: datetime
    ) -> ConsentState:
        """The state that clock, catalogue and account make of it."""
        if self.state not in STANDING_STATES or self.version is None:
            return self.state
        if closed is not None and closed <= min(at, self.until):
            return ConsentState.ENDED
        if self.until <= at:
            return ConsentState.EXPIRED
        start = self.version.in_force.start
        newer = any(each.material and start < each.in_force.start <= at for each in versions)
        return ConsentState.SUPERSEDED if newer else self.state


class Life(RuleBasedStateMachine):
    """One member, from START on."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.past: list[Event] = []
        self.models = {item: Model() for item in ITEMS}
        self.closed: datetime | None = None

    @initialize(account=st.sampled_from((True, True, True, False)))
    def begin(self, *, account: bool) -> None:
        unheard = done(Kind.ADS_PREFERENCE, START - DAY, wanted=True)
        self.past.append(done(Kind.ACCOUNT_OPENED, START - DAY) if account else unheard)

    @rule(step=st.sampled_from((TICK, DAY, 3 * DAY)))
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule(kind=st.sampled_from(ACTS), item=ANY_ITEM, term=TERMS)
    def act(self, kind: EventKind, item: str, term: timedelta | None) -> None:
        """Something an adult does, signed in, about the version in force."""
        foretold = self.foretold(kind, item)
        until = self.now + term if term and kind in GIVING else FOREVER
        used, event = self.proposal(kind, item, valid_until=until)
        found = objection(EDITIONS, [*self.past, *used], event)
        assert found == (foretold if isinstance(foretold, Objection) else None)
        self.judged([*self.past, *used], event, found)
        if found is None:
            self.past += (*used, event)
            self.follow(event)
            assert (
                self.models[item].state_at(self.versions(item), self.closed, self.now) is foretold
            )

    @rule(item=ANY_ITEM, deemed=st.booleans(), term=TERMS)
    def answer(self, item: str, term: timedelta | None, *, deemed: bool) -> None:
        """Shown and given at once, as a form does."""
        self.act(Kind.PRESENTED, item, None)
        self.act(Kind.DEEMED if deemed and item == "A" else Kind.GRANTED, item, term)

    @rule(item=ANY_ITEM, kind=st.sampled_from(tuple(ENDING)), again=st.booleans())
    def end(self, item: str, kind: EventKind, *, again: bool) -> None:
        """Ended at once; and given back, if that is possible."""
        self.act(kind, item, None)
        if again:
            self.act(Kind.REINSTATED, item, None)

    @rule(
        kind=st.sampled_from((Kind.GRANTED, Kind.DEEMED)),
        item=ANY_ITEM,
        age=st.sampled_from(AgeGroup),
        acr=st.sampled_from((RAKUTEN_ID, None)),
        earlier=st.booleans(),
    )
    def odd_act(
        self, kind: EventKind, item: str, age: AgeGroup, acr: str | None, *, earlier: bool
    ) -> None:
        """Somebody too young, signed in otherwise, or about an earlier version: no better off."""
        parts: dict[str, Any] = {"age": age, "acr": acr}
        if earlier:
            parts["version"] = self.versions(item)[0].key
        used, event = self.proposal(kind, item, **parts)
        found = objection(EDITIONS, [*self.past, *used], event)
        if isinstance(self.foretold(kind, item), Objection):
            assert found is not None
        self.judged([*self.past, *used], event, found)
        if found is None:
            self.past += (*used, event)
            self.follow(event)

    @rule(
        kind=st.sampled_from(
            (Kind.LINKED, Kind.USED, Kind.UNLINKED, Kind.STOP_REQUESTED, Kind.STOP_LIFTED)
        ),
        company=st.sampled_from(COMPANIES),
    )
    def about_a_company(self, kind: EventKind, company: str) -> None:
        event = done(kind, self.now, company=company)
        found = objection(EDITIONS, self.past, event)
        self.judged(self.past, event, found)
        if found is None:
            self.past.append(event)

    @precondition(lambda self: len(self.past) > MANY)
    @rule()
    def close(self) -> None:
        event = done(Kind.ACCOUNT_CLOSED, self.now)
        found = objection(EDITIONS, self.past, event)
        self.judged(self.past, event, found)
        if found is None:
            self.past.append(event)
            self.closed = self.now

    def proposal(self, kind: EventKind, item: str, **parts: Any) -> tuple[tuple[Event, ...], Event]:
        """The act's events: those that it rests on, and what it is about."""
        *used, event = about(kind, self.now, item, EDITIONS, **parts)
        return tuple(used), event

    def versions(self, item: str) -> Sequence[Version]:
        return EDITIONS.documents[EDITIONS.items[item].document].versions

    def foretold(self, kind: EventKind, item: str) -> Next:
        """What the table says becomes of this act."""
        model = self.models[item]
        state = model.state_at(self.versions(item), self.closed, self.now)
        if self.closed is not None:
            return Objection.ACCOUNT_CLOSED
        then = TRANSITIONS[state][kind]
        if kind is Kind.REINSTATED and state is ConsentState.SUSPENDED:
            return replace(model, state=model.before).state_at(self.versions(item), None, self.now)
        if kind not in GIVING:
            return then
        document = EDITIONS.documents[EDITIONS.items[item].document]
        version = document.version_at(self.now)
        assert version is not None
        if version.key not in model.shown:
            spent = version.key in model.ever
            return Objection.PRESENTATION_OUTDATED if spent else Objection.NOT_PRESENTED
        if document.requires_account_session and self.past[0].kind is not Kind.ACCOUNT_OPENED:
            return Objection.NO_ACCOUNT
        if kind is Kind.DEEMED and document.key != "DOC_A":
            return Objection.NOT_DEEMABLE
        if (
            kind is Kind.DEEMED
            and model.state is ConsentState.DEEMED
            and version is not model.version
        ):
            return ConsentState.DEEMED
        return PRESENTED_AGAIN[state][kind]

    def follow(self, event: Event) -> None:
        """Move the model on by an act that was allowed."""
        model = self.models[event.item or ""]
        version = next(v for v in self.versions(event.item or "") if v.key == event.version)
        match event.kind:
            case Kind.PRESENTED:
                model.shown.add(version.key)
                model.ever.add(version.key)
                if model.state in {ConsentState.NONE, ConsentState.DEFERRED}:
                    model.state = ConsentState.PRESENTED
            case Kind.DEFERRED:
                if model.state in {ConsentState.NONE, ConsentState.PRESENTED}:
                    model.state = ConsentState.DEFERRED
            case Kind.GRANTED | Kind.DEEMED:
                model.state, model.version = GIVING[event.kind], version
                model.until = event.valid_until
            case Kind.REINSTATED:
                model.state = model.before
            case kind:
                model.before, model.state = model.state, ENDING[kind]
                model.shown.clear()

    def judged(self, past: Sequence[Event], event: Event, found: Objection | None) -> None:
        """Hold what the act opens and closes against what it is, whether allowed or not."""
        then, now = opened(past, self.now), opened([*past, event], self.now)
        self.seen[f"{'allowed' if found is None else 'refused'} {event.kind}"] += 1
        self.seen[str(found)] += 1
        if found is not None:
            self.refused(past, event, found, (then, now))
        elif event.kind in IDLE:
            assert now == then
        elif event.kind in ENDING:
            assert now.keys() <= then.keys()
            assert not any(event.item in ITEMS_OF[key] for key in now.values())
            self.seen["closed at once"] += now != then
        elif event.kind in GIVING:
            standing = fold(past, self.now, EDITIONS).items.get(event.item or "", ItemStanding())
            if standing.version == event.version:
                assert then.keys() <= now.keys()
            self.seen["opened"] += len(now) > len(then)
        else:
            self.company_or_account(event, then, now)

    def refused(
        self, past: Sequence[Event], event: Event, found: Objection, around: tuple[Opened, Opened]
    ) -> None:
        """It would have opened nothing, or a rule beside the fold is what kept it from that."""
        then, now = around
        beside = {Objection.NOT_IN_FORCE, Objection.NOT_DEEMABLE, Objection.ALREADY_LINKED}
        if found in beside or event.kind is Kind.ACCOUNT_CLOSED:
            return
        if found is Objection.GUARDIAN_REQUIRED:
            standing = fold(past, self.now, EDITIONS).items.get(event.item or "", ItemStanding())
            narrows = standing.version == event.version  # what stands is not given more narrowly
            assert narrows or now.keys() <= then.keys()
        else:
            assert now == then

    def company_or_account(self, event: Event, then: Opened, now: Opened) -> None:
        match event.kind:
            case Kind.ACCOUNT_CLOSED:
                assert set(now.values()) <= {"A-RET", "B-RET"}
                self.seen["closed with the account"] += bool(then)
            case Kind.UNLINKED | Kind.STOP_REQUESTED:
                assert now.keys() <= then.keys()
                asking = {QUESTIONS[number][0] for number in now}
                assert event.kind is Kind.UNLINKED or event.company not in asking
                self.seen["closed at once"] += now != then
            case _:
                assert then.keys() <= now.keys()

    @invariant()
    def the_fold_is_the_model_s(self) -> None:
        member: MemberFacts = fold(self.past, self.now, EDITIONS)
        for item, model in self.models.items():
            document = EDITIONS.documents[EDITIONS.items[item].document]
            standing = member.items.get(item, ItemStanding())
            state = state_at(document, standing, member.closed_at, self.now).state
            assert state is model.state_at(document.versions, self.closed, self.now)
            self.seen[f"is {state}"] += 1
            if state is ConsentState.SUPERSEDED:
                self.seen["the old scope stays open"] += any(
                    item in ITEMS_OF[key] for key in opened(self.past, self.now).values()
                )


def live(lives: int, say: Say) -> Counter[str]:
    """A life is told as it was drawn: it reads well enough, and making it shorter takes minutes."""
    Life.seen.clear()
    drawn = settings(max_examples=lives, stateful_step_count=50, phases=[Phase.generate])
    run_state_machine_as_test(Life, settings=drawn)
    say(", ".join(f"{name} {count}" for name, count in sorted(Life.seen.items())))
    return Life.seen


def test_lives_go_as_the_table_says(say: Say) -> None:
    seen = live(settings().max_examples // 4, say)
    assert min(seen[name] for name in ("opened", "closed at once")) > 5


@pytest.mark.long
def test_many_lives_go_through_every_state_and_every_act(say: Say) -> None:
    seen = live(settings().max_examples * 5, say)
    assert {f"is {state}" for state in ConsentState} <= set(seen)
    assert {f"allowed {kind}" for kind in ACTS} <= set(seen)
    assert {f"refused {kind}" for kind in (*GIVING, *ENDING, Kind.REINSTATED)} <= set(seen)
    assert seen["the old scope stays open"] > 10
