"""Histories: newest first, by whom they concern, filtered, page by page, as an index has them."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from models import history as history_module
from models.concern import Concern
from models.disclosure import RETURNED, Count, Disclosure, MemberDisclosure, Opened, Use
from models.history import (
    EVERYTHING,
    HistoryFilter,
    Side,
    Told,
    history,
    history_after,
    history_count,
)
from models.history_sql import newest, oldest, route_of
from models.history_tables import CONCERN, HISTORY
from models.ledger_fold import Folder
from tests.clock import START
from tests.engines import first_on
from tests.folds import ACCOUNT, PROVISION, SHOP, at, entry, ledgers, told, write
from tests.plans import plan_of_statement, statements

pytestmark = pytest.mark.anyio

ORDERED = told(7, orders__items=Opened(12, SHOP))
OTHERS = Disclosure(
    members={
        "m1": told(7, phone=Opened(PROVISION, ACCOUNT)),
        "m2": told(7, gender=Opened(PROVISION, ACCOUNT)),
    }
)
OF_CONSENTS = MemberDisclosure.of(7, {("consents", Use.SELECT): frozenset({Opened(RETURNED)})})
MANY = [
    entry(1, "m1", "m2"),
    entry(2, "m1", shown=ORDERED, company="mobile"),
    entry(3, "m2", company="callcenter", on_behalf_of="ichiba"),
    entry(4, "m1", role="member", company=None, subject="m1", purpose="subject_request"),
    entry(5, "m1", role="officer", company="*", purpose="audit", shown=OF_CONSENTS),
    entry(6, disclosures=(Disclosure(counts=(Count("members", ("prefecture",), 42),)),)),
    entry(7, disclosures=(OTHERS,)),
    entry(8, "m1", company="callcenter", on_behalf_of="ichiba", purpose="id_login"),
    entry(9, "m3", at=START + timedelta(days=100)),
]
"""Entry n stands at position n."""


@pytest.fixture
async def folder(database_url: str) -> AsyncIterator[Folder]:
    async with ledgers(database_url) as opened:
        folder = opened.folder()
        await write(folder, MANY)
        yield folder


def numbers(found: Sequence[Told]) -> list[int]:
    """Which entries they are."""
    for each in found:
        assert each.entry == MANY[each.position - 1]
    return [each.position for each in found]


async def paged(
    folder: Folder, sides: Sequence[Concern] | None, where: HistoryFilter
) -> AsyncIterator[Told]:
    """A history, two at a time."""
    before = None
    while page := await history(folder, sides, where, before=before, limit=2):
        for each in page:
            yield each
        before = page[-1].position


SIDES: dict[str, tuple[Sequence[Concern] | None, list[int]]] = {
    "everything": (None, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    "nothing": ([], []),
    "of a member": ([(Side.MEMBER, "m1")], [8, 7, 5, 4, 2, 1]),
    "of two members": ([(Side.MEMBER, "m1"), (Side.MEMBER, "m2")], [7, 1]),
    "of nobody": ([(Side.MEMBER, "m99")], []),
    "of a recipient": ([(Side.RECIPIENT, "card")], [9, 7, 6, 1]),
    "of a controller": ([(Side.RECIPIENT, "ichiba")], [8, 3]),
    "of a processor": ([(Side.RECIPIENT, "callcenter")], [8, 3]),
    "of an office": ([(Side.RECIPIENT, "*")], [5]),
    "of a provider": ([(Side.PROVIDER, "ichiba")], [2]),
    "of a company on both sides": (
        [(Side.RECIPIENT, "ichiba"), (Side.PROVIDER, "ichiba")],
        [8, 3, 2],
    ),
    "of several, some unknown": (
        [(Side.RECIPIENT, "card"), (Side.RECIPIENT, "card"), (Side.PROVIDER, "nobody")],
        [9, 7, 6, 1],
    ),
}
FILTERS: dict[str, tuple[HistoryFilter, set[int]]] = {
    "nothing left out": (EVERYTHING, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
    "recipients are controllers": (HistoryFilter(recipients=frozenset({"ichiba"})), {3, 8}),
    "not their processors": (HistoryFilter(recipients=frozenset({"callcenter"})), set()),
    "one of them": (HistoryFilter(recipients=frozenset({"card", "mobile"})), {1, 2, 6, 7, 9}),
    "none of them": (HistoryFilter(recipients=frozenset()), set()),
    "a mandate": (HistoryFilter(mandate=("callcenter", "ichiba")), {3, 8}),
    "no mandate": (HistoryFilter(mandate=("callcenter", None)), set()),
    "a purpose": (HistoryFilter(purposes=frozenset({"id_login"})), {8}),
    "an unknown purpose": (HistoryFilter(purposes=frozenset({"nothing"})), set()),
    "roles": (HistoryFilter(roles=frozenset({"member", "officer"})), {4, 5}),
    "a member": (HistoryFilter(member="m2"), {1, 3, 7}),
    "an unknown member": (HistoryFilter(member="m99"), set()),
    "since": (HistoryFilter(since=at(8)), {8, 9}),
    "until": (HistoryFilter(until=at(3)), {1, 2}),
    "a field": (HistoryFilter(fields=frozenset({"orders.items"})), {2}),
    "a field of a number": (HistoryFilter(fields=frozenset({"prefecture"})), {6}),
    "a field of that member": (HistoryFilter(fields=frozenset({"phone"}), member="m1"), {7}),
    "a field of another": (HistoryFilter(fields=frozenset({"phone"}), member="m2"), set()),
    "all at once": (
        HistoryFilter(
            recipients=frozenset({"card"}),
            purposes=frozenset({"own:card:service"}),
            fields=frozenset({"fullName", "gender"}),
            member="m2",
            since=at(2),
            until=at(8),
        ),
        {7},
    ),
}


async def test_a_history_holds_what_concerns_its_sides_newest_first(folder: Folder) -> None:
    for sides, (asked, found) in SIDES.items():
        assert numbers(await history(folder, asked, limit=100)) == found, sides
        assert await history_count(folder, asked, at_most=100) == len(found), sides
        assert await history_count(folder, asked, at_most=2) == min(2, len(found)), sides


@pytest.mark.parametrize("database_url", first_on("sqlite"), indirect=True)
async def test_a_filter_leaves_out_what_does_not_fit_on_whichever_road(folder: Folder) -> None:
    for (sides, (asked, listed)), (name, (where, fitting)) in product(
        SIDES.items(), FILTERS.items()
    ):
        if where.fields is not None and where.member is None and asked is not None:
            continue  # whose fields then depends on the side
        found = await history(folder, asked, where, limit=100)
        assert numbers(found) == [each for each in listed if each in fitting], (sides, name)
        counted = await history_count(folder, asked, where, at_most=100)
        assert counted == (None if where.fields is not None else len(found)), (sides, name)


async def test_a_field_is_looked_for_in_the_members_that_the_history_is_about(
    folder: Folder,
) -> None:
    asked = HistoryFilter(fields=frozenset({"gender"}))
    assert numbers(await history(folder, [(Side.MEMBER, "m1")], asked)) == []
    assert numbers(await history(folder, [(Side.MEMBER, "m2")], asked)) == [7]
    assert numbers(await history(folder, [(Side.RECIPIENT, "card")], asked)) == [7]


@pytest.mark.parametrize("chunk", [1, 2, 200])
async def test_pages_follow_one_another_without_a_gap(
    folder: Folder, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "CHUNK", chunk)
    where = HistoryFilter(fields=frozenset({"fullName", "phone", "consents", "prefecture"}))
    for asked, _ in SIDES.values():
        for wanted in (EVERYTHING, where):
            whole = await history(folder, asked, wanted, limit=100)
            assert [page async for page in paged(folder, asked, wanted)] == whole


async def test_a_stream_is_given_what_came_since_in_the_order_of_coming(folder: Folder) -> None:
    assert await history_after(folder, "m1", 0) == []  # it waits for the folding
    await folder.fold()
    after = await history_after(folder, "m1", 1, limit=3)
    assert numbers(after) == [2, 4, 5]
    assert numbers(await history_after(folder, "m1", 5)) == [7, 8]
    assert await history_after(folder, "m99", 0) == []


async def test_an_entry_that_is_gone_or_damaged_is_left_out_of_every_page(folder: Folder) -> None:
    await folder.fold()
    async with folder.ledger.database.write() as connection:
        await connection.execute(text("DELETE FROM ledger_entry WHERE seq = 7"))
        await connection.execute(
            text("UPDATE ledger_entry SET body = :bad WHERE seq IN (4, 5)"), {"bad": b"\xc1"}
        )
    assert numbers(await history(folder, [(Side.MEMBER, "m1")], limit=2)) == [8, 2]
    assert numbers(await history_after(folder, "m1", 2, limit=1)) == [8]


ROADS: dict[str, tuple[Sequence[Concern], HistoryFilter]] = {
    "of a member": ([(Side.MEMBER, "m1")], EVERYTHING),
    "of a member, filtered": (
        [(Side.MEMBER, "m1")],
        HistoryFilter(purposes=frozenset({"id_login"}), since=START),
    ),
    "of a company": ([(Side.RECIPIENT, "card")], EVERYTHING),
    "of a company on both sides": (
        [(Side.RECIPIENT, "ichiba"), (Side.PROVIDER, "ichiba")],
        EVERYTHING,
    ),
    "of a company, about a member": ([(Side.RECIPIENT, "card")], HistoryFilter(member="m1")),
}


INDEXES = {road: {CONCERN} if "company" in road else {HISTORY} for road in ROADS}
INDEXES["of a company, about a member"] = {CONCERN, HISTORY}


@pytest.mark.parametrize("road", ROADS)
async def test_a_history_is_read_along_the_index_of_those_concerned(
    folder: Folder, road: str
) -> None:
    (sides, where), roads = ROADS[road], set()
    await folder.fold()
    async with folder.ledger.database.read() as connection:
        route = await route_of(connection, sides, where)
        assert route is not None
        with statements(connection) as asked:
            assert [row async for row in newest(connection, route, 100, 20)]
            if len(route.members) == 1 and where is EVERYTHING:
                assert [row async for row in oldest(connection, route.members[0], 1)]
        for statement, given in asked:
            plan = await plan_of_statement(connection, statement, given)
            assert not [line for line in plan if "SCAN ledger_" in line or "Seq Scan" in line], plan
            roads |= {each for each in (CONCERN, HISTORY) if each.name in " ".join(plan)}
    assert roads == INDEXES[road]
