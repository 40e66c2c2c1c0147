"""Whose consent goes on under an editorial version is told of it: once, and nobody else."""

from collections.abc import Sequence
from datetime import datetime

from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.news import news
from tests.acting import DAY, START, about, done
from tests.publications import COMING, published

EDITED, ALSO_RENEWED = published((1, 0)), published((2, 0))
_, NEWER, RENEWED = (each.key for each in ALSO_RENEWED.documents["DOC_A"].versions[-3:])
AHEAD = START + COMING["DOC_A"][0][0] * DAY
OPENED = done(EventKind.ACCOUNT_OPENED, START - DAY)


def given(at: datetime = START) -> tuple[Event, ...]:
    kinds = (EventKind.PRESENTED, EventKind.GRANTED)
    return (OPENED, *(each for kind in kinds for each in about(kind, at, "A", EDITED)))


def told(*past: Event, catalogue: Catalogue = EDITED, at: datetime = AHEAD) -> Sequence[str | None]:
    found = [*news(catalogue, past, at)]
    assert all((each.item, each.at) == ("A", at) for each in found)
    return [each.version for each in found]


def test_who_consented_to_the_version_before_is_told_also_ahead_of_its_day() -> None:
    assert told(*given(), at=START) == told(*given()) == [NEWER]


def test_nobody_is_told_twice() -> None:
    assert told(*given(), *news(EDITED, given(), START)) == []


def test_who_consents_to_it_need_not_be_told() -> None:
    assert told(*given(AHEAD)) == []


def test_whose_consent_does_not_stand_is_not_told_until_it_does() -> None:
    held = (*given(), *about(EventKind.SUSPENDED, START, "A", EDITED))
    assert told(*held) == []
    assert told(*held, *about(EventKind.REINSTATED, START, "A", EDITED)) == [NEWER]
    assert told(*given(), *about(EventKind.WITHDRAWN, START, "A", EDITED)) == []


def test_a_material_version_carries_nobody_over_and_is_no_news() -> None:
    assert told(*given(), catalogue=ALSO_RENEWED) == [NEWER]
    assert RENEWED not in told(*given(AHEAD), catalogue=ALSO_RENEWED)


def test_whoever_has_left_is_told_of_nothing() -> None:
    assert told(*given(), done(EventKind.ACCOUNT_CLOSED, START)) == []
