"""Whatever is done to the rows of a ledger, a walk given the witness's head names where."""

from dataclasses import replace

import pytest

from models.entry_form import encode
from models.ledger_chain import Reached, commitment, head_body, head_digest
from models.types import microseconds
from tests.chains import ENTRIES, Chain, Row, entry, findings, first, made_anew
from tests.clock import START
from tests.tampering import LEDGER, PLACES, TAMPERED, WITNESS, edited, one_byte_edits


def test_an_untouched_ledger_is_found_whole() -> None:
    assert list(findings(LEDGER, WITNESS)) == []
    assert list(findings(LEDGER)) == []
    assert list(findings(LEDGER, LEDGER.head(1))) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize(("table", "place"), PLACES)
def test_every_one_byte_edit_over_every_byte_is_found(table: str, place: int) -> None:
    row = getattr(LEDGER, table)[place]
    for column, value in enumerate(row):
        for changed in one_byte_edits(value):
            stored = edited(table, place, column, changed)
            assert first(stored, WITNESS), (table, place, column, changed)


@pytest.mark.parametrize("place", range(len(LEDGER.entries)))
@pytest.mark.parametrize("column", [2, 3, 4], ids=["salt", "body", "link"])
def test_the_first_finding_names_the_entry_that_was_edited(place: int, column: int) -> None:
    segment, seq, *_ = row = LEDGER.entries[place]
    stored = edited("entries", place, column, row[column][:-1] + bytes([row[column][-1] ^ 1]))
    for given in (WITNESS, None):
        assert str(first(stored, given)).startswith(f"segment {segment}, entry {seq}: ")


@pytest.mark.parametrize("value", [None, 1.5, "text", b"bytes"], ids=str)
@pytest.mark.parametrize(("table", "place"), PLACES)
def test_a_value_of_another_type_is_found(table: str, place: int, value: object) -> None:
    for column in range(1, len(getattr(LEDGER, table)[place])):
        if table == "entries" and column == 1 and not isinstance(value, int):
            continue  # no engine gives it in order with numbers
        assert first(edited(table, place, column, value), WITNESS), column


@pytest.mark.parametrize(("table", "place"), PLACES)
def test_every_row_that_is_deleted_is_found(table: str, place: int) -> None:
    rows = getattr(LEDGER, table)
    stored = replace(LEDGER, **{table: (*rows[:place], *rows[place + 1 :])})
    assert first(stored, WITNESS)
    if table == "entries":
        segment, seq, *_ = rows[place]
        assert first(stored) == first(stored, WITNESS)
        assert str(first(stored)).startswith(f"segment {segment}, entry {seq}: is missing")


@pytest.mark.parametrize("stored", list(TAMPERED.values()), ids=list(TAMPERED))
def test_what_is_deleted_inserted_swapped_or_cut_is_found(stored: Chain) -> None:
    assert first(stored, WITNESS)
    assert first(stored)


@pytest.mark.parametrize("stored", list(TAMPERED.values()), ids=list(TAMPERED))
def test_who_makes_all_links_anew_meets_the_head_that_the_witness_holds(stored: Chain) -> None:
    anew = made_anew(stored)
    assert first(anew, WITNESS)
    assert first(made_anew(stored, after=2), WITNESS)
    assert first(made_anew(stored, after=2))


@pytest.mark.parametrize("place", range(len(LEDGER.entries)))
def test_a_head_made_up_later_does_not_stand_in_for_the_one_that_the_witness_holds(
    place: int,
) -> None:
    anew = made_anew(edited("entries", place, 3, encode(entry(99))))
    ends = [Reached(each[0], each[1], each[4]) for each in anew.entries if each[1] == ENTRIES]
    forged = forged_head(*ends, Reached(2, 2, anew.entries[4][4]))
    found = list(findings(replace(anew, heads=(*LEDGER.heads, forged)), WITNESS))
    assert any(wrong.endswith("names another") for wrong in found)
    assert "head 3: names segment 1 again at entry 3" in found


def forged_head(*reached: Reached) -> Row:
    body, before = head_body(reached), WITNESS.digest
    return 3, microseconds(START), body, head_digest(before, 3, START, body)


def test_without_a_witness_links_and_heads_that_were_all_made_anew_look_whole() -> None:
    anew = made_anew(edited("entries", 4, 3, encode(entry(99))))
    assert first(anew) is None
    assert first(anew, WITNESS) == "head 2: is another than the one that was given"


@pytest.mark.parametrize("place", range(5))
def test_what_was_altered_between_two_heads_is_found_with_the_later_one(place: int) -> None:
    anew = made_anew(edited("entries", place, 3, encode(entry(99))), after=1)
    assert str(first(anew, anew.head(2))).endswith("head 1 names another")


@pytest.mark.parametrize("after", [0, 1])
def test_a_segment_that_is_slipped_in_is_found(after: int) -> None:
    slipped = with_segment(after)
    wrong = f"segment 4: was opened after head {after}, but head {after + 1} does not name it first"
    assert list(findings(slipped, WITNESS)) == [wrong]
    assert list(findings(slipped)) == [wrong]


def test_a_segment_opened_after_the_last_head_is_outside_of_the_guarantee() -> None:
    assert list(findings(with_segment(2), WITNESS)) == []


def test_a_new_segment_without_entries_is_found() -> None:
    empty = replace(with_segment(2), entries=LEDGER.entries)
    assert list(findings(empty, WITNESS)) == ["segment 4, entry 1: is missing"]


def test_a_segment_that_names_a_head_which_is_not_there_is_found() -> None:
    assert list(findings(with_segment(3), WITNESS)) == [
        "segment 4: was opened after head 3, which is missing"
    ]


def with_segment(after: int) -> Chain:
    segment = (4, "2026-06", microseconds(START), after)
    more = (4, 1, b"salt" * 4, encode(entry(99)), b"")
    rows = replace(LEDGER, segments=(*LEDGER.segments, segment), entries=(*LEDGER.entries, more))
    return made_anew(rows, after=2)


def test_heads_that_were_cut_off_are_found_by_the_witness_and_by_what_came_after_them() -> None:
    assert first(replace(LEDGER, heads=LEDGER.heads[1:])) == "head 1: is missing"
    cut = replace(LEDGER, heads=LEDGER.heads[:1])
    assert next(findings(cut, WITNESS)) == "head 2: is missing, though head 2 was given"
    assert list(findings(replace(LEDGER, heads=()))) == [
        "segment 3: was opened after head 1, which is missing"
    ]


def test_an_older_copy_of_the_whole_ledger_is_found_by_the_witness() -> None:
    older = Chain(
        LEDGER.heads[:1],
        LEDGER.segments[:2],
        tuple(row for row in LEDGER.entries if row[0] == 1 or (row[0] == 2 and row[1] < 3)),
    )
    assert list(findings(older)) == []
    assert first(older, WITNESS) == "head 2: is missing, though head 2 was given"


@pytest.mark.parametrize("place", range(len(LEDGER.entries)))
def test_contents_that_are_gone_without_a_purge_are_found(place: int) -> None:
    segment, seq, salt, body, link = LEDGER.entries[place]
    rows = list(LEDGER.entries)
    rows[place] = (segment, seq, b"", commitment(salt, body), link)
    assert list(findings(replace(LEDGER, entries=tuple(rows)), WITNESS)) == [
        f"segment {segment}, entry {seq}: its contents are gone, and no purge says so"
    ]


def test_an_entry_that_says_nothing_is_found_even_with_links_that_fit() -> None:
    for body in (b"", b"\x00", b"\x95\xa5purge", encode(entry(1))[:-1], encode(entry(1)) + b"\x00"):
        anew = made_anew(edited("entries", 8, 3, body))
        assert first(anew) == "segment 3, entry 3: cannot be read"
