"""What the rule promises whatever the catalogue, the member and the question: named properties.

Each counts how often it had something to say, for it must not hold for want of cases.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.catalogue import Catalogue
from policy.decide import Decision, decide
from policy.documents import Provision
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.member_tests import Active, Deleted
from policy.row_tests import ContractEnded
from policy.standing import fold, standing_bits
from policy.vocabulary import (
    TICK,
    AgeGroup,
    Code,
    ConsentLevel,
    OpeningAct,
    Reason,
    Veto,
)
from tests.random_dates import DATES, INSTANTS
from tests.readings import Readings
from tests.real import CATALOGUE
from tests.reference import never, reference
from tests.worlds import Ask, World, worlds

few = settings(max_examples=settings().max_examples // 2)
"""A property takes half of what the readings' agreement takes."""


def decided(world: World, ask: Ask, *more: Event) -> Decision:
    """The decision at the time of the question, with these events recorded besides."""
    member = fold((*world.events, *more), ask.question.at, world.catalogue)
    return decide(world.catalogue, ask.question, member, ask.value)


def disclosures(world: World) -> Iterator[tuple[Ask, Provision]]:
    """What is disclosed by provisions, with the row that is its basis."""
    for ask in world.asks:
        decision = decided(world, ask)
        if decision.disclose and decision.provision != "SELF":
            yield ask, basis(world.catalogue, ask, decision)


def basis(catalogue: Catalogue, ask: Ask, decision: Decision) -> Provision:
    """The row of the version in force that the decision names by its number."""
    return next(
        row
        for row in catalogue.provisions
        for version in catalogue.documents[row.document].versions
        if row.number == decision.number
        and version.key == row.version
        and ask.question.at in version.in_force
    )


def test_default_is_closed() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds())
    def closed(world: World) -> None:
        stranger = replace(world, events=())
        lawless = replace(world, catalogue=replace(world.catalogue, provisions=()))
        silent = replace(world, events=tuple(e for e in world.events if e.item is None))
        for ask in world.asks:
            assert not decided(stranger, ask).disclose
            assert decided(lawless, ask).provision in {None, "SELF"}
            seen["closed"] += decided(world, ask).disclose
        for _, row in disclosures(silent):
            assert not row.items

    closed()
    assert seen["closed"] > 50


def prohibitions(world: World, ask: Ask) -> Iterator[Event]:
    """Everything a member or the law can put in the way of this very question."""
    at, question = ask.question.at, ask.question
    purpose = world.catalogue.purposes[question.purpose]
    controller = question.on_behalf_of or question.company
    for company in {controller, question.company}:
        yield Event(EventKind.STOP_REQUESTED, at, company=company)
        for category in world.catalogue.fields[question.field].categories:
            yield Event(EventKind.STOP_REQUESTED, at, company=company, categories=(category,))
    if purpose.vetoes & {Veto.MAIL_OPT_IN, Veto.MAIL_REFUSED}:
        yield Event(EventKind.MAIL_PREFERENCE, at, company=controller, wanted=False)
    if Veto.ADS_OPT_OUT in purpose.vetoes:
        yield Event(EventKind.ADS_PREFERENCE, at, wanted=False)
    if not purpose.limited:
        yield Event(EventKind.ACCOUNT_CLOSED, at)


def test_a_prohibition_wins() -> None:
    won: Counter[EventKind] = Counter()

    @few
    @given(worlds())
    def prohibited(world: World) -> None:
        for ask, _ in disclosures(world):
            for prohibition in prohibitions(world, ask):
                assert not decided(world, ask, prohibition).disclose
                won[prohibition.kind] += 1

    prohibited()
    assert len(won) == 4
    assert won.total() > 200


def generous(row: Provision) -> Provision:
    """The row without anything it asks of the member or of the value."""
    return replace(
        row,
        active=True,
        min_consent=ConsentLevel.EXPLICIT_SENSITIVE,
        items=(),
        requires=(),
        own_purpose=OpeningAct.PUBLICATION if row.own_purpose else None,
    )


def test_no_provision_opens_what_a_prohibition_closes() -> None:
    closed: Counter[Code] = Counter()

    @few
    @given(worlds())
    def kept(world: World) -> None:
        rows = tuple(generous(row) for row in world.catalogue.provisions)
        easy = replace(world, catalogue=replace(world.catalogue, provisions=rows))
        for ask in world.asks:
            first = decided(world, ask).reasons[0]
            if first.code and first.provision is None and first.code is not Code.NOT_RECIPIENT:
                assert decided(easy, ask).code is first.code
                closed[first.code] += 1

    kept()
    assert len(closed) > 7


def test_withdrawal_takes_effect_at_once() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds())
    def withdrawn(world: World) -> None:
        for ask, row in disclosures(world):
            for item in row.items:
                withdrawal = Event(EventKind.WITHDRAWN, ask.question.at, item=item)
                after = decided(world, ask, withdrawal)
                assert not after.disclose or item not in basis(world.catalogue, ask, after).items
                later = replace(withdrawal, at=ask.question.at + TICK)
                assert decided(world, ask, later).number == row.number
                seen["withdrawn"] += 1

    withdrawn()
    assert seen["withdrawn"] > 20


def test_a_closing_among_what_happened_counts_by_a_clock_that_is_behind_as_well() -> None:
    tests = (Active(), Deleted(), ContractEnded())
    at, of_contract = INSTANTS[0], ValueFacts("ssi", contract=Contract("1"))
    member = fold([Event(EventKind.ACCOUNT_CLOSED, at)], at, CATALOGUE)
    for now in (at - TICK, at):
        held = [each.holds(member, of_contract, now) for each in tests]
        assert held == [False, True, True]


def test_granting_an_item_never_closes_at_the_same_version() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds())
    def monotone(world: World) -> None:
        for ask, _ in disclosures(world):
            member = fold(world.events, ask.question.at, world.catalogue)
            for item in world.catalogue.items.values():
                standing = member.items.get(item.key)
                version = (standing and standing.version) or next(iter(item.version_bits))
                shown = Event(EventKind.PRESENTED, ask.question.at, item=item.key, version=version)
                granted = replace(shown, kind=EventKind.GRANTED, acr=RAKUTEN_ID, age=AgeGroup.ADULT)
                assert decided(world, ask, shown, granted).disclose
                seen["granted"] += 1

    monotone()
    assert seen["granted"] > 200


def test_what_comes_later_changes_nothing() -> None:
    @few
    @given(worlds())
    def prior(world: World) -> None:
        for ask in world.asks:
            past = tuple(event for event in world.events if event.at <= ask.question.at)
            assert decided(replace(world, events=past), ask) == decided(world, ask)

    prior()


@few
@given(worlds(asks=0), st.data())
def test_events_of_different_items_commute(world: World, data: st.DataObject) -> None:
    """Recorded at one instant: their order within each item is all that counts."""
    now = DATES[-1]
    account = Event(EventKind.ACCOUNT_OPENED, DATES[0])
    consents = [replace(event, at=now) for event in world.events if event.item]
    queues = {event.item: deque[Event]() for event in consents}
    for event in consents:
        queues[event.item].append(event)
    order = data.draw(st.permutations([event.item for event in consents]))
    shuffled = [queues[item].popleft() for item in order]
    before = fold([account, *consents], now, world.catalogue)
    after = fold([account, *shuffled], now, world.catalogue)
    assert after.items == before.items
    assert standing_bits(after.items, world.catalogue) == standing_bits(
        before.items, world.catalogue
    )


@few
@given(worlds())
def test_reasons_are_never_empty(world: World) -> None:
    for ask in world.asks:
        decision = decided(world, ask)
        assert decision.reasons
        assert decision.reasons[0].code is decision.code
        assert (decision.code is None) is decision.disclose
        if decision.disclose:
            assert decision.reasons[0].provision == decision.provision


def test_a_grant_holds_throughout_its_epoch_and_is_never_used_beyond_it() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds(asks=8))
    def dated(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            grant = readings.grant(ask.question)
            for at in INSTANTS:
                member = fold(world.events, at, world.catalogue)
                if grant.valid_from <= at < grant.valid_until:
                    opened = grant.opened_by(member, ask.value, at)
                    question = replace(ask.question, at=at)
                    expected = reference(world.catalogue, question, world.events, ask.value)
                    assert (opened.key if opened else None) == expected.provision
                    seen["open" if opened else "closed"] += 1
                else:
                    with pytest.raises(ValueError, match="epoch"):
                        grant.opened_by(member, ask.value, at)
                    seen["expired"] += 1

    dated()
    assert min(seen[what] for what in ("open", "closed", "expired")) > 50


def test_not_permitted_is_said_when_no_value_of_anybody_could_ever_open() -> None:
    seen: Counter[Reason] = Counter()

    @few
    @given(worlds(asks=8))
    def hopeless(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            if not ask.question.subject_self:
                reason = readings.grant(ask.question).reason
                assert (reason is Reason.NOT_PERMITTED) is never(world.catalogue, ask.question)
                seen[reason] += 1

    hopeless()
    assert min(seen[reason] for reason in Reason) > 50


@pytest.mark.exhaustive
def test_a_list_that_no_row_could_open_holds_no_open_row() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds())
    def bounded(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            grant, at = readings.grant(ask.question), ask.question.at
            member = fold(world.events, at, world.catalogue)
            if grant.opened_by(member, ask.value, at):
                assert grant.freed().opened_by(member, ask.value, at)
                seen["open"] += 1

    bounded()
    assert seen["open"] > 50


@pytest.mark.exhaustive
def test_fields_of_one_access_class_are_decided_alike() -> None:
    seen: Counter[str] = Counter()

    @few
    @given(worlds(CATALOGUE))
    def alike(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            twin = readings.grants.access_class(ask.question.field)
            if twin != ask.question.field:
                asked = replace(ask, question=replace(ask.question, field=twin))
                assert decided(world, asked) == decided(world, ask)
                seen["alike"] += 1

    alike()
    assert seen["alike"] > 20
