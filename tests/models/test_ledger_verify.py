"""What a walk finds in rows, verifying finds in a ledger where they are stored, on both engines."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from models.entry_form import encode
from models.ledger import Ledger, ledger_url
from models.ledger_heads import Head, cut_head
from models.ledger_months import SEGMENTS
from models.ledger_verify import Verification
from tests.chains import Chain, entry, findings, made_anew
from tests.clock import START
from tests.engines import first_on
from tests.made import new_ledger
from tests.tampering import LEDGER, PLACES, TAMPERED, WITNESS, edited, one_byte_edits

pytestmark = pytest.mark.anyio

INSERTS = {
    "heads": "INSERT INTO ledger_head (number, at, body, digest) VALUES (:0, :1, :2, :3)",
    "segments": "INSERT INTO ledger_segment (segment, month, opened_at, after_head) "
    "VALUES (:0, :1, :2, :3)",
    "entries": "INSERT INTO ledger_entry (segment, seq, salt, body, link) "
    "VALUES (:0, :1, :2, :3, :4)",
}


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    opened = await new_ledger(ledger_url(database_url))
    yield opened
    await opened.close()


async def store(ledger: Ledger, rows: Chain) -> None:
    """Put these rows in the place of all that is stored."""
    async with ledger.database.write() as connection:
        for table in ("ledger_head", "ledger_segment", "ledger_entry"):
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (one of three)
        for name, statement in INSERTS.items():
            for row in getattr(rows, name):
                said = {str(at): value for at, value in enumerate(row)}
                await connection.execute(text(statement), said)


async def room_for_any_segment(ledger: Ledger) -> None:
    """PostgreSQL takes those of months that have begun alone; who owns it can change that."""
    if ledger.database.dialect == "postgresql":
        above = (
            "CREATE TABLE ledger_entry_above PARTITION OF ledger_entry "
            f"FOR VALUES FROM ({SEGMENTS}) TO (MAXVALUE)"
        )
        async with ledger.database.write() as connection:
            await connection.execute(text(above))


async def verified(ledger: Ledger, given: Head | None = WITNESS) -> list[str]:
    return [each async for each in Verification(ledger.database, START, given).findings()]


def sampled_edits() -> Iterator[Chain]:
    """Of each column of each row, one byte at either end and one within."""
    for table, place in PLACES:
        for column, value in enumerate(getattr(LEDGER, table)[place]):
            changed = [each for each in map(storable, one_byte_edits(value)) if each is not None]
            for at in (0, len(changed) // 2, -1):
                rows = edited(table, place, column, changed[at])
                if len({row[:2] for row in getattr(rows, table)}) == len(getattr(rows, table)):
                    yield rows


def storable(value: int | str | bytes) -> int | str | bytes | None:
    """The value as every engine takes it: text of printable characters alone."""
    if not isinstance(value, str):
        return value
    return value if value.isascii() and value.isprintable() else None


async def test_what_is_untouched_is_found_whole(ledger: Ledger) -> None:
    await store(ledger, LEDGER)
    assert await verified(ledger) == []
    assert await verified(ledger, None) == []


@pytest.mark.parametrize("database_url", first_on("postgresql"), indirect=True)
async def test_whatever_is_done_to_stored_rows_is_found_as_in_the_rows(ledger: Ledger) -> None:
    every = [*sampled_edits(), *TAMPERED.values(), *map(made_anew, TAMPERED.values())]
    assert len(every) > 300
    await room_for_any_segment(ledger)
    for rows in every:
        await store(ledger, rows)
        found = await verified(ledger)
        assert found
        assert found == list(findings(rows, WITNESS))


async def test_a_table_that_is_gone_has_no_rows(ledger: Ledger) -> None:
    await store(ledger, LEDGER)
    async with ledger.database.write() as connection:
        await connection.execute(text("DROP TABLE ledger_head"))
    assert "head 1: is missing, though head 2 was given" in await verified(ledger)


async def test_a_ledger_that_does_not_exist_is_found_by_the_witness_alone(sqlite_url: str) -> None:
    new = Ledger.open(sqlite_url)
    assert await verified(new) == ["head 1: is missing, though head 2 was given"]
    assert await verified(new, None) == []
    await new.close()


@pytest.mark.parametrize("other", ["CAST(X'FF736563726574' AS TEXT)", "1.5", "'text'", "X'00'"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("segment", "month"),
        ("segment", "opened_at"),
        ("segment", "after_head"),
        ("entry", "salt"),
        ("entry", "body"),
        ("entry", "link"),
        ("head", "at"),
        ("head", "body"),
        ("head", "digest"),
    ],
)
async def test_on_sqlite_a_value_of_another_type_is_found_and_not_told(
    sqlite_url: str, table: str, column: str, other: str
) -> None:
    ledger = await new_ledger(sqlite_url)
    await store(ledger, LEDGER)
    async with ledger.database.write() as connection:
        await connection.execute(text(f"UPDATE ledger_{table} SET {column} = {other}"))  # noqa: S608
    found = await verified(ledger)
    assert len(found) >= 2
    assert "secret" not in "".join(found)
    await ledger.close()


@pytest.mark.parametrize("column", ["salt", "body", "link"])
async def test_on_sqlite_the_same_bytes_as_text_are_found(sqlite_url: str, column: str) -> None:
    ledger = await new_ledger(sqlite_url)
    await store(ledger, LEDGER)
    async with ledger.database.write() as connection:
        as_text = f"UPDATE ledger_entry SET {column} = CAST({column} AS TEXT) WHERE seq = 3"  # noqa: S608
        await connection.execute(text(as_text))
    assert await verified(ledger) == [
        f"segment {segment}, entry 3: is not of the form of an entry" for segment in (1, 2, 3)
    ]
    await ledger.close()


async def test_memory_does_not_grow_with_the_entries(ledger: Ledger) -> None:
    """Rows are walked through some at a time: no page is larger than another."""
    for start in (0, 600):
        await asyncio.gather(*(ledger.append(entry(start + each)) for each in range(600)))
    pages: list[int] = []
    verification = Verification(ledger.database, START)
    assert [each async for each in verification.findings(pages.append)] == []
    assert pages == [500, 500, 200]


async def test_entries_after_the_head_are_counted(ledger: Ledger) -> None:
    await ledger.append(entry(1))
    given = await cut_head(ledger.database, START)
    for number in (2, 3):
        await ledger.append(entry(number))
    await cut_head(ledger.database, START)
    for head, outside in ((given, 2), (None, 0)):
        verification = Verification(ledger.database, START, head)
        assert [each async for each in verification.findings()] == []
        assert verification.verified is not None
        assert (verification.verified.entries, verification.verified.outside) == (3, outside)


async def test_what_is_altered_after_the_head_is_found_where_links_are_not_made_anew(
    ledger: Ledger,
) -> None:
    given = await cut_head(ledger.database, START)
    await ledger.append(entry(1))
    async with ledger.database.write() as connection:
        await connection.execute(
            text("UPDATE ledger_entry SET body = :body"), {"body": encode(entry(2))}
        )
    assert len(await verified(ledger, given)) == 1
