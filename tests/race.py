"""Reads through every worker that race with an act, and what may come after its acknowledgement.

The clock is the caller's own, and monotonic. A read counts as one after the act only if it was
sent when the acknowledgement had come: then nothing that rested on what was taken may be told.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from math import inf
from time import monotonic
from typing import Any

from server.population import key_of
from tests.acts import operation
from tests.lines import Ear, Line, connected, listening, workers
from tests.takings import Act, Stake, Taking, Way
from tests.workers import Host, member, office, system

LANES = 6
"""Races that are run at a time, each about another member."""
AFTER = 1
"""Reads that each worker answers after the act, at least."""
ROADS = ("member", "search", "asSeenBy", "node", "member")
"""How readers go on after the first read: one takes the next, and the same again and again."""
PAGE = 100


@dataclass(frozen=True)
class Read:
    """One answer: when it was asked for, by which road, by whom, and what it told."""

    sent: float
    road: str
    worker: int | None
    told: Sequence[Any]


@dataclass
class Found:
    """What a run of races came to."""

    races: int = 0
    before: int = 0
    racing: Counter[bool] = field(default_factory=Counter)
    """Sent before the acknowledgement and after the act was: told it, or not."""
    after: int = 0
    late: list[str] = field(default_factory=list)
    """Answers that told what they must not any more."""
    notices: list[tuple[float, float]] = field(default_factory=list)
    """Seconds from an acknowledgement to the notice of it: by the clock, and without waiting."""
    workers: Counter[int | None] = field(default_factory=Counter)
    streams: Counter[int | None] = field(default_factory=Counter)

    def __str__(self) -> str:
        clock, own = (max(seconds) for seconds in zip(*self.notices, strict=True))
        raced = f"{self.racing[True]} of {self.racing.total()} racing told it"
        return (
            f"{self.races} races: {self.before} reads before told it, {raced}, "
            f"{len(self.late)} of {self.after} after; "
            f"notice after {clock:.3f} s at worst, {own:.3f} s of it our own"
        )


@dataclass(frozen=True)
class Question:
    """One stake in one member, asked along any road."""

    host: Host
    stake: Stake
    key: str

    async def at(self, line: Line) -> Read:
        """Ask the worker that is wanted."""
        while True:
            read = await self.along("member", line)
            if read.worker == line.home:
                return read
            await line.settle()

    async def along(self, road: str, line: Line, value: Any = None) -> Read:
        """Ask; the time is taken just before."""
        stake, whose = self.stake, system(self.stake.company)
        id_ = self.host.id_of(whose, self.key)
        query, variables = _asked(road, stake, id_, value)
        token, purpose = self.host.token(whose, stake.purpose), stake.purpose
        sent = monotonic()
        if road == "asSeenBy":
            token = self.host.token(member(self.key))
            data = await line.post(query, variables, token)
        else:
            data = await line.post(query, variables, token, purpose)
        nodes = _nodes(road, data, id_)
        return Read(sent, road, line.worker, [each for node in nodes for each in stake.told(node)])


def _asked(road: str, stake: Stake, id_: str, value: Any) -> tuple[str, dict[str, Any]]:
    shows = stake.shows
    match road:
        case "search":
            query = (
                f"query ($f: MemberFilter!) {{ members(filter: $f) {{ nodes {{ id {shows} }} }} }}"
            )
            return query, {"f": stake.search(value)}
        case "asSeenBy":
            query = (
                "query ($company: ID!, $purpose: ID!) "
                f"{{ me {{ asSeenBy(company: $company, purpose: $purpose) {{ {shows} }} }} }}"
            )
            return query, {"company": stake.company, "purpose": stake.purpose}
        case "node":
            query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Member {{ {shows} }} }} }}"
            return query, {"id": id_}
        case _:
            return f"query ($id: ID!) {{ member(id: $id) {{ {shows} }} }}", {"id": id_}


def _nodes(road: str, data: Mapping[str, Any], id_: str) -> Sequence[Mapping[str, Any] | None]:
    """What the answer says of the member, which a search may have found among others."""
    match road:
        case "search":
            return [node for node in data["members"]["nodes"] if node["id"] == id_]
        case "asSeenBy":
            return [data["me"] and data["me"]["asSeenBy"]]
        case _:
            return [data[road]]


@dataclass
class Race:
    """One act, and the readers that it races with."""

    question: Question
    readers: Sequence[Line]
    sent: float = inf
    acknowledged: float = inf
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def reading(self, line: Line, first: Read, road: str) -> Sequence[Read]:
        """Read on and on, until enough was read after the acknowledgement."""
        reads, after = [first], 0
        while after < AFTER:
            read = await self.question.along(road, line, first.told[0])
            reads.append(read)
            self.begun.set()
            after += read.sent > self.acknowledged
        return reads


@dataclass
class Lane:
    """One after the other: races of one member, then of the next."""

    host: Host
    readers: Sequence[Line]
    """One to each worker."""
    actor: Line
    found: Found
    roads: Iterator[str] = field(default_factory=lambda: cycle(ROADS))

    async def run(self, way: Way, keys: Iterator[str], turns: Iterator[int]) -> None:
        """Take members until the races are enough."""
        for key in keys:
            token = self.host.token(member(key))
            async with listening(self.host, token, self.actor.home) as ear:
                self.found.streams[ear.worker] += 1
                if not await self._member(way, key, ear, turns):
                    return
        raise AssertionError("There are too few members for so many races.")

    async def _member(self, way: Way, key: str, ear: Ear, turns: Iterator[int]) -> bool:
        """Run the races of one member; False when they were enough."""
        takings = [(taking, taking.opens) for taking in way.takings]
        for round_ in range(way.rounds):
            taken = []
            for taking, opens in takings:
                question = Question(self.host, taking.stake, key)
                errors = [await self._do(act, key) for act in opens]
                first = await asyncio.gather(*(question.at(line) for line in self.readers))
                told = {bool(read.told) for read in first}
                # Given is given at every worker; and what could be taken once can be again.
                assert told == {True} or (told == {False} and round_ == 0), (key, taking, errors)
                if told == {False}:
                    continue
                if next(turns, None) is None:
                    return False
                await self._race(Race(question, self.readers), taking, first, ear)
                taken.append((taking, taking.again or taking.opens))
            takings = taken
        return True

    async def _race(self, race: Race, taking: Taking, first: Sequence[Read], ear: Ear) -> None:
        async with asyncio.TaskGroup() as group:
            reading = [
                group.create_task(race.reading(line, read, next(self.roads)))
                for line, read in zip(self.readers, first, strict=True)
            ]
            await race.begun.wait()
            race.sent = monotonic()
            errors = await self._do(taking.ends, race.question.key)
            acknowledged = ear.now()
            race.acknowledged = acknowledged.at
        assert errors == [], (race.question.key, taking, errors)
        self.found.notices.append(acknowledged.until(await ear.wait(**taking.told)))
        self._judge(race, taking, [read for task in reading for read in task.result()])

    def _judge(self, race: Race, taking: Taking, reads: Sequence[Read]) -> None:
        found = self.found
        found.races += 1
        for read in reads:
            found.workers[read.worker] += 1
            if read.sent > race.acknowledged:
                found.after += 1
                if read.told:
                    late = read.sent - race.acknowledged
                    found.late.append(f"{late:.4f} s: {read} of {race.question.key} after {taking}")
            elif read.sent > race.sent:
                found.racing[bool(read.told)] += 1
            else:
                found.before += bool(read.told)

    async def _do(self, act: Act, key: str) -> Sequence[str]:
        """Do it as whoever does it; what stands against it."""
        whose = office() if act.office else member(key)
        token = self.host.token(whose)
        given = dict(act.given)
        if act.office:
            given["memberId"] = self.host.id_of(whose, key)
        if act.presented:
            said = {"document": act.presented, "language": "JA"}
            shown, errors = await self._mutate(
                "presentDocument", said, token, "presentation { id }"
            )
            if errors:
                return errors
            given["presentation"] = shown["presentation"]["id"]
        _, errors = await self._mutate(act.name, given, token)
        return errors

    async def _mutate(
        self, name: str, given: Mapping[str, Any], token: str, answer: str = ""
    ) -> tuple[Mapping[str, Any], Sequence[str]]:
        """The payload, and the codes of what stands against it."""
        query, variables = operation(name, f"{answer} userErrors {{ code }}", given)
        payload = (await self.actor.post(query, variables, token))[name]
        return payload, [error["code"] for error in payload["userErrors"]]


async def races(host: Host, way: Way, number: int, population: int) -> Found:
    """Run so many races of this way, some at a time."""
    found, homes = Found(), await workers(host)
    async with AsyncExitStack() as stack:
        keys = await _keys(host, way, population)
        async with asyncio.TaskGroup() as group:
            for home in homes:
                group.create_task(_warm(host, way, keys[0], home))
        taken, turns = iter(keys), iter(range(number))
        lines = [
            [await stack.enter_async_context(connected(host, home)) for home in (*homes, actor)]
            for _, actor in zip(range(LANES), cycle(homes), strict=False)
        ]
        async with asyncio.TaskGroup() as group:
            for *readers, actor in lines:
                made = Lane(host, readers, actor, found)
                group.create_task(made.run(way, taken, turns))
    return found


async def _warm(host: Host, way: Way, key: str, home: int | None) -> None:
    """Have a worker answer everything once, so that all it keeps is there."""
    async with connected(host, home) as line:
        for stake in {taking.stake for taking in way.takings}:
            for road in {*ROADS}:
                value = 0 if stake.field == "pointBalance" else "x"
                await Question(host, stake, key).along(road, line, value)


async def _keys(host: Host, way: Way, population: int) -> Sequence[str]:
    """The members that a way is tried on."""
    if way.listed is None:
        return [key_of(1, number + 1) for number in range(population)]
    company, purpose = way.listed
    whose = system(company)
    token = host.token(whose, purpose)
    query = f"""query ($after: String) {{ members(first: {PAGE}, after: $after) {{
      nodes {{ id }} pageInfo {{ endCursor hasNextPage }}
    }} }}"""
    found, page = [], {"hasNextPage": True, "endCursor": None}
    async with connected(host, None) as line:
        while page["hasNextPage"]:
            data = await line.post(query, {"after": page["endCursor"]}, token, purpose)
            page = data["members"]["pageInfo"]
            ids = [node["id"] for node in data["members"]["nodes"]]
            found += [host.seal.open_node_id(whose.audience, id_)[1] for id_ in ids]
    return found
