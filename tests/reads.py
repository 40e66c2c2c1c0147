"""Reads about one member along every road to it, and what each told, by which worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from tests.lines import Line
from tests.takings import Stake
from tests.workers import Host, member, system

ROADS = ("member", "search", "asSeenBy", "node", "member")
"""How readers go on after the first read: one takes the next, and the same again and again."""


@dataclass(frozen=True)
class Read:
    """One answer: when it was asked for and when it came, by which road, by whom, what it told."""

    sent: float
    came: float
    road: str
    worker: int | None
    told: Sequence[Any]


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
        told = [each for node in nodes for each in stake.told(node)]
        return Read(sent, monotonic(), road, line.worker, told)


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
