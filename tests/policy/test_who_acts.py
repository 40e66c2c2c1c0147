"""Who may do what, about whom and what: asked of every kind of act alike."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from policy.acts import Objection, objection
from policy.events import Event, EventKind, Evidence
from policy.vocabulary import AgeGroup
from tests.acting import START, about, done
from tests.real import CATALOGUE

Kind = EventKind
PERSON = {"member", "guardian"}
EVERYBODY = {"member", "guardian", "service", "officer"}
ACTORS = {
    "member": Evidence("member:m1"),
    "guardian": Evidence("guardian:m9"),
    "service": Evidence("service:ichiba"),
    "officer": Evidence("officer:ssi:o1", reference="2026-17"),
}
MAY = {
    Kind.PRESENTED: PERSON | {"service"},
    Kind.DEEMED: {"service"},
    Kind.GRANTED: PERSON,
    Kind.REFUSED: PERSON,
    Kind.DEFERRED: PERSON,
    Kind.WITHDRAWN: PERSON,
    Kind.SUSPENDED: {"officer"},
    Kind.REINSTATED: {"officer"},
    Kind.INVALIDATED: {"officer"},
    Kind.ACCOUNT_OPENED: EVERYBODY,
    Kind.ACCOUNT_CLOSED: PERSON,
    Kind.LINKED: PERSON | {"service"},
    Kind.UNLINKED: PERSON,
    Kind.USED: {"service"},
    Kind.NOTIFIED: EVERYBODY,
    Kind.MAIL_PREFERENCE: PERSON,
    Kind.ADS_PREFERENCE: PERSON,
    Kind.STOP_REQUESTED: PERSON,
    Kind.STOP_LIFTED: PERSON,
    Kind.OVERSEAS_CONSENTED: PERSON,
    Kind.OVERSEAS_WITHDRAWN: PERSON,
    Kind.INCIDENT_OPENED: EVERYBODY,
    Kind.INCIDENT_CLOSED: EVERYBODY,
    Kind.GUARDIAN_REGISTERED: {"guardian"},
}
"""Kind of event → who brings it about (domain.md 3.1); the edge asks for roles once more."""

ABOUT_ITEMS = [
    Kind.PRESENTED,
    Kind.DEEMED,
    Kind.GRANTED,
    Kind.REFUSED,
    Kind.DEFERRED,
    Kind.WITHDRAWN,
    Kind.SUSPENDED,
    Kind.REINSTATED,
    Kind.INVALIDATED,
]
ABOUT_COMPANIES = [
    Kind.LINKED,
    Kind.UNLINKED,
    Kind.USED,
    Kind.MAIL_PREFERENCE,
    Kind.STOP_REQUESTED,
    Kind.STOP_LIFTED,
    Kind.INCIDENT_OPENED,
    Kind.INCIDENT_CLOSED,
]
AFTER_CLOSING = {Kind.STOP_REQUESTED, Kind.STOP_LIFTED, Kind.INCIDENT_OPENED, Kind.INCIDENT_CLOSED}

OPENED = done(Kind.ACCOUNT_OPENED)
REGISTERED = done(
    Kind.GUARDIAN_REGISTERED,
    guardian_key="m9",
    age=AgeGroup.CHILD,
    evidence=ACTORS["guardian"],
)


def some(kind: EventKind) -> Event:
    """An event of this kind, about something that there is."""
    if kind in ABOUT_ITEMS:
        return about(kind)[-1]
    parts: dict[str, Any] = {
        "company": "card",
        "country": "SG",
        "purpose": "own:card:analysis",
        "guardian_key": "m9",
    }
    return done(kind, **parts)


def against(past: Sequence[Event], event: Event) -> Objection | None:
    return objection(CATALOGUE, past, event)


def test_the_table_names_every_kind() -> None:
    assert set(MAY) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", ACTORS)
def test_nobody_does_what_is_not_theirs(kind: EventKind, role: str) -> None:
    event = replace(some(kind), evidence=ACTORS[role], age=AgeGroup.CHILD)
    refused = {Objection.WRONG_ACTOR, Objection.NOT_GUARDIAN}
    found = against([OPENED, REGISTERED], event)
    assert (found in refused) == (role not in MAY[kind])


@pytest.mark.parametrize(
    "kind", [kind for kind, roles in MAY.items() if roles >= PERSON and roles != EVERYBODY]
)
def test_nobody_acts_as_a_guardian_without_being_one(kind: EventKind) -> None:
    event = replace(some(kind), evidence=ACTORS["guardian"], age=AgeGroup.CHILD)
    assert against([OPENED], event) is Objection.NOT_GUARDIAN
    assert against([OPENED, REGISTERED], event) is not Objection.NOT_GUARDIAN
    of_age = replace(event, age=AgeGroup.ADULT)
    assert against([OPENED, REGISTERED], of_age) is Objection.NOT_GUARDIAN


@pytest.mark.parametrize("kind", ABOUT_ITEMS)
def test_an_act_is_about_an_item_that_there_is(kind: EventKind) -> None:
    unheard = replace(some(kind), item="unheard-of")
    assert against([OPENED], unheard) is Objection.UNKNOWN_ITEM
    assert against([OPENED], replace(unheard, item=None)) is Objection.UNKNOWN_ITEM


@pytest.mark.parametrize("kind", ABOUT_COMPANIES)
def test_an_act_is_about_a_company_that_there_is(kind: EventKind) -> None:
    unheard = replace(some(kind), company="unheard-of")
    assert against([OPENED], unheard) is Objection.UNKNOWN_COMPANY
    assert against([OPENED], replace(unheard, company=None)) is Objection.UNKNOWN_COMPANY


@pytest.mark.parametrize("kind", [Kind.STOP_REQUESTED, Kind.STOP_LIFTED])
def test_a_stop_is_about_categories_that_there_are(kind: EventKind) -> None:
    event = replace(some(kind), categories=("login", "unheard-of"))
    assert against([OPENED], event) is Objection.UNKNOWN_CATEGORY


@pytest.mark.parametrize("kind", Kind)
def test_a_closed_account_leaves_stops_and_incidents_alone(kind: EventKind) -> None:
    closed = [OPENED, REGISTERED, done(Kind.ACCOUNT_CLOSED, START)]
    found = against(closed, some(kind))
    assert found is (None if kind in AFTER_CLOSING else Objection.ACCOUNT_CLOSED)
