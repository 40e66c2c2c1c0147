"""Whether the outbox tells each event once, as the log has it.

A world that is loaded is not told: what no notice precedes and was recorded with the member's
first event may have come that way.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_chain import StoredEvent
from models.event_log import History, histories
from models.outbox import notice_row
from models.tables import OUTBOX

Notices = Mapping[str, Sequence[RowMapping]]


async def check(connection: AsyncConnection) -> AsyncIterator[str]:
    """One line for each event that is not told as it should be, and for each notice of none."""
    after = ""
    async for page in histories(connection):
        told = await _notices(connection, after, page[-1].member)
        members = {history.member: history for history in page}
        for member in sorted(members.keys() | told.keys()):
            history = members.get(member, History(member, ()))
            for line in _differences(history, told.get(member, ())):
                yield line
        after = page[-1].member
    for member, notices in (await _notices(connection, after, None)).items():
        for line in _differences(History(member, ()), notices):
            yield line


async def _notices(connection: AsyncConnection, after: str, upto: str | None) -> Notices:
    query = select(OUTBOX).where(OUTBOX.c.member_key > after)
    if upto is not None:
        query = query.where(OUTBOX.c.member_key <= upto)
    ordered = query.order_by(OUTBOX.c.member_key, OUTBOX.c.xid, OUTBOX.c.seq)
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(ordered)).mappings():
        found[row["member_key"]].append(row)
    return found


def _differences(history: History, notices: Sequence[RowMapping]) -> Iterator[str]:
    events = {row.seq: row for row in history.stored}
    told: list[int] = []
    for notice in notices:
        name, seq = f"notice {notice['seq']} of {history.member}", notice["event_seq"]
        if seq not in events:
            yield f"{name}: tells of no event"
            continue
        wanted = _wanted(events[seq])
        if wrong := [column for column in wanted if notice[column] != wanted[column]]:
            yield f"{name}: {', '.join(wrong)} not as the event says"
        if seq in told:
            yield f"{name}: tells of its event again"
        elif told and seq < told[-1]:
            yield f"{name}: comes after one of a later event"
        told.append(seq)
    for row in history.stored:
        if row.seq not in told and not _may_be_loaded(row, history, told):
            yield f"event {row.member_seq} of {history.member}: was not told"


def _wanted(row: StoredEvent) -> Mapping[str, Any]:
    return notice_row(row.member, row.seq, row.event, row.recorded_at)


def _may_be_loaded(row: StoredEvent, history: History, told: Sequence[int]) -> bool:
    first = history.stored[0]
    return row.recorded_at == first.recorded_at and row.seq < min(told, default=row.seq + 1)
