"""What can be done to the rows of a small ledger (tests/chains.py), by its name."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

from models.entry_form import encode
from tests.chains import ENTRIES, Chain, Row, entry, written

LEDGER = written()
WITNESS = LEDGER.head(2)
SEGMENTS = (1, 2, 3)
TABLES = ("heads", "segments", "entries")
PLACES = [(table, place) for table in TABLES for place in range(len(getattr(LEDGER, table)))]


def edited(table: str, place: int, column: int, value: object) -> Chain:
    """The ledger with another value in one column of one row."""
    rows = list(getattr(LEDGER, table))
    rows[place] = (*rows[place][:column], value, *rows[place][column + 1 :])
    return replace(LEDGER, **{table: tuple(rows)})


def one_byte_edits(value: Any) -> Iterator[Any]:
    """Every value that differs in one byte, both ends included; text in Latin-1 is one of bytes."""
    match value:
        case int():
            stored = value.to_bytes(8, "big", signed=True)
            yield from (int.from_bytes(each, "big", signed=True) for each in _edits(stored))
        case str():
            yield from (each.decode("latin-1") for each in _edits(value.encode()))
        case _:
            yield from _edits(value)


def _edits(stored: bytes) -> Iterator[bytes]:
    for at, old in enumerate(stored):
        for new in range(256):
            if new != old:
                yield stored[:at] + bytes([new]) + stored[at + 1 :]


def tampered() -> dict[str, Chain]:
    """What is deleted, inserted, swapped, cut off or put in another's place; links stay."""
    return dict((*_one_by_one(), *_in_pairs(), *_by_segments()))


def _one_by_one() -> Iterator[tuple[str, Chain]]:
    entries = LEDGER.entries
    for place, (segment, seq, *_) in enumerate(entries):
        name = f"{segment}-{seq}"
        kept, other = entries[:place], encode(entry(99))
        yield f"without {name}", _with((*kept, *entries[place + 1 :]))
        yield f"one more before {name}", _with((*kept, _made_up(segment), *entries[place:]))
        yield f"another {name}", edited("entries", place, 3, other)


def _in_pairs() -> Iterator[tuple[str, Chain]]:
    for one, other in combinations(range(len(LEDGER.entries)), 2):
        rows = list(LEDGER.entries)
        first, second = rows[one], rows[other]
        rows[one], rows[other] = (*first[:2], *second[2:]), (*second[:2], *first[2:])
        yield f"{first[:2]} and {second[:2]} swapped", replace(LEDGER, entries=tuple(rows))


def _by_segments() -> Iterator[tuple[str, Chain]]:
    for segment in SEGMENTS:
        for upto in range(ENTRIES):
            kept = tuple(row for row in LEDGER.entries if row[0] != segment or row[1] <= upto)
            yield f"{segment} cut off after {upto}", replace(LEDGER, entries=kept)
        others = tuple(row for row in LEDGER.entries if row[0] != segment)
        rows = tuple(row for row in LEDGER.segments if row[0] != segment)
        yield f"without {segment}", replace(LEDGER, segments=rows, entries=others)
    for order in permutations(SEGMENTS):
        if order != SEGMENTS:
            named = dict(zip(SEGMENTS, order, strict=True))
            moved = sorted((named[row[0]], *row[1:]) for row in LEDGER.entries)
            yield f"segments as {order}", replace(LEDGER, entries=tuple(moved))


def _with(rows: tuple[Row, ...]) -> Chain:
    """The ledger with these entries, numbered from 1 on in each segment."""
    numbered = [
        (segment, number, *row[2:])
        for segment in SEGMENTS
        for number, row in enumerate((row for row in rows if row[0] == segment), 1)
    ]
    return replace(LEDGER, entries=tuple(numbered))


def _made_up(segment: int) -> Row:
    return segment, 0, b"another salt    ", encode(entry(99)), bytes(32)


TAMPERED = tampered()
