"""Walking through a list page by page, whole or while consents change under the walk."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import GraphQLEnumType

from tests.clock import Clock
from tests.crowd import (
    SIZE,
    ask,
    caller,
    change,
    closed,
    difference,
    happen,
    join,
    key_of,
    lifted,
    stopped,
    stops_of,
)
from tests.door import Door, copy_of, opened
from tests.engines import ENGINES, first_on

pytestmark = pytest.mark.anyio

PAGE = 11

Order = tuple[tuple[str, str], ...]
"""Fields and directions."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Walk:
    """One way through `members`, or through the orders of one of them."""

    order: Order
    backward: bool = False
    below: str = ""
    size: int = PAGE
    cursor: str | None = None
    done: bool = False
    pages: list[list[str]] = field(default_factory=list)

    def asked(self, cursor: str) -> str:
        """The next page, behind the cursor that this variable holds."""
        by = ", ".join(f"{{field: {name}, direction: {way}}}" for name, way in self.order)
        size, end = ("last", "before") if self.backward else ("first", "after")
        arguments = f"{size}: {self.size}, {end}: ${cursor}, orderBy: [{by}]"
        page = """{ totalCount nodes { id }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
        if not self.below:
            return f"members({arguments}) {page}"
        of = f'filter: {{ loginName: {{ eq: "{self.below}" }} }}'
        return f"members({of}) {{ nodes {{ list: orders({arguments}) {page} }} }}"

    def step(self, answer: Mapping[str, Any]) -> None:
        page = answer["nodes"][0]["list"] if self.below else answer
        self.pages.append([node["id"] for node in page["nodes"]])
        assert page["totalCount"] >= len(page["nodes"])
        assert len(self.pages) < 50, "the walk does not end"
        info = page["pageInfo"]
        more, start = ("hasPreviousPage", "startCursor"), ("hasNextPage", "endCursor")
        tells, at = more if self.backward else start
        self.done, self.cursor = not info[tells], info[at]

    @property
    def visited(self) -> list[str]:
        """In the order of the list, whichever way it was walked."""
        pages = self.pages[::-1] if self.backward else self.pages
        return [each for page in pages for each in page]


async def stride(door: Door, walks: Sequence[Walk]) -> None:
    """Take one page of every walk that is not at its end, all in one operation.

    The document is the same for all of their pages: the others' are asked for, too.
    """
    cursors = {f"c{number}": walk.cursor for number, walk in enumerate(walks)}
    declared = " ".join(f"${name}: String" for name in cursors)
    asked = " ".join(
        f"w{name}: {walk.asked(name)}" for name, walk in zip(cursors, walks, strict=True)
    )
    data = await ask(door, f"query Q({declared}) {{ {asked} }}", cursors)
    for name, walk in zip(cursors, walks, strict=True):
        if not walk.done:
            walk.step(data[f"w{name}"])


async def walked(door: Door, walks: Sequence[Walk]) -> None:
    while not all(walk.done for walk in walks):
        await stride(door, walks)


ONE_OF_EACH_KIND = ("FULL_NAME", "LAST_LOGIN_AT", "BIRTH_DATE", "GENDER", "POINT_BALANCE")


def fields_of(door: Door, kind: str) -> list[str]:
    """The fields of an order enum that are not never open to ichiba."""
    enum = door.checkpoint.schema.core.type_map[kind]
    assert isinstance(enum, GraphQLEnumType)
    return [name for name in enum.values if name != "EKYC_STATUS"]


def both_ways(names: Sequence[str], below: str = "") -> list[Walk]:
    """Pairs of walks that must pass the same entries in the same order."""
    return [
        Walk(((name, way),), backward, below, 1 if below else PAGE)
        for name in names
        for way in ("ASC", "DESC")
        for backward in (False, True)
    ]


@pytest.mark.parametrize("crowd_url", first_on("postgresql"), indirect=True, scope="module")
async def test_every_order_both_ways_gives_the_visible_set_each_once(crowd: Door) -> None:
    """Fields of one kind take the same road: the second of a kind is walked up and back once."""
    whole = Walk(())
    pairs = [whole, Walk((), backward=True), *both_ways(ONE_OF_EACH_KIND)]
    others = [
        Walk(((name, way),), backward=way == "DESC")
        for name in fields_of(crowd, "MemberOrderField")
        for way in ("ASC", "DESC")
        if name not in ONE_OF_EACH_KIND and crowd.checkpoint.database.dialect == "sqlite"
    ]
    await walked(crowd, [*pairs, *others])
    assert len(whole.visited) == len(set(whole.visited)) > 2 * PAGE
    for walk in (*pairs, *others):
        assert sorted(walk.visited) == sorted(whole.visited)
        assert {len(page) for page in walk.pages[:-1]} == {PAGE}
        assert 0 < len(walk.pages[-1]) <= PAGE
    for forward, backward in zip(pairs[::2], pairs[1::2], strict=True):
        assert forward.visited == backward.visited


@pytest.mark.parametrize("crowd_url", first_on("sqlite"), indirect=True, scope="module")
async def test_rows_by_every_order_both_ways_come_each_once(crowd: Door) -> None:
    pairs = both_ways(fields_of(crowd, "OrderOrderField"), "crowd-03.login")
    await walked(crowd, pairs)
    for forward, backward in zip(pairs[::2], pairs[1::2], strict=True):
        assert len(set(forward.visited)) == 3
        assert forward.visited == backward.visited


CHANGED = ("crowd-00", "crowd-06", "crowd-14", "crowd-22")
FLIPPED = {
    "crowd-00": ("profile",),
    "crowd-06": ("profile",),
    "crowd-11": (),
    "crowd-14": (),
    "crowd-19": ("service_usage",),
    "crowd-22": ("profile",),
}
"""Who asks ichiba to stop after one page, thinks better of it after the next, and so on."""

ORDERS: Sequence[Order] = (
    (),
    (("FULL_NAME", "ASC"),),
    (("POINT_BALANCE", "DESC"),),
    (("BIRTH_DATE", "ASC"), ("PREFECTURE", "DESC")),
)


@pytest.fixture
async def restless(either: Door) -> Door:
    await join(either)
    return either


@pytest.mark.parametrize("world_url", first_on("postgresql"), indirect=True)
async def test_who_stays_as_they_are_comes_once_while_others_consents_change(
    restless: Door,
) -> None:
    walks = [Walk(order, backward, size=4) for order in ORDERS for backward in (False, True)]
    leaver, turn = "crowd-12", 0
    while not all(walk.done for walk in walks):
        await stride(restless, walks)
        flip = lifted if turn % 2 else stopped
        for member, categories in FLIPPED.items():
            await happen(restless, member, flip(restless.clock(), *categories))
        if turn == 0:
            await happen(restless, leaver, closed(restless.clock()))
        turn += 1
    assert turn > 5
    seal = restless.checkpoint.seal
    staying = {
        seal.node_id("company:ichiba", "Member", key_of(number))
        for number in range(SIZE)
        if key_of(number) not in {*FLIPPED, leaver} and stops_of(number) != ()
    }
    for walk in walks:
        visits = walk.visited
        assert {each for each in staying if visits.count(each) == 1} == staying, walk.order
        if not walk.order:
            assert len(set(visits)) == len(visits)


@pytest.fixture(params=ENGINES)
def two_urls(
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


@pytest.fixture
async def twins(
    two_urls: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sequence[Door]]:
    """Two databases in which the names, days and points of four members differ."""
    async with AsyncExitStack() as stack:
        doors = [
            await stack.enter_async_context(opened(url, Clock(), tmp_path_factory.mktemp("keys")))
            for url in two_urls
        ]
        for door in doors:
            await join(door)
        for number, member in enumerate(CHANGED):
            await change(doors[1], member, full_name=f"zz{number}", point_balance=-9)
        yield doors


TELLING = """{ totalCount edges { cursor node { id fullName pointBalance } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""


@pytest.mark.parametrize("two_urls", first_on("sqlite"), indirect=True)
async def test_a_later_page_tells_nothing_of_what_is_withheld_by_then(
    twins: Sequence[Door],
) -> None:
    """The cursors were made while the values were open; the page is asked once they are not."""
    asked = []
    for by in ("{field: FULL_NAME}", "{field: POINT_BALANCE, direction: DESC}"):
        query = f"""query Q($at: String) {{
          later: members(first: 3, after: $at, orderBy: {by}) {TELLING}
          earlier: members(last: 3, before: $at, orderBy: {by}) {TELLING}
        }}"""
        asked += [(query, cursor) for door in twins for cursor in await cursors(door, by)]
    one, other = [await told(door, asked) for door in twins]
    assert difference(one, other)
    for door in twins:
        for member in CHANGED[:3]:
            await happen(door, member, stopped(door.clock(), "profile", "service_usage"))
        await happen(door, CHANGED[3], stopped(door.clock()))
    one, other = [await told(door, asked) for door in twins]
    assert not difference(one, other)
    assert "errors" not in one


async def told(door: Door, asked: Sequence[tuple[str, str]]) -> str:
    """Every answer about the pages at these cursors."""
    answers = [await door.send(query, {"at": at}, **caller(door)) for query, at in asked]
    return "\n".join(answer.text for answer in answers)


async def cursors(door: Door, by: str) -> list[str]:
    """Cursors that stand at the members changed, and at some others."""
    data = await ask(door, f"{{ members(first: 100, orderBy: {by}) {TELLING} }}")
    ids = {door.checkpoint.seal.node_id("company:ichiba", "Member", key) for key in CHANGED}
    edges = data["members"]["edges"]
    return [
        edge["cursor"]
        for number, edge in enumerate(edges)
        if edge["node"]["id"] in ids or number % 9 == 0
    ]
