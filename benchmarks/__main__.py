"""`make bench`: measures everything, and writes docs/benchmarks.md with its picture."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import comparison, growth, ledger, stall
from benchmarks.data import POSTGRESQL, Shelf, shelves
from benchmarks.machine import versions
from benchmarks.plot import draw

DOCS = Path(__file__).parents[1] / "docs"
REPORT, PICTURE = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
ATTEMPTS = Path(__file__).with_name("attempts.md")
"""What was tried to make the hand-written endpoint faster: told, not measured each time."""
COMPARED = 100_000
SIZES = (10_000, COMPARED, 1_000_000)
CACHE = Path(tempfile.gettempdir()) / "sekisho-bench"

HEAD = f"""# Benchmarks

Written by `make bench`. CPU is processor time of the server's process with all its threads and of
PostgreSQL's processes that work for it; it depends little on what else the machine does, times
until the answer do. Each server is one process that logs warnings alone unless it is said to log; a
client in a process of its own fills it over keep-alive connections, with other operands each time.
Times are the best of several rounds; what is told of one beside another is the middle of what each
round told; "beside the peers" is that, times what a raw endpoint took on the machine on which they
were measured, and "there" is scaled by what that endpoint took beside the hand-written one here, on
PostgreSQL. PostgreSQL runs on the same machine with
{", ".join(f"{name} = {value}" for name, value in POSTGRESQL.items() if value)}, fsync on.

Machine: {versions()}.
"""


def main(
    members: Annotated[
        int, typer.Option(help="In how many at most; the four queries are compared in 100,000.")
    ] = 100_000,
    cache: Annotated[
        Path, typer.Option(help="Where databases are kept; PostgreSQL's user can enter it.")
    ] = CACHE,
    engine: Annotated[str, typer.Option(help="Only those whose names begin so.")] = "",
) -> None:
    """Measure, and write the report."""
    sizes = [each for each in SIZES if each < members] + [members]
    with shelves(cache, engine) as found:
        told = [HEAD]
        for line in _report(found, sizes):
            print(line)
            told.append(line)
    told += ["## The ledger", "", *asyncio.run(ledger.lines())]
    REPORT.write_text("\n".join(told).rstrip() + "\n")


def _report(found: Sequence[Shelf], sizes: Sequence[int]) -> Iterator[str]:
    """Each section as soon as it is measured."""
    compared = [comparison.compare(shelf, min(COMPARED, sizes[-1])) for shelf in found]
    draw(compared, PICTURE)
    yield "## Beside a hand-written endpoint\n"
    yield f"![CPU of a request]({PICTURE.name})\n"
    for each in compared:
        yield from comparison.lines(each, compared)
    yield ATTEMPTS.read_text()
    yield "## As there is more\n"
    for shelf in found:
        yield from growth.lines(growth.grow(shelf, sizes))
    yield "## Beside a slow query\n"
    yield f"Reads of one member over one connection, while the product counts all {sizes[-1]:,} in"
    yield "memory, each the best of several rounds. A read, its client and a count want three"
    yield "processors, and whoever waits for one waits some milliseconds. How much of it that is,"
    yield "the hand-written endpoint shows beside the same count: a process of its own, that keeps"
    yield "no ledger.\n"
    yield f"| {' | '.join(stall.COLUMNS)} |"
    yield "|---" * len(stall.COLUMNS) + "|"
    for shelf in found:
        yield from stall.lines(stall.stall(shelf, sizes[-1]))
    yield ""


if __name__ == "__main__":
    typer.run(main)
