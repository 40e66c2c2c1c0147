"""`python -m tests.mutants.examination`: asks this very source everything; prints the answers.

The demo world and a crowd over HTTP, with the ledger; and the rule, over the small world.
"""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
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
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker, Grant, Grants
from policy.situation import Question
from policy.standing import fold
from tests.clock import Clock
from tests.door import opened, seeded
from tests.mutants.crowd import crowd
from tests.mutants.interview import SECTIONS, Different, Interview, Notes
from tests.real import CATALOGUE, ROOT
from tests.small_world import SMALL_WORLD, histories, provenances, questions

EVERY = 37
"""Of so many histories of the small world one is asked about."""


DECISIONS = "decisions"
"""The section beside those of the interview."""


def main() -> None:
    """Write what was asked → what was answered into a file, as a JSON object.

    With a second file, of such answers, stop at the first other answer, and write that alone. With
    the name of a section or of a caller, ask nothing else.
    """
    check_rooms()
    parser = ArgumentParser()
    parser.add_argument("into", type=Path)
    parser.add_argument("--expected", type=Path)
    parser.add_argument("--section", choices=(*SECTIONS, DECISIONS))
    parser.add_argument("--caller")
    given = parser.parse_args()
    sections = (given.section,) if given.section else (*SECTIONS, DECISIONS)
    notes = Notes(orjson.loads(given.expected.read_bytes()) if given.expected else None)
    try:
        if sections != (DECISIONS,):
            asyncio.run(ask_over_http(notes, sections, given.caller))
        if DECISIONS in sections:
            decide_all(notes)
    except Different as different:
        notes.answers = {str(different): "another answer"}
    given.into.write_bytes(orjson.dumps(notes.answers))


def check_rooms() -> None:
    """Stop where a room was imported from somewhere else than beside these tests."""
    for room in (policy, models, resolvers, schema, server):
        if not Path(str(room.__file__)).is_relative_to(ROOT):
            sys.exit(f"{room.__name__} comes from {room.__file__}, not from {ROOT}")


async def ask_over_http(notes: Notes, sections: Sequence[str], caller: str | None) -> None:
    """Hold the interview over the demo world and the crowd."""
    clock = Clock()
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = await seeded(f"sqlite+aiosqlite:///{folder / 'world.db'}", clock)
        async with Database.open(url) as database, database.write() as connection:
            await load(connection, CATALOGUE, crowd(clock()), clock())
        async with opened(url, clock, folder) as door:
            await Interview(door, notes).hold(sections, caller)


def decide_all(notes: Notes) -> None:
    """Note what decision and grant say, by grants that are kept through all of it."""
    grants = Grants(SMALL_WORLD)
    for number, (question, value) in enumerate(questions()):
        asker = Asker(question.company, question.on_behalf_of)
        grant = grants.grant(asker, question.purpose, question.field, question.at)
        said: list[object] = [grant.reason]
        company = question.on_behalf_of or question.company or ""
        for events in islice(histories(company, question.at), 0, None, EVERY):
            member = fold(events, question.at, SMALL_WORLD)
            for each in provenances(value, question.at):
                decision = decide(SMALL_WORLD, question, member, each)
                said += [
                    decision.provision or decision.code,
                    _opened_by(grant, member, each, question),
                ]
        asked = f"{question.company} for {question.purpose}: {question.field} at {question.at}"
        notes.note(f"question {number}, {asked}", " ".join(map(str, said)))


def _opened_by(grant: Grant, member: MemberFacts, value: ValueFacts, question: Question) -> str:
    try:
        way = grant.opened_by(member, value, question.at)
    except ValueError:
        return "an expired grant"
    return way.key if way else "-"


if __name__ == "__main__":
    main()
