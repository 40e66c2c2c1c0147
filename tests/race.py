"""One act of a member, the readers that it races with, and what many such races came to.

The clock is the caller's own, and monotonic. A read counts as one after the act only if it was
sent when the acknowledgement had come: then nothing that rested on what was taken may be told.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any

from server.clock import now
from tests.acts import operation
from tests.lines import Ear, Line
from tests.reads import Question, Read
from tests.takings import Act, Taking
from tests.workers import member, office

Counts = Counter[int | None]
"""How many at each worker; all of them under None where nobody tells one from another."""


@dataclass
class Race:
    """An end of what is told, and reads through every worker before, meanwhile and after."""

    question: Question
    taking: Taking
    readers: Sequence[Line]
    """One to each worker."""
    actor: Line
    ear: Ear
    sent: float = inf
    acknowledged: float = inf
    reads: list[Read] = field(default_factory=list)
    notice: tuple[float, float] = (inf, inf)
    """Seconds from the acknowledgement to the notice of it: by the clock, and without waiting."""

    async def run(self, roads: Iterator[str]) -> None:
        """Act while everybody reads, each along a road that was taken before."""
        readers = [(line, next(roads)) for line in self.readers]
        given = self.reads[0].told[0]
        for line, road in readers:
            self.reads.append(await self.question.along(road, line, given))
        await self.actor.settle()
        async with asyncio.TaskGroup() as group:
            for line, road in readers:
                group.create_task(self._read(line, road, given))
            group.create_task(self._act())

    async def _act(self) -> None:
        since, self.sent = now(), monotonic()
        errors = await do(self.actor, self.taking.ends, self.question.key)
        acknowledged = self.ear.now()
        self.acknowledged = acknowledged.at
        assert errors == [], (self.question.key, self.taking, errors)
        self.notice = acknowledged.until(await self.ear.wait(since, self.taking.told))

    async def _read(self, line: Line, road: str, given: Any) -> None:
        """Read on and on, until the worker was asked once more after the acknowledgement."""
        while True:
            read = await self.question.along(road, line, given)
            self.reads.append(read)
            if read.worker != line.home:
                await line.settle()
            elif read.sent > self.acknowledged:
                return

    @property
    def before(self) -> list[Read]:
        return [read for read in self.reads if read.came <= self.sent and read.told]

    @property
    def racing(self) -> list[Read]:
        """Those that were under way while the act was."""
        begun = (read for read in self.reads if read.came > self.sent)
        return [read for read in begun if read.sent <= self.acknowledged]

    @property
    def after(self) -> list[Read]:
        return [read for read in self.reads if read.sent > self.acknowledged]

    @property
    def whole(self) -> bool:
        """Whether the act was at the worker meant for it, and every other one was at each."""
        homes = {line.home for line in self.readers}
        reads = (self.before, self.racing, self.after)
        everywhere = all({read.worker for read in some} == homes for some in reads)
        return everywhere and self.actor.worker == self.actor.home


@dataclass
class Found:
    """What races came to. Those that were not whole are judged like any, and not counted."""

    races: int = 0
    acts: Counts = field(default_factory=Counter)
    streams: Counts = field(default_factory=Counter)
    before: Counts = field(default_factory=Counter)
    racing: Counts = field(default_factory=Counter)
    told: int = 0
    """Of those racing."""
    after: Counts = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)
    """Answers that told what they must not any more."""
    notices: list[tuple[float, float]] = field(default_factory=list)

    def __str__(self) -> str:
        clock, own = (max(seconds) for seconds in zip(*self.notices, strict=True))
        return (
            f"{self.races} races: {self.before.total()} reads before told it, "
            f"{self.told} of {self.racing.total()} racing told it, "
            f"{len(self.late)} of {self.after.total()} after; "
            f"notice after {clock:.3f} s at worst, {own:.3f} s of it our own"
        )

    def add(self, race: Race) -> None:
        """Judge a race, and count it if it was whole."""
        self.notices.append(race.notice)
        for read in race.after:
            if read.told:
                late = f"{read.sent - race.acknowledged:.4f} s: {read}"
                self.late.append(f"{late} of {race.question.key} after {race.taking}")
        if race.whole:
            self.races += 1
            self.acts[race.actor.worker] += 1
            self.streams[race.ear.worker] += 1
            self.before += _counted(race.before)
            self.racing += _counted(race.racing)
            self.told += sum(bool(read.told) for read in race.racing)
            self.after += _counted(race.after)


def _counted(reads: Iterable[Read]) -> Counts:
    return Counter(read.worker for read in reads)


async def do(line: Line, act: Act, key: str) -> Sequence[str]:
    """Have a member's act done, by whoever does it; the codes of what stands against it."""
    host, whose = line.host, office() if act.office else member(key)
    token = host.token(whose)
    given = dict(act.given)
    if act.office:
        given["memberId"] = host.id_of(whose, key)
    if act.presented:
        said = {"document": act.presented, "language": "JA"}
        shown, errors = await _mutate(line, token, "presentDocument", said, "presentation { id }")
        if errors:
            return errors
        given["presentation"] = shown["presentation"]["id"]
    _, errors = await _mutate(line, token, act.name, given)
    return errors


async def _mutate(
    line: Line, token: str, name: str, given: Mapping[str, Any], answer: str = ""
) -> tuple[Mapping[str, Any], Sequence[str]]:
    """The payload, and the codes of what stands against it."""
    query, variables = operation(name, f"{answer} userErrors {{ code }}", given)
    payload = (await line.post(query, variables, token))[name]
    return payload, [error["code"] for error in payload["userErrors"]]
