"""What may happen in the lives of members, in any order: acts, a clock, versions that come out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from models.acts import KEY_LIVES, Done, Once
from policy.errors import ErrorCode, PrivacyError
from policy.events import EventKind, Evidence
from policy.vocabulary import FOREVER, TICK, AgeGroup, ConsentState
from tests import life_questions as asked
from tests.acting import DAY, by, done
from tests.life_watch import ENDING, GIVING, MEMBERS, Kept, Lives
from tests.publications import EDITIONS, after, published, stored
from tests.transitions import TRANSITIONS

Kind = EventKind

ITEMS = ("A", "B.use", "B.ins_group", "B.group", "B.sensitive")
COMPANIES = ("card", "ssi", "ichiba", "mobile", "life")
BESIDE = (
    Kind.MAIL_PREFERENCE,
    Kind.ADS_PREFERENCE,
    Kind.LINKED,
    Kind.USED,
    Kind.UNLINKED,
    Kind.STOP_REQUESTED,
    Kind.STOP_LIFTED,
)
EITHER_WAY = (*GIVING, Kind.WITHDRAWN, Kind.REFUSED, Kind.SUSPENDED, Kind.PRESENTED)
ACTS = tuple(TRANSITIONS[ConsentState.NONE])

members = st.sampled_from(MEMBERS)
items = st.sampled_from(ITEMS)
acts = st.tuples(st.sampled_from(ACTS), items)


class Life(Lives, RuleBasedStateMachine):
    """What may happen, in any order."""

    # What happens.

    @initialize(
        given=st.fixed_dictionaries(
            {member: st.lists(items, unique=True, max_size=4) for member in MEMBERS}
        ),
        account=st.sampled_from((True, True, True, False)),
    )
    def begin(self, given: Mapping[str, Sequence[str]], *, account: bool) -> None:
        """What was given long ago, by one with an account and by one who may have none."""
        self.run(self.stage.clear())
        for member in MEMBERS:
            opened = account or member == MEMBERS[0]
            self.lived(member, self.beginning(given[member], account=opened))

    @rule(step=st.sampled_from((DAY, 2 * DAY, 3 * DAY, TICK)))
    def time_passes(self, step: timedelta) -> None:
        then = {member: self.opened(member) for member in MEMBERS}
        self.now += step
        self.only_what_ended_closed(then)

    @rule(
        member=members,
        what=acts,
        term=st.sampled_from((FOREVER, FOREVER, DAY, 4 * DAY)),
    )
    def act(self, member: str, what: tuple[EventKind, str], term: Any) -> None:
        """Something an adult does, signed in, about the version in force."""
        kind, item = what
        until = self.until(term) if kind in GIVING else FOREVER
        act = self.about(kind, item, valid_until=until)
        number = sum(map(len, self.past.values()))
        once = Once(member, "", kind.value, f"key-{number}-{self.now}", "digest")
        if self.do(member, act, once).objection is None:
            self.kept = Kept(member, act, once, self.now)
            if term != FOREVER:
                self.again()

    @rule(
        member=members,
        item=items,
        term=st.sampled_from((FOREVER, DAY, 3 * DAY)),
        deemed=st.booleans(),
        named=st.booleans(),
    )
    def answer(self, member: str, item: str, term: Any, *, deemed: bool, named: bool) -> None:
        """Shown and given, as a form does."""
        self.present(member, (item,), named=named)
        kind = Kind.DEEMED if deemed and item == "A" else Kind.GRANTED
        said = {**self.as_shown(kind, item, named=named), "valid_until": self.until(term)}
        self.do(member, self.about(kind, item, **said))

    @rule(
        member=members,
        kind=st.sampled_from((Kind.GRANTED, Kind.GRANTED, Kind.REFUSED)),
        several=st.lists(st.sampled_from(ITEMS[1:]), min_size=2, max_size=3, unique=True),
        shown=st.sampled_from((True, True, False)),
    )
    def form(self, member: str, kind: EventKind, several: Sequence[str], *, shown: bool) -> None:
        """Several items of one document at once: all of them, or none."""
        if shown:
            self.present(member, several, named=False)
        self.do(member, tuple(each for item in several for each in self.about(kind, item)))

    @rule(member=members, item=items, take_back=st.sampled_from(ENDING))
    def change_of_mind(self, member: str, item: str, take_back: EventKind) -> None:
        """Given, and taken back at once."""
        self.present(member, (item,), named=False)
        self.do(member, self.about(Kind.GRANTED, item))
        self.do(member, self.about(take_back, item))

    @rule(member=members, nth=st.integers(0, 3), age=st.sampled_from(list(AgeGroup)[::-1]))
    def give_again(self, member: str, nth: int, age: AgeGroup) -> None:
        """What stands is given again, perhaps at another age than it was given at."""
        standing = sorted(asked.consents_of(self.catalogue, self.past[member]))
        if standing:
            item = standing[nth % len(standing)]
            self.present(member, (item,), named=False)
            self.do(member, self.about(Kind.GRANTED, item, age=age))

    @rule(
        member=members,
        kind=st.sampled_from((Kind.GRANTED, Kind.GRANTED, *ACTS)),
        item=items,
        odd=st.integers(0, 9),
        age=st.sampled_from(AgeGroup),
    )
    def odd_act(self, member: str, kind: EventKind, item: str, odd: int, age: AgeGroup) -> None:
        """Somebody else, too young, signed in otherwise, too late, or about something else."""
        its = self.catalogue.documents[self.catalogue.items[item].document]
        parts: Mapping[int, Mapping[str, Any]] = {
            0: {"item": "unheard-of"},
            1: {"acr": None},
            2: {"version": its.versions[0].key},
            3: {"version": its.versions[-1].key},
            4: {"valid_until": self.now},
            5: {"evidence": Evidence("officer:ssi:o1")},
            6: {"evidence": Evidence("guardian:m9"), "guardian": True},
            7: {"evidence": by(kind, language="ja", content_hash="of something else")},
        }
        *used, event = self.about(kind, item)
        if kind in GIVING:
            self.present(member, (item,), named=True)
        self.do(member, (*used, replace(event, **{"age": age, **parts.get(odd, {})})))

    @rule(
        member=members,
        kind=st.sampled_from(BESIDE),
        company=st.sampled_from((*COMPANIES, "new_service", "unheard-of")),
        categories=st.sampled_from(((), (), ("profile",), ("unheard-of",))),
        wanted=st.booleans(),
    )
    def beside(
        self, member: str, kind: EventKind, company: str, categories: Sequence[str], *, wanted: bool
    ) -> None:
        """Links, uses, stops and wishes."""
        parts: dict[str, Any] = {"company": company, "wanted": None}
        if kind in {Kind.STOP_REQUESTED, Kind.STOP_LIFTED}:
            parts["categories"] = categories
        if kind in {Kind.MAIL_PREFERENCE, Kind.ADS_PREFERENCE}:
            parts |= {"wanted": wanted, "company": company if kind is BESIDE[0] else None}
        self.do(member, (done(kind, self.now, **parts),))

    @rule(member=members, country=st.sampled_from(("SG", "PH", "US")), close=st.integers(0, 6))
    def abroad_or_away(self, member: str, country: str, close: int) -> None:
        """Consent to a country and its end; or the end of the account."""
        kind = (Kind.ACCOUNT_CLOSED, Kind.OVERSEAS_WITHDRAWN)[min(close, 1)]
        if close > 1:
            kind = Kind.OVERSEAS_CONSENTED
        if close > 3:
            self.present(member, ("A",), named=True)
        said = self.as_shown(kind, "A", named=close > 1)
        self.do(member, (done(kind, self.now, country=country if close else None, **said),))

    @precondition(lambda self: len(self.past) < len(MEMBERS) + 2)
    @rule(
        member=members,
        several=st.lists(items, min_size=2, max_size=2, unique=True),
        one=st.sampled_from(EITHER_WAY),
        other=st.sampled_from(EITHER_WAY),
    )
    def in_either_order(
        self, member: str, several: Sequence[str], one: EventKind, other: EventKind
    ) -> None:
        """Events of different items commute: for somebody alike they happen the other way round."""
        acts = list(zip((one, other), several, strict=True))
        for kind, item in acts:
            self.present(member, (item,), named=True)
            if kind in ENDING:
                given = Kind.GRANTED
                self.do(member, self.about(given, item, **self.as_shown(given, item, named=True)))
        twin = f"like-{member}-{len(self.past)}"
        self.lived(twin, self.past[member])
        first, second = (self.about(k, i, **self.as_shown(k, i, named=True)) for k, i in acts)
        here = [self.do(member, act).objection for act in (first, second)]
        there = [self.do(twin, act).objection for act in (second, first)]
        assert here == there[::-1]
        assert self.standing_of(member) == self.standing_of(twin)
        self.seen["in either order"] += 1
        self.seen["in either order, both allowed"] += here == [None, None]

    @precondition(lambda self: self.kept and self.now < self.kept.at + KEY_LIVES)
    @rule()
    def again(self) -> None:
        """Under a key that is in use: done once, and never something else."""
        assert self.kept is not None
        kept, act = self.kept, self.stage.act
        said = (self.catalogue, kept.member, kept.act, self.now)
        assert self.run(act(*said, kept.once)) == Done(self.now, before=kept.at)
        with pytest.raises(PrivacyError) as refusal:
            self.run(act(*said, replace(kept.once, digest="another")))
        assert refusal.value.code is ErrorCode.BAD_USER_INPUT
        assert self.run(self.stage.dump()) == self.stored
        self.seen["said again"] += 1

    # Versions come out.

    @precondition(lambda self: self.apply is None)
    @rule(document=st.sampled_from(EDITIONS), at_once=st.sampled_from((True, True, False)))
    def publish(self, document: str, *, at_once: bool) -> None:
        coming = after(self.active, document)
        if coming is None:
            return
        self.coming, self.apply = coming, self.stage.applying(coming, self.now)
        assert self.run(self.apply.begin(stored(published(coming))))
        self.seen["publications"] += 1
        while at_once and self.apply is not None:
            self.page()

    @precondition(lambda self: self.apply is None)
    @rule(document=st.sampled_from(EDITIONS[::-1]), member=members, nth=st.integers(1, 4))
    def revise(self, document: str, member: str, nth: int) -> None:
        """A version comes out and into force; one member answers it, the other one does not."""
        self.publish(document, at_once=True)
        asks = [key for key in ITEMS if self.catalogue.items[key].document == document]
        start = self.catalogue.documents[document].versions[-1].in_force.start
        then = {each: self.opened(each) for each in MEMBERS}
        self.now = max(self.now, start)
        self.only_what_ended_closed(then)
        for item in asks[-nth:]:
            self.answer(member, item, FOREVER, deemed=nth > 2, named=nth > 1)

    @precondition(lambda self: self.apply is not None)
    @rule()
    def page(self) -> None:
        """The apply goes on; what is answered meanwhile both versions allow."""
        assert self.apply is not None
        assert self.coming is not None
        then = {member: self.opened(member) for member in MEMBERS}
        self.apply = replace(self.apply, clock=lambda: self.now)
        over = self.run(self.apply.page()) is None
        if over:
            self.active, self.coming, self.apply = self.coming, None, None
        self.hear_of_versions(self.past if over else ())
        self.stored = self.run(self.stage.dump())
        for member in MEMBERS:
            self.next_read(member)
        if over:
            self.only_what_ended_closed(then)
            assert self.run(self.stage.findings(self.catalogue)) == []

    # What must hold after each of them.

    @invariant()
    def what_is_stored_is_what_the_events_say(self) -> None:
        super().what_is_stored_is_what_the_events_say()

    @invariant()
    def what_is_open_was_consented_to(self) -> None:
        super().what_is_open_was_consented_to()

    def teardown(self) -> None:
        while self.apply is not None:
            self.page()
        assert self.run(self.stage.findings(self.catalogue)) == []
        log = self.run(self.stage.log(list(self.past)))
        assert {member: list(log[member]) for member in self.past} == self.past
