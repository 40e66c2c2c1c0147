"""One rule, as SQL: each engine opens what the decision opens, by the same provision.

Members' events are folded once, at `now`, and asked about then and later, when nothing has
happened but that time went by.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import path_of
from models.condition_sql import Place
from models.criteria import Below, Listing
from models.database import Database
from models.grant_sql import opened_by
from models.judged import Redacted, marked
from models.redacted import page_of_members
from models.rows_below import rows_of_members
from models.tables import RELATIONS, STANDING
from models.view import CHILDREN, Layout, View, fields_of
from policy.catalogue import Catalogue
from policy.grant import Grants
from policy.situation import Question
from policy.vocabulary import Code, Reason
from tests.engines import first_on
from tests.made import make_tables
from tests.polls import Poll, Seen, asker_of, bound, dice, polls, relation_of
from tests.populations import Population, Stored, columns_of, draw_population, settle
from tests.real import CATALOGUE
from tests.say import Say
from tests.worlds import draw_catalogue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def populate(database: Database, population: Population) -> None:
    async with database.write() as connection:
        await settle(connection, population)


def report(seen: Seen, engine: str, say: Say) -> None:
    say(f"{engine}: {seen.total()} cells, {seen['ALLOW']} open")
    assert seen.total() > 5_000
    assert seen["ALLOW"] > 100


@pytest.mark.parametrize("database_url", first_on("sqlite"), indirect=True)
async def test_each_engine_opens_what_the_decision_opens_in_random_worlds(
    database: Database, say: Say
) -> None:
    seen: Seen = Counter()
    for number in range(48):
        throws = dice("random", number)
        population = draw_population(throws, draw_catalogue(throws), members=12)
        await populate(database, population)
        async with database.read() as connection:
            for question in polls(throws, population, 12):
                await check_grants(connection, Poll(population, question, seen))
    report(seen, database.dialect, say)
    assert seen["ALLOW"] > 0.05 * seen.total()
    without_tables = {Code.NOT_PERSONAL_YET}
    assert set(Code) - without_tables - {Code.SALE_FORBIDDEN} <= set(seen)


async def check_grants(connection: AsyncConnection, poll: Poll) -> None:
    """Hold the grants' SQL against the decision, on each row of the relation asked about."""
    relation, fields = relation_of(poll.question), poll.population.catalogue.fields
    paths = [path for path, field in fields.items() if field.relation == relation]
    found = await numbers(connection, poll, paths)
    for row in poll.population.rows:
        if row.relation == relation:
            given = found.get(row.key, [None] * len(paths))
            for path, number in zip(paths, given, strict=True):
                assert number == poll.number(row, path), (poll.question, row, path)


async def numbers(
    connection: AsyncConnection, poll: Poll, paths: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    """For each row of a member with a standing, the provision that opens each of these fields."""
    question, catalogue = poll.question, poll.population.catalogue
    relation, grants, asker = relation_of(question), Grants(catalogue), asker_of(question)
    table = RELATIONS[relation]
    place = Place(relation, table, catalogue)
    made = [grants.grant(asker, question.purpose, path, question.at) for path in paths]
    key = table.c.row_key if relation else table.c.member_key
    statement = select(key, *(opened_by(grant, place) for grant in made)).join_from(
        table, STANDING, STANDING.c.member_key == table.c.member_key
    )
    return {row[0]: row[1:] for row in await connection.execute(marked(statement), bound(question))}


@pytest.mark.parametrize("database_url", first_on("sqlite"), indirect=True)
async def test_a_row_stands_under_what_opens_the_value_shown_of_it_before_anything_else(
    database: Database, say: Say
) -> None:
    """Whether or not the value that something else opens was looked at for the answer."""
    seen: Seen = Counter()
    for number in range(4):
        throws = dice("rows", number)
        population = draw_population(throws, with_orders(draw_catalogue(throws)), members=12)
        await populate(database, population)
        async with database.read() as connection:
            for question in polls(throws, population, 24):
                if relation_of(question) == "orders":
                    await check_orders(connection, Poll(population, question, seen))
    say(f"{database.dialect}: {seen['rivals']} rows of which two provisions open two values")
    assert seen["rivals"] > 50


def with_orders(catalogue: Catalogue) -> Catalogue:
    """The same, with every field of an order, so that a view may show one."""
    known, like = catalogue.fields, catalogue.fields["orders.items"]
    more = {path: replace(like, path=path) for path in fields_of("orders") if path not in known}
    return replace(catalogue, fields={**known, **more})


async def check_orders(connection: AsyncConnection, poll: Poll) -> None:
    """Show a value of each order, with another looked at or not, each of the two in its turn."""
    view = view_of(Grants(poll.population.catalogue), poll.question)
    rows = {row.key: row for row in poll.population.rows if row.relation == "orders"}
    values = bound(poll.question, members=list(poll.members), limit=1_000)
    for shown, other in permutations(("orders.items", "orders.amount")):
        for used in ((other,), ()):
            asked = rows_of_members(view, "orders", (shown,), Listing(), used)
            layout = asked.layout
            for found in await connection.execute(asked.main, values):
                row = rows[str(layout.of(tuple(found), "row_key"))]
                first, second = poll.number(row, shown), poll.number(row, other)
                expected = second if first is None else first
                assert layout.of(tuple(found), "why orders") == expected, (poll.question, row)
                poll.seen["rivals"] += first != second and None not in {first, second}


@pytest.mark.exhaustive
async def test_the_redacted_relation_shows_what_the_decision_opens_and_nothing_else(
    database: Database, say: Say
) -> None:
    seen: Seen = Counter()
    grants = Grants(CATALOGUE)
    for number in range(2):
        throws = dice("real", number)
        population = draw_population(throws, CATALOGUE, members=12)
        await populate(database, population)
        async with database.read() as connection:
            for question in polls(throws, population, 10):
                view = view_of(grants, question)
                hopeless = view.grant(question.field).reason is Reason.NOT_PERMITTED
                if hopeless and throws.mostly(7):
                    continue
                await check_view(connection, Poll(population, question, seen), view)
    report(seen, database.dialect, say)


def view_of(grants: Grants, question: Question) -> View:
    return View(grants, asker_of(question), question.purpose, question.at)


Why = Mapping[str, int | None]
"""Access class → the provision that opens it on one row."""


async def check_view(connection: AsyncConnection, poll: Poll, view: View) -> None:
    """Hold what the view shows of members and of their rows against the decision."""
    why: Mapping[str, Why] = {
        row.key: {path: poll.number(row, path) for path in view.classes(fields_of(row.relation))}
        for row in poll.population.rows
    }
    visible = {row.member for row in poll.population.rows if is_open(why[row.key])}
    for relation in RELATIONS:
        rows = [row for row in poll.population.rows if row.relation == relation]
        layout, shown = await shown_of(connection, poll, view, relation)
        assert shown.keys() == {
            row.key for row in rows if (is_open(why[row.key]) if relation else row.key in visible)
        }, (poll.question, relation)
        for row in rows:
            if row.key in shown:
                check_cells(view, row, why[row.key], layout, shown[row.key])
            if row.key in shown and relation:
                opening = set(why[row.key].values()) - {None}
                assert layout.of(shown[row.key], f"why {relation}") in opening
            if row.key in shown and not relation:
                check_lists(poll, view, row.member, layout, shown[row.key])


def is_open(why: Why) -> bool:
    return any(number is not None for number in why.values())


async def shown_of(
    connection: AsyncConnection, poll: Poll, view: View, relation: str
) -> tuple[Layout, Mapping[str, Sequence[object]]]:
    """Everything the view shows of one relation, by key."""
    paths, members = fields_of(relation), list(poll.members)
    if relation:
        asked: Redacted = rows_of_members(view, relation, paths, Listing())
    else:
        below = tuple(Below(child) for child in CHILDREN)
        asked = page_of_members(view, paths, below, Listing())
    values = bound(poll.question, members=members, limit=1_000)
    key = "row_key" if relation else "member_key"
    found = (tuple(row) for row in await connection.execute(asked.main, values))
    return asked.layout, {str(asked.layout.of(row, key)): row for row in found}


def check_cells(view: View, row: Stored, why: Why, layout: Layout, shown: Sequence[object]) -> None:
    """Each cell is the stored value with the number of what opened it, or null and null."""
    stored = columns_of(CATALOGUE, row)
    for column in RELATIONS[row.relation].columns:
        path = path_of(column)
        if path is not None:
            number = why[view.grants.access_class(path)]
            assert layout.of(shown, f"why {view.grants.access_class(path)}") == number, (row, path)
            assert layout.of(shown, path) == (None if number is None else stored[column.name])


def check_lists(
    poll: Poll, view: View, member: str, layout: Layout, shown: Sequence[object]
) -> None:
    """A list is null iff no row of it could be open for the member."""
    for relation in CHILDREN:
        could = any(
            poll.could_open(member, view.grant(path)) for path in view.classes(fields_of(relation))
        )
        assert bool(layout.of(shown, f"could {relation}")) is could, (poll.question, relation)
