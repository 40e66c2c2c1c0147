"""Whether something is there: of each field summed up as the decision opens its cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.presence import presence_of_rows
from models.tables import RELATIONS
from models.view import CHILDREN, Layout, View, fields_of
from policy.grant import Grants
from policy.vocabulary import Reason
from tests.engines import first_on
from tests.made import make_tables
from tests.polls import SUBJECT, Poll, Seen, asker_of, bound, dice, polls
from tests.populations import Stored, columns_of, draw_population, settle
from tests.real import CATALOGUE
from tests.say import Say

pytestmark = pytest.mark.anyio

GRANTS = Grants(CATALOGUE)

Summed = dict[str, tuple[bool, bool, bool]]
"""Path → (an open cell holds a value, an open row withholds it, it could be open)."""


@pytest.mark.parametrize("database_url", first_on("postgresql"), indirect=True)
async def test_presence_is_what_the_decisions_about_each_row_sum_up_to(
    database_url: str, say: Say
) -> None:
    met: Counter[tuple[bool, bool, bool]] = Counter()
    seen = Seen()
    async with Database.open(database_url) as database:
        await make_tables(database)
        throws = dice("presence", 0)
        population = draw_population(throws, CATALOGUE, members=6)
        async with database.write() as connection:
            await settle(connection, population)
        async with database.read() as connection:
            for question in polls(throws, population, 16):
                view = View(GRANTS, asker_of(question), question.purpose, question.at)
                if view.grant(question.field).reason is not Reason.NOT_PERMITTED:
                    met.update(await check(connection, Poll(population, question, seen), view))
    say(f"{met.total()} fields: {met}")
    assert met.total() > 500
    assert {(True, False, True), (False, False, True), (False, False, False)} <= met.keys()
    assert any(shut for _, shut, _ in met)


async def check(connection: AsyncConnection, poll: Poll, view: View) -> Counter[Any]:
    met: Counter[Any] = Counter()
    for relation in (each for each in CHILDREN if any(True for _ in view.ways(each))):
        paths = fields_of(relation)
        rows = [row for row in poll.population.rows if row.relation == relation]
        told = await presence(connection, poll, view, relation)
        for member, facts in poll.members.items():
            if not facts.known:
                assert member not in told
                continue
            expected = summed(poll, view, [row for row in rows if row.member == member], member)
            assert told[member] == expected(paths), (poll.question, member, relation)
            met.update(told[member].values())
    return met


async def presence(
    connection: AsyncConnection, poll: Poll, view: View, relation: str
) -> Mapping[str, Summed]:
    paths = fields_of(relation)
    asked = presence_of_rows(view, relation, paths)
    rows = await connection.execute(asked.main, bound(poll.question, members=list(poll.members)))
    layout = asked.layout
    return {str(layout.of(row, "member_key")): read(view, paths, layout, row) for row in rows}


def read(view: View, paths: Sequence[str], layout: Layout, row: Sequence[object]) -> Summed:
    return {
        path: (
            bool(layout.of(row, f"has {path}")),
            bool(layout.of(row, f"shut {view.grants.access_class(path)}")),
            bool(layout.of(row, f"could {view.grants.access_class(path)}")),
        )
        for path in paths
    }


def summed(poll: Poll, view: View, rows: Sequence[Stored], member: str) -> Any:
    """What the decisions about these rows come to, for each path."""
    classes = view.classes(path for row in rows for path in fields_of(row.relation))
    why = {row.key: {path: poll.number(row, path) for path in classes} for row in rows}
    shown = [row for row in rows if any(number is not None for number in why[row.key].values())]

    themself = not poll.question.subject_self or member == SUBJECT

    def of(path: str) -> tuple[bool, bool, bool]:
        of_class = view.grants.access_class(path)
        cells = [(why[row.key][of_class], stored(row, path)) for row in shown]
        return (
            any(number is not None and value is not None for number, value in cells),
            any(number is None for number, _ in cells),
            themself and poll.could_open(member, view.grant(path)),
        )

    return lambda paths: {path: of(path) for path in paths}


def stored(row: Stored, path: str) -> object:
    column = next(c for c in RELATIONS[row.relation].columns if c.info.get("personal") == path)
    return columns_of(CATALOGUE, row)[column.name]
