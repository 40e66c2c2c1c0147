"""Whatever byte of SQLite's file is edited: verifying finds it, or no row says anything else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from models.database import Database
from models.ledger_tables import LEDGER_ENTRY, LEDGER_HEAD, LEDGER_SEGMENT
from models.ledger_verify import Verification
from tests.chains import Row
from tests.clock import START
from tests.tampering import LEDGER, WITNESS

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

TABLES = {
    LEDGER_HEAD: (LEDGER.heads, "number, at, body, digest"),
    LEDGER_SEGMENT: (LEDGER.segments, "segment, month, opened_at, after_head"),
    LEDGER_ENTRY: (LEDGER.entries, "segment, seq, salt, body, link"),
}
PARTS = 4
EVERY = [13, pytest.param(1, marks=pytest.mark.long)]
"""Which of the bytes are edited."""


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """The small ledger in a file of small pages."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA page_size = 512; VACUUM")
    async with Database.open(f"sqlite+aiosqlite:///{path}") as database:
        async with database.write() as connection:
            for table in TABLES:
                await connection.run_sync(table.create)
        with closing(sqlite3.connect(path)) as connection:
            for table, (rows, columns) in TABLES.items():
                marks = ", ".join("?" * len(rows[0]))
                said = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608
                connection.executemany(said, rows)
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def stored(file: Path) -> list[Row] | None:
    """Every row as it lies in its table, read by no index; None where that cannot be read."""
    with closing(sqlite3.connect(file)) as connection:
        try:
            return [
                row
                for table, (_, columns) in TABLES.items()
                for row in connection.execute(
                    f"SELECT {columns} FROM {table.name} NOT INDEXED ORDER BY rowid"  # noqa: S608
                )
            ]
        except sqlite3.DatabaseError:
            return None


def contents(file: Path) -> bytes:
    return file.read_bytes()


def put(file: Path, contents: bytes) -> None:
    """Write the file anew, with no log beside it."""
    for beside in file.parent.glob(f"{file.name}-*"):
        beside.unlink()
    file.write_bytes(contents)


async def verified(file: Path) -> list[str]:
    async with Database.open(f"sqlite+aiosqlite:///{file}") as database:
        return [each async for each in Verification(database, START, WITNESS).findings()]


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("part", range(PARTS))
async def test_an_edit_of_any_byte_of_the_file_is_found_or_says_nothing_else(
    file: Path, part: int, every: int
) -> None:
    whole, rows = contents(file), stored(file)
    assert await verified(file) == []
    found = 0
    for at in range(part * every, len(whole), PARTS * every):
        put(file, whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        if await verified(file):
            found += 1
        else:
            assert stored(file) == rows, at
    assert found > len(whole) // every // PARTS // 4
