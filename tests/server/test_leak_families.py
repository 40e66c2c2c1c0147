"""Two databases that differ in what is withheld alone: each known way to a leak, tried on both.

Each family is named after where it was found. For a company to whom the values are open the two
databases answer otherwise, so the questions are about them.
"""

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, aclosing
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert

from models import tables
from tests.clock import Clock
from tests.crowd import (
    SIZE,
    account_of,
    caller,
    change,
    change_orders,
    difference,
    join,
    key_of,
    orders_of,
    stops_of,
)
from tests.door import Door, copy_of, opened
from tests.engines import ENGINES, in_turns

pytestmark = pytest.mark.anyio

Pair = tuple[Door, Door]
Asker = Callable[[str, Mapping[str, Any] | None], Awaitable[str]]
Told = AsyncGenerator[str, None]
Family = Callable[[Asker], Told]

OTHER = {
    "full_name": "Ōtsuka 秘",
    "phone": "070-9999",
    "birth_date": date(1999, 9, 9),
    "prefecture": "沖縄県",
    "gender": None,
    "login_email": "secret@example.org",
}
NAMES = [str(OTHER["full_name"]), *(str(account_of(n)["full_name"]) for n in (1, 5, 7))]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=ENGINES)
def urls(
    request: pytest.FixtureRequest,
    names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sequence[str]]:
    if request.param == "sqlite":
        file = request.getfixturevalue("seed_file")
        yield [copy_of(file, tmp_path_factory.mktemp("world")) for _ in range(2)]
        return
    server, template = (request.getfixturevalue(n) for n in ("postgres", "seed_database"))
    made = [next(names), next(names)]
    yield [server.create(name, template=template) for name in made]
    for name in made:
        server.drop(name)


@pytest.fixture(scope="module")
async def worlds(
    urls: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    """The crowd twice; in the second one everything differs that ichiba may not see."""
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(opened(url, Clock(), tmp_path_factory.mktemp("keys")))
            for url in urls
        ]
        await join(one)
        await join(other)
        await join(other, range(SIZE + 7, SIZE + 24, 8))  # more members that are hidden
        for number in range(SIZE):
            await _change_withheld(other, number)
        yield one, other


async def _change_withheld(door: Door, number: int) -> None:
    stops, key = stops_of(number), key_of(number)
    if stops == ():
        await change(door, key, **OTHER, login_name=f"hidden-{number}", point_balance=77)
        await change_orders(door, key, amount=7777)
    elif stops == ("profile",):
        await change(door, key, **OTHER)
    elif stops == ("service_usage",):
        await change(door, key, point_balance=55 + number)
        await change_orders(door, key, amount=5555, status="LOST")
    else:  # a row that card acquired is no row of ichiba's
        row = {**orders_of(3)[0], "row_key": f"z-{key}", "acquired_by": "card", "amount": 9999}
        columns = {column.name: None for column in tables.ORDERS.columns if column.nullable}
        async with door.checkpoint.database.write() as connection:
            values = {**columns, **row, "member_key": key}
            await connection.execute(insert(tables.ORDERS), [values])


def asking(door: Door, company: str) -> Asker:
    async def ask(query: str, variables: Mapping[str, Any] | None = None) -> str:
        return (await door.send(query, variables, **caller(door, company))).text

    return ask


FOUND = """query Q($f: MemberFilter) { members(first: 100, filter: $f) {
  totalCount nodes { id loginName fullName } pageInfo { endCursor } } }"""


async def filters_on_a_withheld_field(ask: Asker) -> Told:
    """Evaluated on the value as stored (prisma1#711, keystone#7710)."""
    texts: list[Mapping[str, Any]] = [{op: name} for op in ("eq", "contains") for name in NAMES]
    texts += [{"notIn": NAMES}, {"isNull": False}]
    days = [{"lt": day} for day in ("1981-02-05", "1999-09-09")]
    filters = [*({"fullName": each} for each in texts), *({"birthDate": each} for each in days)]
    for each in (*filters, *({"not": each} for each in filters)):
        yield await ask(FOUND, {"f": each})


async def a_second_key_beside_one_that_is_open(ask: Asker) -> Told:
    """A visible member confirmed by a withheld value (CVE-2025-46720)."""
    for number in [n for n in range(SIZE) if stops_of(n) == ("profile",)][:3]:
        name = {"loginName": {"eq": f"{key_of(number)}.login"}}
        for phone in ("070-9999", account_of(number)["phone"]):
            yield await ask(FOUND, {"f": {**name, "phone": {"eq": phone}}})


PAGES = """query Q($after: String, $before: String, $first: Int, $last: Int, $by: [MemberOrder!]) {
  members(after: $after, before: $before, first: $first, last: $last, orderBy: $by) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


async def every_cursor_as_an_argument(ask: Asker) -> Told:
    """A cursor that stands at a withheld value (CVE-2026-33326)."""
    for field in ("FULL_NAME", "POINT_BALANCE"):
        by = {"by": [{"field": field, "direction": "DESC"}]}
        whole = await ask(PAGES, {"first": 100, **by})
        yield whole
        for part in whole.split('"cursor":"')[1::4]:
            cursor = part.partition('"')[0]
            yield await ask(PAGES, {"first": 2, "after": cursor, **by})
            yield await ask(PAGES, {"last": 2, "before": cursor, **by})


async def the_order_and_what_its_cursors_hold(ask: Asker) -> Told:
    """Sort keys read back from `endCursor` (data-api-builder#3553)."""
    for field, direction in (
        ("BIRTH_DATE", "ASC"),
        ("LOGIN_EMAIL", "DESC"),
        ("GENDER", "ASC"),
        ("POINT_BALANCE", "DESC"),
    ):
        yield await ask(PAGES, {"first": 100, "by": [{"field": field, "direction": direction}]})


ROWS = """query Q($f: MemberFilter, $o: OrderFilter) {
  members(first: 100, filter: $f) { totalCount nodes {
    id orders(filter: $o, orderBy: {field: AMOUNT}) { totalCount nodes { amount } } } } }"""


async def totals_through_relations(ask: Asker) -> Told:
    """Rows counted that could not be listed (twenty#22873)."""
    filters: list[Mapping[str, Any]] = [{"amount": {"gt": n}} for n in (2500, 5000, 9000)]
    filters += [{}, {"not": {"status": {"eq": "LOST"}}}]
    for each in filters:
        yield await ask(ROWS, {"o": each})
    for word, each in product(("some", "none"), filters):
        yield await ask(COUNT, {"f": {"orders": {word: each}}})


async def texts_character_by_character(ask: Asker) -> Told:
    """A withheld text spelled out by searches (platformatic#5119)."""
    spelled = [name[:length] for name in NAMES for length in range(1, len(name) + 1)]
    for op, text in product(("startsWith", "contains"), spelled):
        yield await ask(COUNT, {"f": {"fullName": {op: text}}})


COUNT = "query Q($f: MemberFilter) { members(filter: $f) { totalCount } }"


async def counts_that_close_in_on_a_number(ask: Asker) -> Told:
    """Aggregates over what is hidden (directus#8575)."""
    for op, number in product(("lt", "gte"), range(-4, 90, 5)):
        yield await ask(COUNT, {"f": {"pointBalance": {op: number}}})


async def names_that_stand_in_for_others(ask: Asker) -> Told:
    """A value shown for want of another: of members and in refusals."""
    shown = "id __typename loginName fullName fullNameKana loginEmail phone pointBalance"
    yield await ask(f"{{ members(last: 100) {{ edges {{ node {{ {shown} }} }} }} }}", None)
    yield await ask('{ members(filter: {fullName: {gt: "Ōtsuka 秘"}}) { totalCount } }', None)


FAMILIES: Sequence[Family] = (
    filters_on_a_withheld_field,
    a_second_key_beside_one_that_is_open,
    every_cursor_as_an_argument,
    the_order_and_what_its_cursors_hold,
    totals_through_relations,
    texts_character_by_character,
    counts_that_close_in_on_a_number,
    names_that_stand_in_for_others,
)


async def side_by_side(
    family: Family, worlds: Pair, company: str
) -> AsyncGenerator[tuple[str, str], None]:
    """What each question of the family is answered in the one world and in the other."""
    one, other = (family(asking(door, company)) for door in worlds)
    async for told in one:
        yield told, await anext(other)


@pytest.mark.parametrize(("urls", "family"), in_turns(FAMILIES), indirect=["urls"], scope="module")
async def test_no_answer_depends_on_what_is_withheld(worlds: Pair, family: Family) -> None:
    async for told, of_the_other in side_by_side(family, worlds, "ichiba"):
        assert not difference(told, of_the_other)


@pytest.mark.parametrize(("urls", "family"), in_turns(FAMILIES), indirect=["urls"], scope="module")
async def test_some_answer_differs_for_whom_the_values_are_open(
    worlds: Pair, family: Family
) -> None:
    async with aclosing(side_by_side(family, worlds, "rakuten_group")) as pairs:
        async for told, of_the_other in pairs:
            if told != of_the_other:
                return
    pytest.fail("the questions are not about what differs")


async def test_what_stands_in_for_nothing_is_null(worlds: Pair) -> None:
    query = '{ members(filter: {loginName: {eq: "crowd-01.login"}}) { nodes { fullName } } }'
    for door in worlds:
        answer = await door.ask(query, **caller(door))
        assert answer["data"]["members"]["nodes"] == [{"fullName": None}]
