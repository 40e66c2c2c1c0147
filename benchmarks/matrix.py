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
from benchmarks.servers import PRODUCT, headers, serving, settings_of
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
    """A line for each purpose: what it costs a new process, and what it costs from then on."""
    with serving(PRODUCT, shelf.data(members)) as server:

        def cost(told: dict[str, str], body: object) -> tuple[float, float]:
            once = Load(server.port, "/graphql", told, [orjson.dumps(body).decode()], 1)
            first = server.cost(once).cpu / 1000
            return first, server.cost(msgspec.structs.replace(once, requests=TIMES)).cpu / 1000

        _, counted = cost(headers(server.data, COMPANY, PURPOSE), {"query": EVERYBODY})
        yield f"{shelf.engine}, {members:,}: CPU of a count of everybody {counted:.2f} s"
        for purpose in PURPOSES:
            asked = {"query": MATRIX, "variables": {"purpose": purpose}}
            first, then = cost(_officer(server.data), asked)
            yield f"  {purpose}: {then:.2f} s, {then / counted:.1f} counts; at first {first:.2f} s"


def _officer(data: Data) -> dict[str, str]:
    token = development_token(settings_of(data), OFFICER, (), span("12h"))
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def main(
    members: Annotated[int, typer.Option(help="Among how many.")] = 100_000,
    cache: Annotated[Path, typer.Option(help="Where databases are kept.")] = CACHE,
    engine: Annotated[str, typer.Option(help="Only those whose names begin so.")] = "",
) -> None:
    """Print the processor time of each, and how many counts of everybody it is."""
    with shelves(cache, engine) as found:
        for shelf in found:
            for line in lines(shelf, members):
                print(line)


if __name__ == "__main__":
    typer.run(main)
