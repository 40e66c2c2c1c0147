"""`python -m tests.mutants.examination`: asks this very source everything; prints the answers.

The demo world and a crowd over HTTP, with the ledger; and the rule, over the small world.
"""

import asyncio
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

import models
import policy
import resolvers
import schema
import server
from models.database import Database
from models.world import load
from policy.decide import decide
from policy.grant import Asker, Grants
from policy.standing import fold
from policy.vocabulary import TICK
from tests.clock import Clock
from tests.door import opened, seeded
from tests.mutants.crowd import crowd
from tests.mutants.interview import Different, Interview, Notes
from tests.real import CATALOGUE, ROOT
from tests.small_world import MOVE, SMALL_WORLD, histories, provenances, questions

EVERY = 101
"""Of so many histories of the small world one is asked about."""


def main() -> None:
    """Write what was asked → what was answered into a file, as a JSON object.

    With a second file, of such answers, stop at the first other answer, and write that alone.
    """
    check_rooms()
    into, *expected = map(Path, sys.argv[1:])
    notes = Notes(orjson.loads(expected[0].read_bytes()) if expected else None)
    with TemporaryDirectory() as folder:
        try:
            asyncio.run(ask_over_http(Path(folder), notes))
            decide_all(notes)
        except Different as different:
            notes.answers = {str(different): "another answer"}
    into.write_bytes(orjson.dumps(notes.answers))


def check_rooms() -> None:
    """Stop where a room was imported from somewhere else than beside these tests."""
    for room in (policy, models, resolvers, schema, server):
        if not Path(str(room.__file__)).is_relative_to(ROOT):
            sys.exit(f"{room.__name__} comes from {room.__file__}, not from {ROOT}")


async def ask_over_http(folder: Path, notes: Notes) -> None:
    clock = Clock()
    url = await seeded(f"sqlite+aiosqlite:///{folder / 'world.db'}", clock)
    async with Database.open(url) as database, database.write() as connection:
        await load(connection, CATALOGUE, crowd(clock()), clock())
    async with opened(url, clock, folder) as door:
        await Interview(door, notes).everybody()


def decide_all(notes: Notes) -> None:
    """Note what decision and grant say, by grants that are kept through all of it."""
    grants = Grants(SMALL_WORLD)
    for question, value in questions():
        company = question.on_behalf_of or question.company or ""
        for at in (MOVE - TICK, MOVE):
            dated, said = replace(question, at=at), list[object]()
            asker = Asker(question.company, question.on_behalf_of)
            grant = grants.grant(asker, question.purpose, question.field, at)
            for events in islice(histories(company, question.at), 0, None, EVERY):
                member = fold(events, at, SMALL_WORLD)
                for each in provenances(value, question.at):
                    decision = decide(SMALL_WORLD, dated, member, each)
                    way = grant.opened_by(member, each, at)
                    said += [decision.provision or decision.code, way.key if way else "-"]
            asked = f"{question.company} for {question.purpose}: {question.field} at {at}"
            notes.note(
                f"decide {asked} {value.acquired_by}", f"{grant.reason} {' '.join(map(str, said))}"
            )


if __name__ == "__main__":
    main()
