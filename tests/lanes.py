"""Races side by side: lanes whose lines go to chosen workers, and members that run in them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle

from server.population import key_of
from tests.lines import Ear, Line, connected, listening, workers
from tests.race import Found, Race, do
from tests.reads import ROADS, Question
from tests.takings import Act, Taking, Way
from tests.workers import WORKERS, Host, member, system

PAGE = 100


@dataclass
class Lane:
    """One after the other: races of one member, then of the next."""

    host: Host
    readers: Sequence[Line]
    """One to each worker."""
    actor: Line
    heard: int | None
    """The worker that members hear their streams from: another one than they act at."""
    roads: Iterator[str] = field(default_factory=lambda: cycle(ROADS))

    async def run(self, way: Way, keys: Iterator[str], number: int, found: Found) -> None:
        """Take members until so many races were whole."""
        for key in keys:
            async with listening(self.host, self.host.token(member(key)), self.heard) as ear:
                async for race in self._races(way, key, ear):
                    found.add(race)
                    number -= race.whole
                    if number == 0:
                        return
        raise AssertionError("There are too few members for so many races.")

    async def _races(self, way: Way, key: str, ear: Ear) -> AsyncIterator[Race]:
        """The races of one member, each run."""
        takings = [(taking, taking.opens) for taking in way.takings]
        for round_ in range(way.rounds):
            taken: list[tuple[Taking, Sequence[Act]]] = []
            for taking, opens in takings:
                race = Race(
                    Question(self.host, taking.stake, key), taking, self.readers, self.actor, ear
                )
                errors = [await do(self.actor, act, key) for act in opens]
                race.reads += await asyncio.gather(*map(race.question.at, self.readers))
                told = {bool(read.told) for read in race.reads}
                # Given is given at every worker; and what could be taken once can be again.
                assert told == {True} or (told == {False} and round_ == 0), (key, taking, errors)
                if told == {True}:
                    await race.run(self.roads)
                    yield race
                    taken.append((taking, taking.again or taking.opens))
            takings = taken


@asynccontextmanager
async def lanes(host: Host, number: int) -> AsyncIterator[Sequence[Lane]]:
    """So many lanes, a multiple of the workers: as many act at each of them."""
    homes = await workers(host)
    async with AsyncExitStack() as stack:

        async def line(home: int | None) -> Line:
            return await stack.enter_async_context(connected(host, home))

        yield [
            Lane(
                host,
                [await line(home) for home in homes],
                await line(homes[turn % WORKERS]),
                homes[(turn + 1) % WORKERS],
            )
            for turn in range(number)
        ]


async def races(lanes: Sequence[Lane], way: Way, number: int, population: int) -> Found:
    """Run so many races of this way in each lane."""
    found = Found()
    keys = iter(await _keys(lanes[0].host, way, population))
    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(lane.run(way, keys, number, found))
    return found


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
