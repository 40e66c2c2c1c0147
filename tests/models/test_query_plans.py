"""Searches, orders and counts are led by indexes, whether most members are open or few."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean

from models import lead_sql
from models.condition_sql import parameters
from models.criteria import Every, Leaf, Listing, Op, SomeRow, Sort
from models.database import Database
from models.redacted import page_of_members
from models.rows_below import rows_of_members
from models.tables import column_of
from models.view import View
from policy.grant import Asker, Grants
from tests.crowds import NOW, SELDOM, draw, gather, key_of
from tests.engines import in_turns
from tests.made import make_tables
from tests.plans import plan_of, steps_of
from tests.populations import WORDS
from tests.postgres import Postgres
from tests.random_listings import comparable
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

MEMBERS = 20_000
PAGE = 20
SEARCHED = comparable("")
GRANTS = Grants(CATALOGUE)
MOST = View(GRANTS, Asker("rakuten_group"), "ads_marketing", NOW)
FEW = View(GRANTS, Asker("rakuten_group"), "direct_mail", NOW)
"""Mail is opt-in, and here hardly anybody opted in."""
_READ = re.compile(r"actual rows=(\d+) loops=(\d+)")
A_GLANCE = 200_000
"""Steps of SQLite's machine: far below what looking at every member takes."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def crowds(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, names: Iterator[str]
) -> AsyncIterator[Mapping[str, Database]]:
    """The same crowd on each engine, for all tests."""
    file, name = tmp_path_factory.mktemp("crowd") / "sekisho.db", next(names)
    async with (
        Database.open(f"sqlite+aiosqlite:///{file}") as sqlite,
        Database.open(postgres.create(name)) as postgresql,
    ):
        for database in (sqlite, postgresql):
            await make_tables(database)
            async with database.write() as connection:
                await gather(connection, MEMBERS)
        yield {"sqlite": sqlite, "postgresql": postgresql}
    postgres.drop(name)


@pytest.fixture(params=("sqlite", "postgresql"))
def crowd(request: pytest.FixtureRequest, crowds: Mapping[str, Database]) -> Database:
    return crowds[request.param]


async def plan_and_steps(
    crowd: Database, view: View, listing: Listing, *, counted: bool = False, **operands: Any
) -> tuple[Sequence[str], int]:
    """The plan of a page, and the steps that SQLite takes for it (0 on PostgreSQL)."""
    statement = page_of_members(view, ("fullName",), (), listing, (), counted).main
    binds = {**parameters(NOW, None), "limit": PAGE, **operands}
    async with crowd.read() as connection:
        plan = await plan_of(connection, statement, binds)
        on_sqlite = crowd.dialect == "sqlite"
        return plan, await steps_of(connection, statement, binds) if on_sqlite else 0


def uses(plan: Sequence[str], index: str) -> bool:
    """Whether an index is searched, or read in its order; or one that begins as it does."""
    return any(re.search(rf"(?i)\b(?:index|using|on) {index}", line) for line in plan)


def reads_all_accounts(plan: Sequence[str]) -> bool:
    """Whether the accounts are gone through in no order at all."""
    return any(re.search(r"SCAN account$|Seq Scan on account\b", line) for line in plan)


def index_of(path: str) -> str:
    return f"ix_account_{column_of(path).name}"


def is_told_apart(path: str) -> bool:
    """Whether the crowd has many values there, so that one of them leads to few members."""
    column = column_of(path)
    return column.name not in WORDS and not isinstance(column.type, Boolean)


@pytest.mark.parametrize(("crowd", "path"), in_turns(SEARCHED), indirect=["crowd"])
async def test_a_filter_on_any_field_reads_its_index(crowd: Database, path: str) -> None:
    value = draw(column_of(path), 3)
    listing = Listing(Leaf(path, Op.EQ, "x"))
    for view in (MOST, FEW):
        plan, steps = await plan_and_steps(crowd, view, listing, counted=True, x=value)
        if is_told_apart(path):
            assert not reads_all_accounts(plan), plan
            assert uses(plan, index_of(path)) or leads(plan, view), plan
            assert steps < A_GLANCE


@pytest.mark.parametrize(
    ("crowd", "path"),
    in_turns(path for path in SEARCHED if path != "mfaEnabled"),
    indirect=["crowd"],
)
async def test_an_order_by_any_field_reads_its_index(crowd: Database, path: str) -> None:
    listing = Listing(order=(Sort(path),))
    plan, steps = await plan_and_steps(crowd, MOST, listing)
    assert uses(plan, index_of(path)), plan
    assert not reads_all_accounts(plan), plan
    assert steps < A_GLANCE
    plan, steps = await plan_and_steps(crowd, FEW, listing)
    assert leads(plan, FEW), plan
    assert not reads_all_accounts(plan), plan
    assert steps < A_GLANCE


def leads(plan: Sequence[str], view: View) -> bool:
    """Whether the few were looked up by what leads to them."""
    return view is FEW and uses(plan, "ix_mail_sender")


RANGES = (
    (Leaf("fullName", Op.STARTS_WITH, "x"), "full_name 00"),
    (Leaf("birthDate", Op.LT, "x"), date(1950, 2, 1)),
    (Leaf("pointBalance", Op.GTE, "x"), 995),
    (Leaf("prefecture", Op.IN, "x"), ["prefecture 001", "prefecture 002"]),
)


@pytest.mark.parametrize(("leaf", "operand"), RANGES, ids=lambda each: str(each)[:30])
@pytest.mark.parametrize("descending", [False, True])
async def test_a_range_and_a_position_are_parts_of_an_index(
    crowd: Database, leaf: Leaf, operand: object, *, descending: bool
) -> None:
    plan, steps = await plan_and_steps(crowd, MOST, Listing(leaf), counted=True, x=operand)
    assert uses(plan, index_of(leaf.path)), "\n".join(plan)
    assert steps < A_GLANCE
    listing = Listing(order=(Sort(leaf.path, descending),), after=(False,))
    behind = draw(column_of(leaf.path), 5)
    plan, steps = await plan_and_steps(crowd, MOST, listing, after_0=behind, after_key="m")
    assert uses(plan, index_of(leaf.path)), "\n".join(plan)
    assert steps < A_GLANCE


async def test_people_of_a_region_and_an_age_are_a_range_of_one_index(crowd: Database) -> None:
    age = Every((Leaf("birthDate", Op.GTE, "from"), Leaf("birthDate", Op.LT, "until")))
    both = Listing(Every((age, Leaf("prefecture", Op.EQ, "x"))))
    begin, where = date(1950, 1, 1), draw(column_of("prefecture"), 3)
    for days, most in ((0, A_GLANCE / 4), (365 * 20, A_GLANCE)):
        asked = {"x": where, "from": begin, "until": begin + timedelta(days=days)}
        plan, steps = await plan_and_steps(crowd, MOST, both, counted=True, **asked)
        assert uses(plan, "ix_account_prefecture_birth_date"), "\n".join(plan)
        assert steps < most


async def test_a_page_by_key_is_read_no_further_than_its_end(crowd: Database) -> None:
    for view in (MOST, FEW):
        plan, steps = await plan_and_steps(crowd, view, Listing())
        assert not reads_all_accounts(plan), plan
        assert steps < A_GLANCE / 4


@pytest.mark.parametrize("view", [MOST, FEW], ids=["most", "few"])
async def test_a_page_far_behind_reads_no_more_than_the_first(crowd: Database, view: View) -> None:
    behind = key_of(MEMBERS * 9 // 10)
    plan, steps = await plan_and_steps(crowd, view, Listing(after=()), after_key=behind)
    assert steps < A_GLANCE / 4
    read = [int(rows) * int(loops) for rows, loops in _READ.findall("\n".join(plan))]
    assert max(read, default=0) < MEMBERS / 10, plan


async def test_a_page_by_key_follows_an_index_however_many_it_leads_to(
    crowd: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_sql, "FEW", 1)
    view = replace(FEW, at=FEW.at + timedelta(microseconds=1))  # nothing is known of it yet
    plan, steps = await plan_and_steps(crowd, view, Listing())
    assert uses(plan, "ix_mail_sender"), plan
    assert steps < A_GLANCE / 4


async def test_a_count_of_few_looks_at_few(crowd: Database) -> None:
    plan, steps = await plan_and_steps(crowd, FEW, Listing(), counted=True)
    assert leads(plan, FEW), plan
    assert not reads_all_accounts(plan), plan
    assert steps < A_GLANCE / 4


@pytest.mark.parametrize(
    ("company", "purpose", "index"),
    [
        ("ins_holding", "ins_group_management", "ix_opening_provision"),
        ("shop_tea", "merchant_fulfil", "ix_orders_merchant"),
        ("card", "fraud_detect", "ix_incident_company"),
        ("rakuten_group", "retention_legal", "ix_standing_closed_at"),
    ],
)
async def test_what_few_members_did_leads_to_them(
    crowd: Database, company: str, purpose: str, index: str
) -> None:
    view = View(GRANTS, Asker(company), purpose, NOW)
    plan, steps = await plan_and_steps(crowd, view, Listing(), counted=True)
    assert uses(plan, index), plan
    assert not reads_all_accounts(plan), plan
    assert steps < A_GLANCE / 4


async def test_rows_are_met_from_their_members_side(crowd: Database) -> None:
    some = Listing(SomeRow("orders", Leaf("orders.amount", Op.GT, "x")))
    plan, steps = await plan_and_steps(crowd, MOST, some, x=50_000)
    assert uses(plan, "ix_orders_member"), plan
    assert not reads_all_accounts(plan), plan
    assert steps < A_GLANCE
    asked = rows_of_members(
        MOST, "orders", ("orders.amount",), Listing(order=(Sort("orders.amount", descending=True),))
    )
    members = [key_of(number) for number in range(0, MEMBERS, SELDOM)]
    binds = {**parameters(NOW, None), "members": members, "limit": PAGE}
    async with crowd.read() as connection:
        plan = await plan_of(connection, asked.main, binds)
    assert uses(plan, "ix_orders_member"), plan
