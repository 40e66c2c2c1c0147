"""A member's positions, many in a row: whatever order they come in, each is told once."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from models import positions
from models.database import Database
from models.history_tables import HISTORY
from models.positions import common, grow, grown, newest_of, oldest_of, pack, take_out, unpack
from tests.engines import in_turns
from tests.folds import ledgers
from tests.plans import plan_of_statement, statements

pytestmark = pytest.mark.anyio

MEMBER, OTHER = 1, 2
TIMES = 40


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a few positions, read two at once, so that there are many."""
    monkeypatch.setattr(positions, "FULL", 3)
    monkeypatch.setattr(positions, "AT_ONCE", 2)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with ledgers(database_url) as opened:
        ledger = opened.folder().ledger
        yield ledger.database


async def put(database: Database, *some: int, member: int = MEMBER) -> None:
    async with database.read() as connection:
        worked_out = await grown(connection, {member: some, OTHER: some})
    async with database.write() as connection:
        await connection.exec_driver_sql("SELECT 1")
        await grow(connection, worked_out)


async def newest(database: Database, before: int | None) -> list[int]:
    async with database.read() as connection:
        return [each async for some in newest_of(connection, MEMBER, before) for each in some]


async def oldest(database: Database, after: int) -> list[int]:
    async with database.read() as connection:
        return [each async for some in oldest_of(connection, MEMBER, after) for each in some]


async def row_lengths(database: Database) -> list[int]:
    async with database.read() as connection:
        found = await connection.execute(HISTORY.select().where(HISTORY.c.member == MEMBER))
        return [len(unpack(row.base, row.positions)) for row in found]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("database_url", "seed"), in_turns(range(5)), indirect=["database_url"])
async def test_positions_are_told_in_order_whatever_order_they_came_in(
    database: Database, seed: int
) -> None:
    random, stand = Random(seed), set[int]()  # noqa: S311 (a test's)
    for _ in range(TIMES):
        if random.random() < 0.7:
            some = set(random.sample(range(1, 200), random.randrange(1, 6))) - stand
            await put(database, *random.sample(sorted(some), len(some)))
            stand |= some
        elif stand:
            gone = set(random.sample(sorted(stand), random.randrange(len(stand)) // 2 + 1))
            async with database.write() as connection:
                await take_out(connection, {MEMBER: gone, OTHER: gone})
            stand -= gone
        at = random.randrange(200)
        assert await newest(database, None) == sorted(stand, reverse=True)
        assert await newest(database, at) == sorted((n for n in stand if n < at), reverse=True)
        assert await oldest(database, at) == sorted(n for n in stand if n > at)
        asked = {random.randrange(1, 200) for _ in range(20)}
        async with database.read() as connection:
            assert await common(connection, MEMBER, asked) == asked & stand


@pytest.mark.usefixtures("few")
async def test_a_row_is_full_at_some_time_and_gone_when_nothing_is_left_in_it(
    database: Database,
) -> None:
    for each in range(1, 12):
        await put(database, each)
    assert await row_lengths(database) == [3, 3, 3, 2]
    async with database.write() as connection:
        await take_out(connection, {MEMBER: range(1, 8)})
    assert await row_lengths(database) == [2, 2]
    async with database.write() as connection:
        await take_out(connection, {MEMBER: range(12)})
    assert await row_lengths(database) == []
    await put(database, 20)
    assert await newest(database, None) == [20]


async def test_the_row_of_a_position_is_looked_up_along_the_key(database: Database) -> None:
    await put(database, *range(1, 300, 7))
    async with database.read() as connection:
        with statements(connection) as asked:
            await grown(connection, {MEMBER: [400], OTHER: [400]})
        statement, given = asked[-1]
        plan = " ".join(await plan_of_statement(connection, statement, given))
    if connection.dialect.name == "sqlite":
        assert "SEARCH ledger_history USING PRIMARY KEY (member=? AND base>? AND base<?)" in plan
    else:
        assert "Index Cond: ((member = anon_1.value) AND (base >= COALESCE" in plan


@pytest.mark.parametrize("bytes_", [b"", b"\xc1", b"\xa1x", pack(1, [2])[:-1]])
def test_what_was_not_packed_is_not_taken_for_positions(bytes_: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        unpack(1, bytes_)


def test_a_position_of_a_page_that_is_asked_again_and_again_takes_a_byte() -> None:
    assert len(pack(10**9, [10**9 + 100 * each for each in range(1, 65)])) < 64 + 4
