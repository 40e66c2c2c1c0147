"""Folding: what is read of the ledger (histories, records) is brought up to what was written.

Whoever folds works everything out in a snapshot and writes it in one transaction, if nobody else
folded meanwhile: so any number may fold at once, each entry is folded exactly once, and writers of
entries wait for the writing alone. A new entry gets a position above all that were given before,
so whoever remembers a position misses nothing that comes behind it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import DecodeError
from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import Unfit
from models.concern import by_company, by_member, concerns_of
from models.disclosure import Entry
from models.fold_rows import Rows, place, rows_of, write
from models.history_tables import CONCERN, CONTENT, FOLD, HISTORY, POSITION, PROGRESS, RECORD
from models.ledger import Ledger
from models.ledger_backlog import Backlog, backlog
from models.ledger_tables import LEDGER_ENTRY
from models.numbering import known_names
from models.positions import take_out
from models.projection_check import Advance, unobserved
from models.readable import readable
from models.record_law import RecordLaw
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError, StartUpError

Catalogues = Callable[[str], Awaitable[Catalogue | None]]
"""Gives the catalogue of a version; None where it is not kept."""
Unreadable = Callable[[int, int], None]
"""Told of an entry (segment, number in it) that cannot be read and is passed over."""


class _State(NamedTuple):
    """How far folding is."""

    step: int
    position: int


class _Outrun(Exception):
    """Somebody else folded meanwhile."""


def _untold(_segment: int, _seq: int) -> None:
    """Nobody is told."""


@dataclass(slots=True)
class Folder:
    """Folds entries into the projections. Any number may, in any process, at once.

    Readers of histories and records take it, and fold first whatever is not folded yet.
    """

    ledger: Ledger
    catalogue_of: Catalogues
    unreadable: Unreadable = _untold
    position: int = 0
    """The last one that this folder knows of."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing more is begun."""
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def fold(self) -> None:
        """Fold all that was written before the call.

        Raises PrivacyError(LEDGER_UNAVAILABLE) where that cannot be done just now.
        """
        try:
            async with self._alone:
                await self._to_the_end(unobserved)
        except (SQLAlchemyError, Unfit, DecodeError, OSError, StartUpError) as fault:
            raise PrivacyError(
                ErrorCode.LEDGER_UNAVAILABLE,
                "What was recorded cannot be read just now. Try again; nothing was disclosed.",
            ) from fault

    async def rebuild(self, advance: Advance = unobserved) -> None:
        """Throw away what is folded, and fold everything anew. Entries keep their positions.

        Readers wait for the end. Cut off, it is brought to its end by whoever folds next.
        """
        async with self._alone:
            await self.ledger.prepare()
            async with self.ledger.database.write() as connection:
                await _forget_all(connection)
            await self._to_the_end(advance)

    async def size(self) -> int:
        """How many entries there are, purges included: what `rebuild` walks through."""
        await self.ledger.prepare()
        async with self.ledger.database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(LEDGER_ENTRY)) or 0

    async def grown(self, after: int) -> None:
        """Wait until something was folded behind this position, in whichever process."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.position > after)

    def end(self) -> None:
        """Begin nothing more: what is left to fold the next one folds."""
        self.ended.set()
        self.ledger.written.set()

    async def _to_the_end(self, advance: Advance) -> None:
        await self.ledger.prepare()
        while not self.ended.is_set() and not await self._step(advance):
            pass

    async def _step(self, advance: Advance) -> bool:
        """Fold the next entries. Whether that was all there was."""
        async with self.ledger.database.read() as connection:
            state = await _state(connection)
            taken = await backlog(connection)
            placed = await place(connection, taken.pending, state.position)
            law = await self.law_of(each.entry for each in placed)
            rows = await rows_of(connection, placed, law.demands)
        end = max([state.position, *(each.position for each in placed)])
        if taken.pending:
            try:
                await self._write(rows, taken, state, _State(state.step + 1, end))
            except _Outrun:
                return False
            self._tell(taken)
            advance(len(taken.pending))
        await self._reached(end)
        return taken.exhausted

    async def law_of(self, entries: Iterable[Entry]) -> RecordLaw:
        """The law of records, by the catalogues that these entries were decided with."""
        versions = {entry.policy_version for entry in entries}
        return RecordLaw({each: await self.catalogue_of(each) for each in versions})

    async def _write(self, rows: Rows, taken: Backlog, before: _State, after: _State) -> None:
        """Write the rows, all or none. Raises _Outrun unless `before` is still true."""
        async with self.ledger.database.write() as connection:
            await _proceed(connection, before, after)
            await write(connection, rows, taken.ends)

    def _tell(self, taken: Backlog) -> None:
        for each in taken.pending:
            if each.unreadable:
                self.unreadable(each.segment, each.seq)

    async def _reached(self, position: int) -> None:
        if position > self.position:
            async with self._moved:
                self.position = position
                self._moved.notify_all()


async def forget(connection: AsyncConnection, segment: int, first: int, last: int) -> None:
    """Forget that these entries concern anybody, before their bodies go, in the same transaction.

    Their records stay: they are kept by the month (models.records.forget_month).
    """
    await begin_anew(connection)
    entry, position = LEDGER_ENTRY.c, POSITION.c
    within = (position.segment == segment, position.seq.between(first, last))
    query = (
        select(position.position, entry.body)
        .join(POSITION, (position.segment == entry.segment) & (position.seq == entry.seq))
        .where(*within)
    )
    stood = [
        (number, concerns_of(found))
        for number, body in await connection.execute(query)
        if (found := readable(body)) is not None
    ]
    names = {name for _, concerns in stood for some in concerns.values() for name in some}
    numbers = await known_names(connection, names)
    folded = [  # what was changed since may name others, who concern nobody here
        (number, {side: some & numbers.keys() for side, some in concerns.items()})
        for number, concerns in stood
    ]
    await take_out(connection, by_member(folded, numbers))
    gone = [
        {"its_side": side, "its_name": name, "its_position": number}
        for side, name, number in by_company(folded, numbers)
    ]
    if gone:
        await connection.execute(_FORGET, gone)
    await connection.execute(delete(POSITION).where(*within))


async def begin_anew(connection: AsyncConnection) -> None:
    """Let whoever is folding just now begin anew: what it was read from is about to change.

    Also who folds for the first time. Nobody else does until the transaction ends.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(FOLD).values(id=1, step=1, position=0)
    further = {"step": FOLD.c.step + 1}
    await connection.execute(first.on_conflict_do_update(index_elements=[FOLD.c.id], set_=further))


_FORGET = delete(CONCERN).where(
    *(CONCERN.c[name] == bindparam(f"its_{name}") for name in ("side", "name", "position"))
)


async def _state(connection: AsyncConnection) -> _State:
    row = (await connection.execute(select(FOLD.c.step, FOLD.c.position))).one_or_none()
    return _State(0, 0) if row is None else _State(*row)


async def _proceed(connection: AsyncConnection, before: _State, after: _State) -> None:
    """Take the step, alone until the transaction ends. Raises _Outrun if it was taken."""
    if before.step:
        moved = update(FOLD).where(FOLD.c.step == before.step).values(after._asdict())
        if (await connection.execute(moved)).rowcount != 1:
            raise _Outrun
        return
    try:
        await connection.execute(insert(FOLD).values(id=1, **after._asdict()))
    except IntegrityError:
        raise _Outrun from None


async def _forget_all(connection: AsyncConnection) -> None:
    """Empty the projections; positions stay, but those of entries that are not there."""
    await begin_anew(connection)
    for table in (PROGRESS, CONCERN, HISTORY, RECORD, CONTENT):
        await connection.execute(delete(table))
    entry = LEDGER_ENTRY.c
    there = exists().where(
        entry.segment == POSITION.c.segment, entry.seq == POSITION.c.seq, entry.salt != b""
    )
    await connection.execute(delete(POSITION).where(~there))
