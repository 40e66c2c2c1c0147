"""What the access matrix of a purpose costs: `python -m benchmarks.matrix` prints it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import orjson
import typer

from benchmarks.__main__ import CACHE
from benchmarks.data import Data, Shelf, shelves
from benchmarks.load import Load
from benchmarks.queries import COMPANY, EVERYBODY, PURPOSE
from benchmarks.servers import PRODUCT, Cost, headers, serving, settings_of
from policy.requester import Requester, Role
from policy.vocabulary import FOREVER
from server.moments import span
from server.tokens import development_token

PURPOSES = ("service_provision", "ads_marketing", "fraud_detect", "own:card:service", "direct_mail")
"""What reaches furthest, and what reaches few."""
TIMES = 3
MATRIX = """query ($purpose: ID!) { accessMatrix(purpose: $purpose) {
  rows { total { members } cells { shown { members share } } } total { members }
} }"""
OFFICER = Requester(Role.OFFICER, "an-officer", "*", None, (), FOREVER)


def lines(shelf: Shelf, members: int) -> Iterator[str]:
    """A line for each purpose: until a new process answers, and what it takes from then on."""
    with serving(PRODUCT, shelf.data(members)) as server:

        def costs(told: dict[str, str], body: object) -> tuple[Cost, Cost]:
            once = Load(server.port, "/graphql", told, [orjson.dumps(body).decode()], 1)
            first = server.cost(once)
            return first, server.cost(msgspec.structs.replace(once, requests=TIMES))

        _, count = costs(headers(server.data, COMPANY, PURPOSE), {"query": EVERYBODY})
        yield f"{shelf.engine}, {members:,}: a count of everybody {_told(count)}"
        for purpose in PURPOSES:
            asked = {"query": MATRIX, "variables": {"purpose": purpose}}
            first, then = costs(_officer(server.data), asked)
            yield f"  {purpose}: {_told(then)}; at first {_told(first)}"


def _told(cost: Cost) -> str:
    return f"{cost.seen.p50 / 1000:.2f} s, {cost.cpu / 1000:.2f} s of CPU"


def _officer(data: Data) -> dict[str, str]:
    token = development_token(settings_of(data), OFFICER, (), span("12h"))
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def main(
    members: Annotated[int, typer.Option(help="Among how many.")] = 100_000,
    cache: Annotated[Path, typer.Option(help="Where databases are kept.")] = CACHE,
    engine: Annotated[str, typer.Option(help="Only those whose names begin so.")] = "",
) -> None:
    """Print how long each takes until the answer, and how much processor time."""
    with shelves(cache, engine) as found:
        for shelf in found:
            for line in lines(shelf, members):
                print(line)


if __name__ == "__main__":
    typer.run(main)
