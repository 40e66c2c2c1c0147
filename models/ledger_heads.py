"""Heads: how far every segment had come at one moment, each bound to the head before.

A head that somebody outside was given fixes all entries before it. A segment says which head was
the last when it was opened, so the next one has to name it: none can be slipped in later.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from msgspec import DecodeError
from sqlalchemy import ColumnElement, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.ledger_chain import NO_HEAD, Reached, head_body, head_digest, reached_by
from models.ledger_tables import LEDGER_ENTRY, LEDGER_HEAD, LEDGER_SEGMENT
from models.types import EPOCH
from policy.errors import StartUpError

_LINE = re.compile(r"(?P<number>[1-9][0-9]{0,17}) (?P<at>[0-9T:.-]{26}Z) (?P<digest>[0-9a-f]{64})")
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Head:
    """What an outside witness is given."""

    number: int
    at: datetime
    digest: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read what `line` wrote. Raises StartUpError for anything else."""
        said = _LINE.fullmatch(" ".join(line.split()))
        try:
            if said is not None:
                at = datetime.strptime(said["at"], _TIME).replace(tzinfo=EPOCH.tzinfo)
                return cls(int(said["number"]), at, bytes.fromhex(said["digest"]))
        except ValueError:
            pass
        raise StartUpError(
            "This is no head. Give the whole line that `sekisho ledger head` printed, in quotes: "
            "a number, a time and 64 hexadecimal digits."
        )

    @property
    def line(self) -> str:
        """Number, time and digest, in one line."""
        return f"{self.number} {self.at:{_TIME}} {self.digest.hex()}"


async def last_head(connection: AsyncConnection) -> int:
    """The number of the last head, 0 for none; no head is cut before the transaction ends.

    A segment that is opened in this transaction is therefore named by the next head.
    """
    await _hold(connection, "ROW SHARE")
    return await connection.scalar(select(func.coalesce(func.max(LEDGER_HEAD.c.number), 0))) or 0


async def cut_head(database: Database, at: datetime) -> Head:
    """Bind all that is in the ledger by now to a new head; the last one where nothing grew.

    Writers go on meanwhile, but for those that open a segment, who wait.
    """
    async with database.write() as connection:
        await _hold(connection, "EXCLUSIVE")
        last, known = await _known(connection)
        grown = [
            each for each in await _reached(connection) if each.seq > known.get(each.segment, 0)
        ]
        if last is not None and not grown:
            return last
        number, before = (last.number, last.digest) if last else (0, NO_HEAD)
        body = head_body(grown)
        head = Head(number + 1, at, head_digest(before, number + 1, at, body))
        said = {"number": head.number, "at": at, "body": body, "digest": head.digest}
        await connection.execute(insert(LEDGER_HEAD), said)
    return head


async def _known(connection: AsyncConnection) -> tuple[Head | None, Mapping[int, int]]:
    """The last head, and up to which entry the heads name each segment."""
    last, known = None, {}
    table = LEDGER_HEAD.c
    query = select(table.number, table.at, table.digest, table.body).order_by(table.number)
    async for number, at, digest, body in await connection.stream(query):
        try:
            known.update({each.segment: each.seq for each in reached_by(bytes(body))})
        except DecodeError as fault:
            raise StartUpError(
                f"Head {number} cannot be read: `sekisho ledger verify` says what is wrong."
            ) from fault
        last = Head(number, at, bytes(digest))
    return last, known


async def _reached(connection: AsyncConnection) -> Sequence[Reached]:
    """How far every segment has come by now."""
    entry, segment = LEDGER_ENTRY.c, LEDGER_SEGMENT.c
    query = (
        select(entry.segment, entry.seq, entry.link)
        .where(entry.segment == segment.segment, entry.seq == _last_of(segment.segment))
        .order_by(entry.segment)
    )
    return [Reached(*row) for row in await connection.execute(query)]


def _last_of(segment: ColumnElement[int]) -> ColumnElement[int]:
    again = LEDGER_ENTRY.alias("again")
    last = select(func.max(again.c.seq)).where(again.c.segment == segment)
    return last.correlate(LEDGER_SEGMENT).scalar_subquery()


async def _hold(connection: AsyncConnection, mode: str) -> None:
    """Keep heads and openings apart. On SQLite a transaction that writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"LOCK TABLE ledger_head IN {mode} MODE"))
