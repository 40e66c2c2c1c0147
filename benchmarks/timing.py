"""What the time of an answer tells: `python -m benchmarks.timing` writes it to the threat model.

Two questions in turn whose answers are the same bytes, and which differ in what is withheld alone.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Annotated

import orjson
import typer
from sqlalchemy import select

from benchmarks.__main__ import CACHE, DOCS
from benchmarks.data import Data, Shelf, shelves
from benchmarks.machine import versions
from benchmarks.queries import COMPANY, FEW, PURPOSE, WALK
from benchmarks.servers import PRODUCT, headers, serving, settings_of
from models.database import Database
from models.tables import ACCOUNT
from server.checkpoint import seal_of

REPORT = DOCS / "threat-model.md"
PLACE = re.compile(r"(<!-- timing -->\n).*(<!-- /timing -->)", re.DOTALL)
WARM = 200
"""Questions that are asked before any is measured."""
MANY, NONE = (COMPANY, PURPOSE), ("asia_sg", "own:asia_sg:service")
NOBODY = "存在しない 氏名"
NOWHERE = "存在県"

MEMBER = "query ($id: ID!) { member(id: $id) { employer } }"
SEARCH = """query ($name: String!) {
  members(filter: {fullName: {eq: $name}}) { totalCount nodes { id } }
}"""
COUNT = """query ($prefecture: String!) {
  members(filter: {prefecture: {eq: $prefecture}}) { totalCount }
}"""

Body = bytes
Caller = tuple[str, str]
"""Company and purpose."""


@dataclass(frozen=True)
class Pair:
    """A secret, and two kinds of questions that differ in it; whatever it is, the answer is one."""

    secret: str
    one: str
    other: str
    caller: Caller
    first: Sequence[Body]
    second: Sequence[Body]


@dataclass(frozen=True)
class Person:
    """What the database holds of a member, whoever may see it."""

    key: str
    name: str
    prefecture: str
    employed: bool
    """Whether an employer is stored."""


async def people_in(data: Data) -> Sequence[Person]:
    columns = (ACCOUNT.c.member_key, ACCOUNT.c.full_name, ACCOUNT.c.prefecture)
    asked = select(*columns, ACCOUNT.c.employer.is_not(None))
    async with (
        Database.open(settings_of(data).database_url) as database,
        database.read() as connection,
    ):
        return [Person(*row) for row in await connection.execute(asked)]


def pairs(data: Data, people: Sequence[Person], port: int) -> Iterator[Pair]:
    """Each secret that is tried."""
    shown, hidden = parted(data, people, FEW, port)
    nobody = [Person(f"x{each.key[1:]}", NOBODY, NOWHERE, employed=False) for each in hidden]

    def members(found: Sequence[Person]) -> Sequence[Body]:
        return [body(MEMBER, id=id_of(data, FEW, each)) for each in found]

    yield Pair("whether a member is hidden, or there is none",
               "hidden", "none", FEW, members(hidden), members(nobody))  # fmt: skip
    yield Pair("whether a withheld cell holds a value", "it does", "it does not", FEW,
               members([each for each in shown if each.employed]),
               members([each for each in shown if not each.employed]))  # fmt: skip
    shown, hidden = parted(data, people, MANY, port)
    names = {each.name for each in shown}
    yield Pair("whether a hidden member has the name that is searched for",
               "one has", "nobody has", MANY,
               [body(SEARCH, name=each.name) for each in hidden if each.name not in names],
               [body(SEARCH, name=NOBODY)])  # fmt: skip
    yield Pair("whether hidden members live where is searched",
               "hundreds do", "nobody does", NONE,
               [body(COUNT, prefecture=each.prefecture) for each in people],
               [body(COUNT, prefecture=NOWHERE)])  # fmt: skip


def parted(
    data: Data, people: Sequence[Person], caller: Caller, port: int
) -> tuple[Sequence[Person], Sequence[Person]]:
    """Those whom a caller sees, and those who are hidden."""
    visible = set(seen(data, caller, port))
    found = [(each, id_of(data, caller, each) in visible) for each in people]
    return [each for each, shown in found if shown], [each for each, shown in found if not shown]


def id_of(data: Data, caller: Caller, person: Person) -> str:
    return seal_of(settings_of(data)).node_id(f"company:{caller[0]}", "Member", person.key)


def seen(data: Data, caller: Caller, port: int) -> Iterator[str]:
    """The ids of the members that a caller sees."""
    head, after = headers(data, *caller), None
    with closing(HTTPConnection("127.0.0.1", port)) as line:
        while True:
            answer = orjson.loads(ask(line, head, body(WALK, after=after)))
            page = answer["data"]["members"]
            yield from (each["id"] for each in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def body(query: str, **variables: str | None) -> Body:
    return orjson.dumps({"query": query, "variables": variables})


def ask(line: HTTPConnection, head: Mapping[str, str], asked: Body) -> bytes:
    line.request("POST", "/graphql", asked, {**head, "content-type": "application/json"})
    answer = line.getresponse()
    told = answer.read()
    if answer.status != 200:  # noqa: PLR2004 (HTTP's own)
        raise RuntimeError(f"{answer.status}: {told.decode()}")
    return told


def timed(pair: Pair, data: Data, port: int, times: int) -> tuple[list[float], list[float]]:
    """Microseconds of each answer, one kind and the other, asked in an order of chance."""
    dice = Random(7)  # noqa: S311 (an order, no secret)
    taken = list[float](), list[float]()  # of the second kind, of the first
    head, told = headers(data, *pair.caller), set[bytes]()
    with closing(HTTPConnection("127.0.0.1", port)) as line:
        for number in range(WARM + 2 * times):
            kind = dice.randrange(2)  # 1: the first
            asked = dice.choice((pair.second, pair.first)[kind])
            begun = perf_counter()
            answer = ask(line, head, asked)
            if number >= WARM:
                taken[kind].append((perf_counter() - begun) * 1e6)
            told.add(orjson.dumps(orjson.loads(answer)["data"]))
    if len(told) != 1:
        raise RuntimeError(f"{pair.secret}: the answers are not the same: {told}")
    return taken


def slower(one: Sequence[float], other: Sequence[float]) -> float:
    """How often an answer of the one kind takes longer than one of the other: 0.5 = no telling."""
    ranked = sorted((*((each, 1) for each in one), *((each, 0) for each in other)))
    ranks = sum(rank for rank, (_, first) in enumerate(ranked, 1) if first)
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))


def lines(shelf: Shelf, members: int, times: int) -> Iterator[str]:
    data = shelf.data(members)
    people = asyncio.run(people_in(data))
    with serving(PRODUCT, data) as server:
        for pair in pairs(data, people, server.port):
            other, one = timed(pair, data, server.port, times)
            yield (
                f"| {shelf.engine} | {pair.secret} | {median(one):,.0f} ({pair.one}) | "
                f"{median(other):,.0f} ({pair.other}) | {slower(one, other):.2f} |"
            )


def main(
    members: Annotated[int, typer.Option(help="Among how many.")] = 10_000,
    times: Annotated[int, typer.Option(help="How often each kind is asked.")] = 2000,
    cache: Annotated[Path, typer.Option(help="Where databases are kept.")] = CACHE,
) -> None:
    """Measure, print, and write the table into the threat model."""
    told = [
        f"Machine: {versions()}. {members:,} members; each kind of question asked {times:,} times.",
        "",
        "| engine | what nobody is told | µs, median | µs, median | slower |",
        "|---|---|---|---|---|",
    ]
    with shelves(cache) as found:
        for shelf in found:
            told += lines(shelf, members, times)
    print("\n".join(told))
    table = "\n".join(told)
    REPORT.write_text(PLACE.sub(rf"\g<1>{table}\n\g<2>", REPORT.read_text()))


if __name__ == "__main__":
    typer.run(main)
