"""What the ledger costs, with and without it in the same process.

CPU is processor time, PostgreSQL's included; it depends little on what else the machine does.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import text

from benchmarks.asking import (
    CONNECTIONS,
    MEMBER,
    Counted,
    Door,
    Unwritten,
    checkpoint,
    over_connections,
    pages,
    request,
)
from benchmarks.machine import counting, cpu_seconds
from migrations.upgrade import make
from models.entry_form import encode
from models.ledger import Entry, Ledger
from models.ledger_fold import Folder
from models.revision import LEDGER
from server.checkpoint import Checkpoint
from server.settings import Settings
from tests.postgres import running, sources

MEMBERS = 3_000
PAGES = 32
READS = 320
"""Single-member reads of one round."""
APPENDS = 1_200
ROUNDS = 5
"""Of which the best one counts: what else the machine does only adds to the others."""

FULL = 100
FOLDINGS = 320
FOLDED = 32
"""Entries folded together: as many as come in the time in which a server gathers them."""

HEAD = (
    "The same application answers over 16 connections in one process, with and without a ledger;",
    "PostgreSQL runs with fsync off here. Entries are made durable in batches before the answer",
    "leaves; the projections are folded from them afterwards. Figures are the best of several",
    "rounds; whole requests differ by more than the ledger from round to round.",
    "",
)

Call = Callable[[], Awaitable[object]]
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where ledgers of one engine lie."""

    engine: str
    fresh: Callable[[], str]
    """Makes an empty database; its URL."""
    server: int | None = None
    """The process whose children work for it."""

    async def cpu(self, calls: Sequence[Call], at_once: int = CONNECTIONS) -> float:
        """Milliseconds of each call, so many at once."""
        begun = cpu_seconds(self.server)
        await over_connections(calls, at_once)
        return (cpu_seconds(self.server) - begun) / len(calls) * 1000


@dataclass(frozen=True)
class Asked:
    """Requests of one kind, what was recorded of them, and how many cells they disclosed."""

    name: str
    requests: Sequence[bytes]
    entries: Sequence[Entry]

    @property
    def cells(self) -> int:
        return sum(
            sum(each.disclosed.values()) for entry in self.entries for each in entry.disclosures
        )

    @property
    def sizes(self) -> list[int]:
        return [len(encode(entry)) for entry in self.entries]


@dataclass(frozen=True)
class Folded:
    """What an entry takes with its projections: milliseconds, and bytes."""

    cpu: float
    bytes_at_first: float
    """Where nobody had asked for these members before."""
    bytes_in_a_month: float
    """Where the same is asked again and again."""


@dataclass(frozen=True)
class Bench:
    """An application to ask, and a place for its ledgers."""

    here: Checkpoint
    settings: Settings
    place: Place

    async def appending(self, entries: Sequence[Entry], at_once: int) -> float:
        """CPU of making an entry durable, so many at once: the ledger's own, without requests."""
        async with AsyncExitStack() as stack:
            rounds = []
            for ledger in await self._both(stack):
                calls = _calls(ledger.append, entries, APPENDS)
                rounds.append([await self.place.cpu(calls, at_once) for _ in range(ROUNDS)])
        unwritten, written = map(min, rounds)
        return float(written - unwritten)

    async def requests(self, asked: Asked, number: int) -> tuple[float, float]:
        """CPU of a request without and with a ledger."""
        async with AsyncExitStack() as stack:
            doors = [Door.to(self.here, self.settings, each) for each in await self._both(stack)]
            calls = [_calls(door.ask, asked.requests, number) for door in doors]
            rounds = [[await self.place.cpu(each) for each in calls] for _ in range(ROUNDS)]
        without, with_it = map(min, zip(*rounds, strict=True))
        return float(without), float(with_it)

    async def folding(self, entries: Sequence[Entry]) -> "Folded":
        """Fold the entries, first once each, then again as somebody asks the same all month."""
        again = [*entries] * (-(-FOLDINGS // len(entries)) - 1)
        parts = [entries, *(again[at : at + FOLDED] for at in range(0, len(again), FOLDED))]
        async with AsyncExitStack() as stack:
            _, written = await self._both(stack)
            folder = Folder(written, self.here.folder.catalogue_of)
            await folder.fold()
            empty, spent, taken = await _bytes(written), 0.0, list[float]()
            for part in parts:
                await over_connections(_calls(written.append, part, len(part)))
                spent += await self.place.cpu([folder.fold])
                taken.append(await _bytes(written) - empty)
        number = len(entries) + len(again)
        return Folded(spent / number, taken[0] / len(entries), taken[-1] / number)

    async def forced(self, asked: Asked, number: int) -> tuple[float, float | None]:
        """Commits of the ledger and fsyncs of the process for a thousand requests."""
        async with AsyncExitStack() as stack:
            ledger = Counted.open(self.place.fresh())
            stack.push_async_callback(ledger.close)
            await make(ledger.database, LEDGER)
            door = Door.to(self.here, self.settings, ledger)
            with counting() as syncs:
                await over_connections(_calls(door.ask, asked.requests, number))
        of_thousand = 1000 / number
        forced = None if syncs.number is None else syncs.number * of_thousand
        return ledger.batches * of_thousand, forced

    async def _both(self, stack: AsyncExitStack) -> tuple[Ledger, Ledger]:
        ledgers = Unwritten.open(self.place.fresh()), Ledger.open(self.place.fresh())
        for ledger in ledgers:
            stack.push_async_callback(ledger.close)
            await make(ledger.database, LEDGER)
        return ledgers


async def lines() -> list[str]:
    """What the ledger costs, as a section of the report."""
    with TemporaryDirectory(prefix="sekisho-bench-") as name, _places(Path(name)) as places:
        async with checkpoint(Path(name), MEMBERS) as (here, settings):
            kinds = await _asked(here, settings, places[0])
            told = [*HEAD, *_sizes(kinds)]
            for place in places:
                told += await _report(Bench(here, settings, place), kinds)
    return told


async def _asked(here: Checkpoint, settings: Settings, place: Place) -> tuple[Asked, Asked]:
    """Ask for all pages, then for some of the members on them, and see what would be recorded."""
    unwritten = Unwritten.open(place.fresh())
    door, ids, asked_pages = Door.to(here, settings, unwritten), [], []
    async for asked, answer in pages(door):
        if len(answer["data"]["members"]["nodes"]) < FULL:
            unwritten.kept.pop()
            break
        asked_pages.append(asked)
        ids += [node["id"] for node in answer["data"]["members"]["nodes"]]
    page_entries, unwritten.kept = unwritten.kept, []
    reads = [request(MEMBER, id=each) for each in ids[:READS]]
    for each in reads:
        await door.ask(each)
    await unwritten.close()
    page = Asked("page of 100 × 12", asked_pages, page_entries)
    return page, Asked("one member", reads, unwritten.kept)


def _sizes(kinds: tuple[Asked, Asked]) -> Iterator[str]:
    page, single = kinds
    cells = page.cells / len(page.entries)
    yield from ("| entry | bytes | target |", "|---|---|---|")
    yield (
        f"| {page.name}, {cells:.0f} cells disclosed | {sum(page.sizes) / page.cells:.2f} per cell "
        "| ≤ 4 |"
    )
    yield f"| {single.name} | {mean(single.sizes):.0f}, at most {max(single.sizes)} | ≤ 600 |"
    yield ""


async def _report(bench: Bench, kinds: tuple[Asked, Asked]) -> list[str]:
    page, _ = kinds
    lines = [f"### {bench.place.engine}", "", "| CPU, ms | " + " | ".join(k.name for k in kinds)]
    lines[-1] += " | target |"
    lines.append("|---|---|---|---|")
    numbers = PAGES, READS
    forced = [await bench.forced(*each) for each in zip(kinds, numbers, strict=True)]
    requests = [await bench.requests(*each) for each in zip(kinds, numbers, strict=True)]
    folded = [await bench.folding(each.entries) for each in kinds]
    at_once = [max(1, round(1000 / commits)) for commits, _ in forced]
    rows = {
        f"an entry made durable, {CONNECTIONS} at once": (
            [await bench.appending(each.entries, CONNECTIONS) for each in kinds],
            "≤ 0.12",
        ),
        f"the same, {' and '.join(map(str, at_once))} at once, as these requests bring them": (
            [await bench.appending(k.entries, n) for k, n in zip(kinds, at_once, strict=True)],
            "",
        ),
        "a whole request without a ledger": ([without for without, _ in requests], ""),
        "a whole request with the ledger": ([with_it for _, with_it in requests], ""),
        "an entry folded into the projections, afterwards": ([each.cpu for each in folded], ""),
    }
    lines += [
        f"| {name} | {' | '.join(f'{each:.3f}' for each in found)} | {target} |"
        for name, (found, target) in rows.items()
    ]
    pages, cells = folded[0], page.cells / len(page.entries)
    often, at_first = pages.bytes_in_a_month / cells, pages.bytes_at_first / cells
    times = -(-FOLDINGS // len(page.entries))
    commits, syncs = forced[1]
    fsyncs = "not counted (no strace)" if syncs is None else f"{syncs:.0f} fsyncs"
    if bench.place.server:
        fsyncs = "what is forced to disk is PostgreSQL's own business"
    return [
        *lines,
        "",
        f"Entries of pages with their projections: {often:.1f} bytes per cell (target ≤ 10) where",
        f"each page is asked {times} times a month; {at_first:.0f} the first time, which makes the",
        "rows of its members' records and histories.",
        f"1,000 reads of one member: {commits:.0f} commits, {fsyncs}.",
        "",
    ]


@contextmanager
def _places(folder: Path) -> Iterator[list[Place]]:
    """SQLite, and PostgreSQL where its programs are."""
    numbers = count()
    places = [
        Place("SQLite", lambda: f"sqlite+aiosqlite:///{folder / f'ledger-{next(numbers)}.db'}")
    ]
    programs = next(iter(sources().values()), None)
    if programs is None:
        yield places
        return
    with running(programs) as server:
        fresh = lambda: server.create(f"ledger-{next(numbers)}")  # noqa: E731
        version = server.run("SHOW server_version").split()[0]
        yield [*places, Place(f"PostgreSQL {version}", fresh, server.pid)]


async def _bytes(ledger: Ledger) -> float:
    """What all tables and indexes of the ledger take."""
    if ledger.database.dialect == "sqlite":
        asked = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    else:
        tables = "pg_class WHERE relkind = 'r' AND starts_with(relname, 'ledger_')"
        asked = f"SELECT sum(pg_total_relation_size(oid)) FROM {tables}"  # noqa: S608 (our own)
    async with ledger.database.read() as connection:
        return float(await connection.scalar(text(asked)) or 0)


def _calls(call: Callable[[T], Awaitable[object]], what: Sequence[T], number: int) -> list[Call]:
    return [partial(call, each) for each in islice(cycle(what), number)]
