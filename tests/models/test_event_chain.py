"""A stored event says everything the event said, and its hash binds all of it."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from models.event_chain import (
    GENESIS,
    StoredEvent,
    decode,
    encode,
    identifiers_of,
    link,
)
from policy.events import Event, EventKind, Evidence
from tests.histories import BEGINNING, happenings

GRANT = Event(EventKind.GRANTED, BEGINNING, item="B.use", version="1", guardian=True)
LINKED = Event(EventKind.LINKED, BEGINNING, company="card", account_id="card-m1")


def stored(member_seq: int, prev_hash: str, event: Event = GRANT) -> StoredEvent:
    identifiers = identifiers_of(event)
    row = StoredEvent(
        seq=member_seq + 100,
        member="m1",
        member_seq=member_seq,
        kind=event.kind.value,
        at=event.at,
        recorded_at=event.at + timedelta(seconds=1),
        body=encode(event, identifiers),
        prev_hash=prev_hash,
        hash="",
        identifiers=identifiers,
    )
    return replace(row, hash=link(row.as_row()))


@given(happenings(BEGINNING))
def test_an_event_survives_the_way_into_the_log_and_back(event: Event) -> None:
    assert stored(1, GENESIS, event).event == event
    named = identifiers_of(event)
    assert decode(event.kind, event.at, encode(event, named), named) == event


def test_the_body_is_canonical_and_holds_only_what_the_event_carries() -> None:
    assert encode(GRANT, "") == '{"guardian":true,"item":"B.use","version":"1"}'
    assert encode(Event(EventKind.ACCOUNT_OPENED, BEGINNING), "") == "{}"
    until = Event(EventKind.DEEMED, BEGINNING, valid_until=datetime(1970, 1, 2, tzinfo=UTC))
    assert encode(until, "") == '{"valid_until":86400000000}'


def test_evidence_is_stored_in_the_body_and_what_it_lacks_is_absent() -> None:
    shown = Evidence("member:m1", language="ja", shown=("B.use",), disadvantages=2)
    assert encode(replace(GRANT, evidence=shown), "") == (
        '{"evidence":{"actor":"member:m1","disadvantages":2,"language":"ja","shown":["B.use"]},'
        '"guardian":true,"item":"B.use","version":"1"}'
    )


def test_what_was_recorded_next_follows() -> None:
    first = stored(1, GENESIS)
    assert first.follows(None)
    assert stored(2, first.hash).follows(first)


@pytest.mark.parametrize(
    "change",
    [
        {"member": "m2"},
        {"member_seq": 3},
        {"kind": "REFUSED"},
        {"at": BEGINNING - timedelta(microseconds=1)},
        {"recorded_at": BEGINNING},
        {"body": encode(replace(GRANT, guardian=False), "")},
        {"prev_hash": "0" * 64},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_to_any_part_of_a_stored_event_shows(change: dict[str, Any]) -> None:
    first = stored(1, GENESIS)
    second = stored(2, first.hash)
    assert not replace(second, **change).follows(first)


def test_the_hash_covers_every_part_but_itself_and_the_sequence_of_the_table() -> None:
    covered = {"member" if name == "member_key" else name for name in stored(1, "").as_row()}
    assert covered == {part.name for part in fields(StoredEvent)} - {"seq", "hash", "identifiers"}


def test_the_last_hash_binds_all_that_was_recorded_before() -> None:
    first, other = stored(1, GENESIS), stored(1, GENESIS, replace(GRANT, guardian=False))
    assert stored(2, first.hash).hash != stored(2, other.hash).hash


def test_an_event_taken_out_of_the_middle_shows() -> None:
    first = stored(1, GENESIS)
    second = stored(2, first.hash)
    assert not stored(3, second.hash).follows(first)
    assert not second.follows(None)


def test_an_identifier_stands_beside_the_body_and_no_two_digests_of_it_are_alike() -> None:
    one, other = stored(1, GENESIS, LINKED), stored(1, GENESIS, LINKED)
    assert "card-m1" not in one.body
    assert one.body != other.body


def test_identifiers_can_be_erased_and_the_chain_still_holds() -> None:
    first = stored(1, GENESIS, LINKED)
    erased = replace(first, identifiers="")
    assert erased.identifiers_erased
    assert not first.identifiers_erased
    assert erased.event == replace(LINKED, account_id=None)
    assert erased.follows(None)
    assert stored(2, first.hash).follows(erased)


def test_another_identifier_in_its_place_shows() -> None:
    first = stored(1, GENESIS, LINKED)
    other = identifiers_of(replace(LINKED, account_id="card-m2"))
    assert not replace(first, identifiers=other).follows(None)
    assert not replace(stored(1, GENESIS), identifiers=other).follows(None)
