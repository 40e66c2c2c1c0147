"""One rule, exhaustively: each engine opens what the decision opens, in the whole small world."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from models.criteria import Listing
from models.database import Database
from models.judged import Redacted
from models.redacted import members_by_keys
from models.rows_below import rows_of_members
from models.tables import RELATIONS
from models.view import View
from policy.facts import Contract, ValueFacts
from policy.grant import Grants
from policy.situation import Question
from tests.made import make_tables
from tests.polls import Poll, Seen, asker_of, bound, relation_of
from tests.populations import Population, Stored, settle
from tests.readings import report
from tests.say import Say
from tests.small_world import SMALL_WORLD, histories, provenances, questions

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

GRANTS = Grants(SMALL_WORLD)

Numbers = Mapping[str, int | None]
"""Row (the account: member) → the provision that opens the value asked about."""

Asked = Mapping[Question, ValueFacts]


@dataclass(frozen=True)
class Scene:
    """Every history of a member with one company, a row of each provenance, what is decided."""

    population: Population
    decided: Mapping[Question, Numbers]
    seen: Seen


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def test_each_engine_opens_what_the_decision_opens_in_every_combination(
    database: Database, say: Say
) -> None:
    seen = Seen()
    for scene in scenes():
        seen += scene.seen
        async with database.write() as connection:
            await settle(connection, scene.population)
        async with database.read() as connection:
            for question, decided in scene.decided.items():
                opened = await opened_of(connection, question, list(scene.population.events))
                assert opened.keys() <= decided.keys()
                for key, number in decided.items():
                    assert opened.get(key) == number, (question, key)
    say(f"{database.dialect}, small world: {report(seen)}")
    assert seen.total() > 30_000
    assert seen["ALLOW"] > 0.05 * seen.total()


@cache
def scenes() -> Sequence[Scene]:
    """What is decided of each question to a relation that has a table; once for both engines."""
    together: dict[tuple[str, datetime], dict[Question, ValueFacts]] = defaultdict(dict)
    for question, value in questions():
        company = question.on_behalf_of or question.company
        if company and relation_of(question) in RELATIONS:
            together[company, question.at][question] = value
    return [scene_of(company, t, asked) for (company, t), asked in together.items()]


def scene_of(company: str, t: datetime, asked: Asked) -> Scene:
    numbered = enumerate(histories(company, t))
    past = {
        key: [replace(event, account_id=event.account_id and key) for event in events]
        for key, events in ((f"m{number:03}", events) for number, events in numbered)
    }
    population = Population(SMALL_WORLD, t, past, [row for key in past for row in rows(key, asked)])
    seen = Seen()
    decided = {question: numbers(Poll(population, question, seen)) for question in asked}
    return Scene(population, decided, seen)


def rows(member: str, asked: Asked) -> Iterator[Stored]:
    """The member's account, and of each relation asked about a row of every provenance."""
    yield Stored(member, "", member, ValueFacts("rakuten_group"))
    values = {relation_of(question): (value, question.at) for question, value in asked.items()}
    for relation, (value, t) in values.items():
        for number, each in enumerate(provenances(value, t) if relation else ()):
            key = f"{relation}-{member}-{number}"
            contract = each.contract and Contract(key, each.contract.lapse_at)
            yield Stored(member, relation, key, replace(each, contract=contract))


def numbers(poll: Poll) -> Numbers:
    path, relation = poll.question.field, relation_of(poll.question)
    rows = (row for row in poll.population.rows if row.relation == relation)
    return {row.key: poll.number(row, path) for row in rows}


async def opened_of(
    connection: AsyncConnection, question: Question, members: Sequence[str]
) -> Mapping[str, object]:
    """Ask the redacted relation, in one statement: each value with the number of what opens it."""
    path, relation = question.field, relation_of(question)
    view = View(GRANTS, asker_of(question), question.purpose, question.at)
    if relation:
        asked: Redacted = rows_of_members(view, relation, (path,), Listing())
    else:
        asked = members_by_keys(view, (path,))  # more of them than a page ever shows
    values = bound(question, members=members, limit=len(members))
    opened, layout = {}, asked.layout
    for row in await connection.execute(asked.main, values):
        number = layout.of(row, f"why {view.grants.access_class(path)}")
        assert (layout.of(row, path) is None) is (number is None)
        if relation:  # by what opens the value, or else some other one
            of_row = layout.of(row, f"why {relation}")
            assert of_row == number if number is not None else of_row is not None
        opened[str(layout.of(row, "row_key" if relation else "member_key"))] = number
    return opened
