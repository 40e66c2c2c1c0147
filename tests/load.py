"""Clients that ask a server again and again, whatever happens to it, and what they were told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic

import httpx

from models.ledger import Ledger
from tests.workers import Host, system

CLIENTS = 8
ASKED = "{ members(first: 5) { nodes { id fullName prefecture } } }"
COMPANY, PURPOSE = "card", "own:card:service"
PATIENCE = 60


@dataclass
class Load:
    """Several clients, and the answers that reached them whole."""

    host: Host
    told: set[str] = field(default_factory=set)
    """The decisions of the answers."""
    refused: Counter[str] = field(default_factory=Counter)
    """The codes of what was no answer."""
    last_refused: float = -inf
    """When the last of them was asked for, by the clock of this process that only goes on."""
    cut_off: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answers(self, more: int) -> None:
        """Wait until so many more answers are there."""
        wanted = len(self.told) + more
        async with self.news:
            await self.news.wait_for(lambda: len(self.told) >= wanted)

    async def only_refusals(self, more: int) -> None:
        """Wait until so many requests were refused and none was answered in between."""
        told, wanted = len(self.told), self.refused.total() + more

        def enough() -> bool:
            nonlocal told, wanted
            if len(self.told) > told:
                told, wanted = len(self.told), self.refused.total() + more
            return self.refused.total() >= wanted

        async with self.news:
            await self.news.wait_for(enough)

    async def ready(self) -> bool:
        """Whether the worker that is asked says that the ledger can be written."""
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            found = await client.get(f"http://{self.host.address}/readyz")
        assert found.is_success == found.json()["ledger"], found.text
        return found.is_success

    async def ask(self, token: str) -> None:
        """One client: it never stops."""
        headers = {"Authorization": f"Bearer {token}", "Sekisho-Purpose": PURPOSE}
        async with httpx.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=False) as client:
            while True:
                sent = monotonic()
                try:
                    answer = await client.post(
                        f"http://{self.host.address}/graphql", json={"query": ASKED}
                    )
                except httpx.TransportError:
                    self.cut_off += 1
                    continue
                self._note(answer, sent)
                async with self.news:
                    self.news.notify_all()

    def _note(self, answer: httpx.Response, sent: float) -> None:
        said = answer.json()
        if answer.is_success:
            assert said["data"]["members"]["nodes"]
            self.told.add(said["extensions"]["privacy"]["decisionId"])
        else:
            assert said.keys() == {"errors"}
            self.last_refused = max(self.last_refused, sent)
            self.refused.update(error["extensions"]["code"] for error in said["errors"])


@asynccontextmanager
async def load(host: Host) -> AsyncIterator[Load]:
    """Ask until the block ends. A client that fails ends it at once."""
    asking = Load(host)
    token = host.token(system(COMPANY), PURPOSE)
    async with asyncio.TaskGroup() as group:
        clients = [group.create_task(asking.ask(token)) for _ in range(CLIENTS)]
        try:
            yield asking
        finally:
            for each in clients:
                each.cancel()


async def recorded(ledger_url: str) -> set[str]:
    """The decisions that the next process finds in the ledger."""
    ledger = Ledger.open(ledger_url)
    found = [entry.decision_id async for entry in ledger.entries()]
    await ledger.close()
    assert len(found) == len(set(found))
    return set(found)
