"""A head binds all that is written by then, whoever writes meanwhile; its line can be kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from models.entry_form import encode
from models.ledger import Ledger, ledger_url
from models.ledger_chain import reached_by
from models.ledger_heads import Head, cut_head
from models.ledger_segment import extend, open_segment
from models.ledger_tables import LEDGER_HEAD
from models.ledger_verify import Verification
from policy.errors import StartUpError
from tests.chains import entry
from tests.clock import START
from tests.made import new_ledger

TURNS = 6
HEAD = Head(12, START + timedelta(microseconds=7), bytes(range(32)))


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    opened = await new_ledger(ledger_url(database_url))
    yield opened
    await opened.close()


async def findings(ledger: Ledger, head: Head) -> list[str]:
    return [each async for each in Verification(ledger.database, START, head).findings()]


def test_a_head_survives_the_way_into_a_line_and_back() -> None:
    assert HEAD.line == f"12 2026-06-15T00:00:00.000007Z {bytes(range(32)).hex()}"
    assert Head.parse(HEAD.line) == HEAD
    assert Head.parse(f"  {HEAD.line}\n") == HEAD


@pytest.mark.parametrize(
    "line",
    [
        "",
        "12",
        HEAD.line[:-1],
        HEAD.line + "0",
        HEAD.line.replace("12 ", "0 "),
        HEAD.line.replace("12 ", "-1 "),
        HEAD.line.replace("2026-06-15", "2026-06-31"),
        HEAD.line.replace("Z", ""),
        HEAD.line.upper(),
        HEAD.line + "\n" + HEAD.line,
        "9" * 30 + HEAD.line[2:],
        "١٢" + HEAD.line[2:],
    ],
)
def test_a_line_that_is_no_head_is_refused_with_what_to_give(line: str) -> None:
    with pytest.raises(StartUpError, match="Give the whole line"):
        Head.parse(line)


@pytest.mark.anyio
async def test_heads_are_numbered_and_where_nothing_grew_the_last_one_is_given_again(
    ledger: Ledger,
) -> None:
    empty = await cut_head(ledger.database, START)
    assert empty.number == 1
    assert await cut_head(ledger.database, START + timedelta(hours=1)) == empty
    await ledger.append(entry(1))
    second = await cut_head(ledger.database, START + timedelta(hours=2))
    assert (second.number, second.at) == (2, START + timedelta(hours=2))
    assert await cut_head(ledger.database, START + timedelta(hours=3)) == second


@pytest.mark.anyio
async def test_a_head_that_cannot_be_read_stops_the_next_one(ledger: Ledger) -> None:
    rotten = {"number": 1, "at": START, "body": b"?", "digest": b"?"}
    async with ledger.database.write() as connection:
        await connection.execute(insert(LEDGER_HEAD), rotten)
    with pytest.raises(StartUpError, match="Head 1 cannot be read: `sekisho ledger verify`"):
        await cut_head(ledger.database, START)


@pytest.mark.anyio
async def test_heads_cut_and_verified_while_others_write_hold(database_url: str) -> None:
    url, heads = ledger_url(database_url), list[Head]()

    async def write_and_cut(number: int) -> None:
        for turn in range(TURNS):
            ledger = Ledger.open(url)
            await asyncio.gather(*(ledger.append(entry(100 * number + turn)) for _ in range(3)))
            head = await cut_head(ledger.database, START)
            assert await findings(ledger, head) == []
            heads.append(head)
            await ledger.close()

    witness = await new_ledger(url)
    await asyncio.gather(*map(write_and_cut, range(3)))
    assert len({head.number for head in heads}) >= TURNS
    for head in {head.number: head for head in heads}.values():
        assert await findings(witness, head) == []
    await witness.close()


@pytest.mark.anyio
async def test_a_head_waits_for_a_segment_that_is_being_opened(postgresql_url: str) -> None:
    """On SQLite no two write at once anyway."""
    opener, witness = await new_ledger(postgresql_url), Ledger.open(postgresql_url)
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with opener.database.write() as connection:
        end = await open_segment(connection, START)
        cut = asyncio.create_task(cut_head(witness.database, START))
        while not await connection.scalar(text(waits)):
            assert not cut.done()
        await extend(connection, end, [encode(entry(1))])
    assert (await cut).number == 1
    async with witness.database.read() as connection:
        body = await connection.scalar(select(LEDGER_HEAD.c.body))
    assert [(each.segment, each.seq) for each in reached_by(body or b"")] == [(end.segment, 1)]
    await opener.close()
    await witness.close()
