"""Acts as people do them: events with who acts, how they signed in, and what shows it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from policy.acts import first_objection
from policy.catalogue import Catalogue
from policy.events import RAKUTEN_ID, Event, EventKind, Evidence
from policy.objections import Objection
from policy.vocabulary import AgeGroup
from tests.real import CATALOGUE

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)

OFFICERS = {EventKind.SUSPENDED, EventKind.REINSTATED, EventKind.INVALIDATED}
SERVICES = {EventKind.USED, EventKind.DEEMED}


def done(kind: EventKind, at: datetime = START, **parts: Any) -> Event:
    """The event as whoever may bring it about does: an adult, signed in with the group's ID."""
    said: dict[str, Any] = {"age": AgeGroup.ADULT, "acr": RAKUTEN_ID, "evidence": by(kind)}
    return Event(kind, at, **{**said, **parts})


def by(kind: EventKind, **said: Any) -> Evidence:
    """Evidence of the actor whose act this is."""
    if kind in OFFICERS:
        return Evidence("officer:ssi:o1", **{"reference": "2026-17", **said})
    if kind in SERVICES:
        return Evidence("service:ichiba", **{"service": "ichiba_market", **said})
    return Evidence("member:m1", **said)


def about(
    kind: EventKind,
    at: datetime = START,
    item: str = "A",
    catalogue: Catalogue = CATALOGUE,
    **parts: Any,
) -> tuple[Event, ...]:
    """An act about one item, of the version in force; a deemed consent with the use it rests on."""
    version = catalogue.documents[catalogue.items[item].document].version_at(at)
    named = {"item": item, "version": version.key if version else None, **parts}
    used = (done(EventKind.USED, at, company="ichiba"),) if kind is EventKind.DEEMED else ()
    return (*used, done(kind, at, **named))


def against(
    past: Sequence[Event], *act: Event, catalogue: Catalogue = CATALOGUE
) -> Objection | None:
    """What stands against the act, whichever of its events it stands against."""
    found = first_objection(catalogue, past, act)
    return found[0] if found else None
