"""Where each consent item stands, since when and until when, and what happened to it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policy.events import RAKUTEN_ID, Event, EventKind
from policy.standing import STANDING_STATES, fold
from policy.vocabulary import AgeGroup, ConsentLevel, ConsentState
from resolvers.consents import Consent, consents
from tests.dice import Dice
from tests.random_dates import INSTANTS
from tests.random_members import draw_history
from tests.real import CATALOGUE

T0 = datetime(2024, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OPENED = Event(EventKind.ACCOUNT_OPENED, T0)
SHOWN = Event(EventKind.PRESENTED, T0, item="B.group", version="2024-04-01")
GIVEN = replace(SHOWN, kind=EventKind.GRANTED, at=T0 + DAY, acr=RAKUTEN_ID, age=AgeGroup.ADULT)


def told(*events: Event, at: datetime = T0 + 9 * DAY, item: str = "B.group") -> Consent:
    return next(each for each in consents(CATALOGUE, events, at) if each.item.key == item)


def test_every_item_is_there_also_one_never_shown() -> None:
    found = consents(CATALOGUE, [], T0)
    assert [each.item.key for each in found] == list(CATALOGUE.items)
    assert {(each.state, each.version, each.since, each.valid_until) for each in found} == {
        (ConsentState.NONE, None, None, None)
    }
    assert not [each for each in found if each.history]


def test_a_grant_says_its_version_its_level_and_its_beginning() -> None:
    consent = told(OPENED, SHOWN, GIVEN)
    assert consent.state is ConsentState.GRANTED
    assert consent.level is ConsentLevel.EXPLICIT
    assert consent.version is not None
    assert (consent.version.document.key, consent.version.version.key) == ("DOC_B", "2024-04-01")
    assert (consent.since, consent.valid_until) == (GIVEN.at, None)


def test_what_changed_nothing_leaves_the_beginning_and_stands_in_the_history() -> None:
    again = replace(SHOWN, at=GIVEN.at + DAY)
    consent = told(OPENED, SHOWN, GIVEN, again)
    assert (consent.state, consent.since) == (ConsentState.GRANTED, GIVEN.at)
    assert [each.at for each in consent.history] == [SHOWN.at, GIVEN.at, again.at]


def test_a_withdrawal_ends_it_when_it_happens() -> None:
    withdrawn = replace(GIVEN, kind=EventKind.WITHDRAWN, at=GIVEN.at + DAY)
    before = told(OPENED, SHOWN, GIVEN, withdrawn, at=withdrawn.at - DAY / 2)
    after = told(OPENED, SHOWN, GIVEN, withdrawn)
    assert before.state is ConsentState.GRANTED
    assert (after.state, after.since, after.version) == (
        ConsentState.WITHDRAWN,
        withdrawn.at,
        None,
    )


def test_a_term_ends_it_by_the_clock() -> None:
    until = GIVEN.at + 2 * DAY
    limited = replace(GIVEN, valid_until=until)
    assert told(OPENED, SHOWN, limited, at=until - DAY).valid_until == until
    assert told(OPENED, SHOWN, limited, at=until - DAY).state is ConsentState.GRANTED
    over = told(OPENED, SHOWN, limited, at=until)
    assert (over.state, over.since) == (ConsentState.EXPIRED, until)


def test_a_closed_account_ends_what_was_given_and_nothing_else() -> None:
    closed = Event(EventKind.ACCOUNT_CLOSED, GIVEN.at + DAY)
    ended = told(OPENED, SHOWN, GIVEN, closed)
    assert (ended.state, ended.since) == (ConsentState.ENDED, closed.at)
    refused = replace(SHOWN, kind=EventKind.REFUSED, at=GIVEN.at)
    assert told(OPENED, SHOWN, refused, closed).state is ConsentState.REFUSED
    over = told(OPENED, SHOWN, replace(GIVEN, valid_until=GIVEN.at + DAY / 2), closed)
    assert (over.state, over.since) == (ConsentState.EXPIRED, GIVEN.at + DAY / 2)


def test_a_material_version_supersedes_what_was_given_before_by_the_clock() -> None:
    newer = CATALOGUE.documents["DOC_A"].version("2022-03-31")
    early = newer.in_force.start - 9 * DAY
    shown = Event(EventKind.PRESENTED, early, item="A", version="2019-08-01")
    deemed = replace(shown, kind=EventKind.DEEMED, age=AgeGroup.ADULT)
    stood = told(shown, deemed, at=newer.in_force.start - DAY / 2, item="A")
    assert (stood.state, stood.since) == (ConsentState.DEEMED, early)
    superseded = told(shown, deemed, item="A")
    assert (superseded.state, superseded.since) == (
        ConsentState.SUPERSEDED,
        newer.in_force.start,
    )
    assert superseded.version is not None
    assert superseded.version.version.key == "2019-08-01"


def test_an_editorial_version_supersedes_nothing() -> None:
    document = CATALOGUE.documents["DOC_A"]
    earlier, newer = document.versions
    carried = replace(document, versions=(earlier, replace(newer, material=False)))
    catalogue = replace(CATALOGUE, documents={**CATALOGUE.documents, "DOC_A": carried})
    shown = Event(EventKind.PRESENTED, earlier.in_force.start, item="A", version=earlier.key)
    deemed = replace(shown, kind=EventKind.DEEMED, age=AgeGroup.ADULT)
    told_of = {each.item.key: each.state for each in consents(catalogue, [shown, deemed], T0)}
    assert told_of["A"] is ConsentState.DEEMED


def test_one_item_says_nothing_of_another() -> None:
    assert told(OPENED, SHOWN, GIVEN, item="B.sensitive").state is ConsentState.NONE


def test_what_is_told_is_what_the_rule_reads_whatever_happened() -> None:
    seen = Counter[ConsentState]()
    for number in range(300):
        throws = Dice(bytes((number * step) % 256 for step in range(1, 400)))
        events = sorted(draw_history(throws, CATALOGUE), key=lambda event: event.at)
        at = throws.pick(*INSTANTS)
        facts = fold(events, at, CATALOGUE)
        standing, closed_at = facts.items, facts.closed_at
        for each in consents(CATALOGUE, events, at):
            stands = standing.get(each.item.key)
            assert each.since is None or each.since <= at
            match each.state:
                case ConsentState.EXPIRED:
                    assert stands is not None
                    assert stands.valid_until <= at
                case ConsentState.ENDED | ConsentState.SUPERSEDED:
                    assert stands is not None
                    assert stands.state in STANDING_STATES
                case state:
                    assert state is (stands.state if stands else ConsentState.NONE)
                    assert state not in STANDING_STATES or at < closed_at
            seen[each.state] += 1
    assert set(seen) == set(ConsentState)
