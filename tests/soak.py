"""A server that is asked at an even pace for long, while members change their minds."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from ssl import create_default_context
from time import monotonic
from typing import Any, NamedTuple

import httpx
import orjson

from tests.lines import Line, connected
from tests.load import ASKED, COMPANY, PURPOSE
from tests.race import do
from tests.reads import Question
from tests.takings import WITHDRAWAL, Act
from tests.workers import Host, system

LINES = 16
CALIBRATING = 5.0
"""Seconds in which it is found out how much the server can do."""
SHARE = 0.8
READS = 3
"""After each withdrawal."""
PAUSE = 0.1
"""Seconds before what was refused is asked again."""
GLANCE = 5.0
"""Seconds between two looks at the memory of the workers."""
USE = WITHDRAWAL.takings[1]
"""A consent by which a company may use the account; it can be given and taken back for ever."""


class Refused(NamedTuple):
    """When it was asked and when refused, by a clock that only goes on, and with which code."""

    sent: float
    came: float
    code: str


@dataclass
class Soak:
    """What was asked of a server, and what came of it."""

    host: Host
    told: set[str] = field(default_factory=set)
    """The decisions of the answers."""
    refused: list[Refused] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """Disclosures that rested on what was withdrawn before."""
    withdrawals: int = 0
    memory: list[tuple[float, int]] = field(default_factory=list)
    """When, and kibibytes of all workers."""
    milliseconds: list[float] = field(default_factory=list)

    async def capacity(self) -> float:
        """Answers a second, if each is asked for as soon as there is a line."""
        await self._fill(monotonic() + CALIBRATING / 5)  # what is asked first is compiled
        before = len(self.told)
        ends = monotonic() + CALIBRATING
        await asyncio.gather(*(self._fill(ends) for _ in range(LINES)))
        return (len(self.told) - before) / CALIBRATING

    async def load(self, rate: float) -> None:
        """Ask so often in a second, until this is cancelled; who is late catches up."""
        began, numbers = monotonic(), count()

        async def line() -> None:
            async with _line(self.host) as client:
                for number in numbers:
                    due = began + number / rate
                    await asyncio.sleep(max(0.0, due - monotonic()))
                    await self._ask(client)

        await asyncio.gather(*(line() for _ in range(LINES)))

    async def change(self, keys: Iterator[str]) -> None:
        """Let one member after the other give a consent and take it back."""
        async with connected(self.host, None) as line:
            for key in keys:
                question = Question(self.host, USE.stake, key)
                await self._done(line, USE.opens, key)
                await self._done(line, [USE.ends], key)
                since = monotonic()
                self.withdrawals += 1
                for _ in range(READS):
                    read = await self._again(partial(question.along, "member", line))
                    if read.told:
                        self.late.append(f"{read.sent - since:.4f} s: {read} of {key}")

    async def watch(self) -> None:
        """Look at the memory of the workers now and then."""
        while True:
            kibibytes = sum(_resident(pid) for pid in self.host.workers())
            self.memory.append((monotonic(), kibibytes))
            await asyncio.sleep(GLANCE)

    async def _fill(self, ends: float) -> None:
        async with _line(self.host) as client:
            while monotonic() < ends:
                await self._ask(client)

    async def _ask(self, client: httpx.AsyncClient) -> None:
        sent = monotonic()
        try:
            answer = await client.post("/graphql", content=_BODY)
        except httpx.TransportError as fault:
            self.refused.append(Refused(sent, monotonic(), type(fault).__name__))
            return
        said = orjson.loads(answer.content)
        if answer.is_success:
            self.told.add(said["extensions"]["privacy"]["decisionId"])
            self.milliseconds.append((monotonic() - sent) * 1000)
        else:
            assert said.keys() == {"errors"}
            codes = (each["extensions"]["code"] for each in said["errors"])
            self.refused += [Refused(sent, monotonic(), code) for code in codes]

    async def _done(self, line: Line, acts: Sequence[Act], key: str) -> None:
        for act in acts:
            await self._again(partial(do, line, act, key))

    async def _again(self, ask: Any) -> Any:
        """Ask until it is answered; when it was not is noted."""
        while True:
            sent = monotonic()
            try:
                return await ask()
            except (AssertionError, httpx.TransportError) as fault:
                self.refused.append(Refused(sent, monotonic(), _code(fault)))
                await asyncio.sleep(PAUSE)


_TLS = create_default_context()
"""Not used; made once, since each client would read all certificates for its own."""
_BODY = orjson.dumps({"query": ASKED})


def _line(host: Host) -> httpx.AsyncClient:
    headers = {
        "Authorization": f"Bearer {host.token(system(COMPANY), PURPOSE)}",
        "Sekisho-Purpose": PURPOSE,
        "Content-Type": "application/json",
    }
    base = f"http://{host.address}"
    return httpx.AsyncClient(
        headers=headers, base_url=base, timeout=60, trust_env=False, verify=_TLS
    )


def _code(fault: Exception) -> str:
    """What an answer that was none said: `Line.post` tells it with its assertion."""
    with suppress(IndexError, KeyError, TypeError, ValueError):
        _, said = fault.args[0]
        return str(said["errors"][0]["extensions"]["code"])
    return str(fault) or type(fault).__name__


def _resident(pid: int) -> int:
    """Kibibytes that a process holds (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(each.split()[1]) for each in lines if each.startswith("VmRSS:"))


def summary(soak: Soak) -> str:
    """What came of it, in a line."""
    taken = sorted(soak.milliseconds)
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    mebibytes = [kibibytes // 1024 for _, kibibytes in soak.memory]
    return (
        f"{len(soak.told)} answers, p50 {p50:.1f} ms, p99 {p99:.1f} ms; "
        f"refused {dict(Counter(each.code for each in soak.refused))}; "
        f"{soak.withdrawals} withdrawals, {len(soak.late)} late; memory {mebibytes} MiB"
    )
