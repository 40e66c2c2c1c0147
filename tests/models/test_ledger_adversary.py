"""Who holds the database and makes links and heads anew alters nothing that a witness fixed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from models import ledger_chain as chain
from models.entry_form import encode
from models.purge_form import Purge
from models.purge_form import encode as encode_purge
from models.types import microseconds
from tests.chains import Chain, Row, entry, findings, made_anew
from tests.clock import START
from tests.say import Say

Draw = st.DataObject
Move = Callable[[Chain, Draw], Chain]
EMPTY = Chain((), (), ())


def written(draw: Draw) -> Chain:
    """A ledger that writers and heads made in some order, with a head at its end."""
    stored = EMPTY
    for step in draw.draw(st.lists(st.sampled_from(("open", "append", "cut")), max_size=12)):
        if step == "cut":
            stored = cut(stored)
        elif step == "open" or not stored.segments:
            stored = opened(stored, len(stored.heads))
        else:
            stored = appended(stored, draw.draw(st.sampled_from(stored.segments))[0])
    return made_anew(cut(opened(stored, len(stored.heads))))


def opened(stored: Chain, after: int) -> Chain:
    number = max((row[0] for row in stored.segments), default=0) + 1
    row = (number, "2026-06", microseconds(START), after)
    return appended(replace(stored, segments=(*stored.segments, row)), number)


def appended(stored: Chain, segment: int) -> Chain:
    seq = max((row[1] for row in stored.entries if row[0] == segment), default=0) + 1
    body = encode(entry(len(stored.entries)))
    return with_entries(stored, (*stored.entries, (segment, seq, b"salt", body, b"")))


def with_entries(stored: Chain, rows: Sequence[Row]) -> Chain:
    return replace(stored, entries=tuple(sorted(rows)))


def ends(stored: Chain) -> dict[int, int]:
    return {row[0]: row[1] for row in stored.entries}


def cut(stored: Chain) -> Chain:
    known = {each.segment: each.seq for row in stored.heads for each in chain.reached_by(row[2])}
    return headed(stored, {of: end for of, end in ends(stored).items() if end > known.get(of, 0)})


def headed(stored: Chain, named: dict[int, int]) -> Chain:
    body = chain.head_body([chain.Reached(*each, b"") for each in named.items()])
    row = (len(stored.heads) + 1, microseconds(START), body, b"")
    return replace(stored, heads=(*stored.heads, row))


def edit(stored: Chain, draw: Draw) -> Chain:
    place = draw.draw(st.integers(0, len(stored.entries) - 1))
    rows = list(stored.entries)
    rows[place] = (*rows[place][:3], encode(entry(99)), rows[place][4])
    return with_entries(stored, rows)


def blank(stored: Chain, draw: Draw) -> Chain:
    place = draw.draw(st.integers(0, len(stored.entries) - 1))
    rows = list(stored.entries)
    segment, seq, salt, body, link = rows[place]
    left = chain.commitment(salt, body) if salt else body
    rows[place] = (segment, seq, b"", left, link)
    return with_entries(stored, rows)


def purge(stored: Chain, draw: Draw) -> Chain:
    """Blank an entry, and say that it was time to."""
    left = blank(stored, draw)
    gone = [old for old, new in zip(stored.entries, left.entries, strict=True) if old != new]
    said = append(left, draw)
    for segment, seq, *_ in gone:
        body = encode_purge(Purge(datetime(2099, 1, 1, tzinfo=UTC), segment, seq, seq))
        rows = [row if row in left.entries else (*row[:3], body, b"") for row in said.entries]
        said = with_entries(said, rows)
    return said


def take_out(stored: Chain, draw: Draw) -> Chain:
    place = draw.draw(st.integers(0, len(stored.entries) - 1))
    return renumbered(stored, [*stored.entries[:place], *stored.entries[place + 1 :]])


def put_in(stored: Chain, draw: Draw) -> Chain:
    place = draw.draw(st.integers(0, len(stored.entries) - 1))
    more = (*stored.entries[place][:2], b"salt", encode(entry(98)), b"")
    return renumbered(stored, [*stored.entries[:place], more, *stored.entries[place:]])


def renumbered(stored: Chain, rows: Sequence[Row]) -> Chain:
    found = [
        (segment, seq, *row[2:])
        for segment, of in groupby(rows, key=lambda row: row[0])
        for seq, row in enumerate(of, 1)
    ]
    return with_entries(stored, found)


def append(stored: Chain, draw: Draw) -> Chain:
    return appended(stored, draw.draw(st.sampled_from(stored.segments))[0])


def slip_in(stored: Chain, draw: Draw) -> Chain:
    return opened(stored, draw.draw(st.integers(0, len(stored.heads))))


def drop(stored: Chain, draw: Draw) -> Chain:
    gone = draw.draw(st.sampled_from(stored.segments))[0]
    kept = tuple(row for row in stored.segments if row[0] != gone)
    return replace(
        stored, segments=kept, entries=tuple(row for row in stored.entries if row[0] != gone)
    )


def reopen(stored: Chain, draw: Draw) -> Chain:
    place = draw.draw(st.integers(0, len(stored.segments) - 1))
    rows = list(stored.segments)
    rows[place] = (*rows[place][:3], draw.draw(st.integers(-1, len(stored.heads))))
    return replace(stored, segments=tuple(rows))


def behead(stored: Chain, draw: Draw) -> Chain:
    return replace(stored, heads=stored.heads[: draw.draw(st.integers(0, len(stored.heads)))])


def forge(stored: Chain, draw: Draw) -> Chain:
    some = draw.draw(st.lists(st.sampled_from(stored.entries), max_size=3))
    return headed(stored, {row[0]: row[1] for row in some})


def restate(stored: Chain, _: Draw) -> Chain:
    """Cut a head that names all ends once more."""
    return headed(stored, ends(stored))


def name_anew(stored: Chain, draw: Draw) -> Chain:
    """Have a head name other ends."""
    place = draw.draw(st.integers(0, max(len(stored.heads) - 1, 0)))
    if not stored.heads:
        return stored
    forged = forge(replace(stored, heads=stored.heads[:place]), draw).heads[-1]
    return replace(stored, heads=(*stored.heads[:place], forged, *stored.heads[place + 1 :]))


ROWS: list[Move] = [edit, blank, purge, take_out, put_in, append, slip_in, drop, reopen]
HEADS: list[Move] = [behead, forge, restate, name_anew]


def attacked(ledger: Chain, draw: Draw) -> Chain:
    """Some rows altered, then some heads, then all links made to fit, and heads from one on."""
    rows = draw.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=3))
    heads = draw.draw(st.lists(st.sampled_from(HEADS), max_size=2))
    stored = ledger
    for move in (*rows, *heads):
        if stored.entries:
            stored = move(stored, draw)
    every = len(ledger.heads)
    kept = st.one_of(st.just(every), st.integers(0, every))
    return made_anew(stored, after=draw.draw(kept))


def fixed(stored: Chain, number: int) -> tuple[set[Row], set[Row], int]:
    """What a head has fixed: entries, rows of segments, and how many segments there were."""
    upto: dict[int, int] = {}
    for row in stored.heads[:number]:
        upto.update({each.segment: each.seq for each in chain.reached_by(row[2])})
    return (
        {row for row in stored.entries if row[1] <= upto.get(row[0], 0)},
        {row for row in stored.segments if row[0] in upto},
        sum(1 for row in stored.segments if row[3] < number),
    )


def test_nobody_changes_what_a_witness_fixed_unseen(say: Say) -> None:
    unseen = changed = 0

    @given(st.data())
    def no_attack_goes_unseen(draw: Draw) -> None:
        nonlocal unseen, changed
        ledger = written(draw)
        number = draw.draw(st.integers(1, len(ledger.heads)))
        assert list(findings(ledger, ledger.head(number))) == []
        stored = attacked(ledger, draw)
        found = list(findings(stored, ledger.head(number)))
        entries, segments, count = fixed(ledger, number)
        whole = entries <= {*stored.entries} and segments <= {*stored.segments}
        same = sum(1 for row in stored.segments if row[3] < number) == count
        assert found or (whole and same)
        changed += not (whole and same)
        unseen += not found

    no_attack_goes_unseen()
    say(f"{changed} attacks on what was fixed, all found; {unseen} that changed nothing of it")
    assert changed > 20
    assert unseen > 5
