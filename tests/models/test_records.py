"""Records of provision and receipt: what each holds, when one is opened, and how they are found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from models import record_sql
from models import records as records_module
from models.disclosure import (
    RETURNED,
    Count,
    Disclosure,
    Entry,
    MemberDisclosure,
    Opened,
    Use,
)
from models.ledger_fold import Folder
from models.record_filter import RecordFilter
from models.records import (
    Record,
    all_records,
    has_received,
    record_count,
    record_groups,
    records,
)
from tests.clock import START
from tests.folds import ACCOUNT, PROVISION, SHOP, TRAVEL, at, entry, ledgers, told, write

pytestmark = pytest.mark.anyio

AUGUST = datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
async def folder(database_url: str) -> AsyncIterator[Folder]:
    async with ledgers(database_url) as opened:
        yield opened.folder()


async def recorded(folder: Folder, *entries: Entry) -> list[Record]:
    """All records, once these entries are in the ledger."""
    await write(folder, entries)
    return [record async for record in all_records(folder)]


async def only(folder: Folder, *entries: Entry) -> Record:
    (record,) = await recorded(folder, *entries)
    return record


def using(*used: tuple[str, Use, Opened], seq: int = 7) -> MemberDisclosure:
    """What was used of a member, and how."""
    return MemberDisclosure.of(seq, {(path, use): frozenset({how}) for path, use, how in used})


async def test_a_record_holds_what_domain_md_section_4_asks_for(folder: Folder) -> None:
    """Names, addresses and what was consented to are told with it, as they were by then."""
    shown = told(41, fullName=Opened(PROVISION, ACCOUNT), phone=Opened(PROVISION, ACCOUNT))
    later = told(52, birthDate=Opened(PROVISION, ACCOUNT))
    record = await only(
        folder, entry(5, "m1", shown=shown), entry(9, "m1", shown=later, purpose="id_login")
    )
    # 1: that the person consents: the provision, and the events folded in first and last
    assert (record.provision, record.first_seq, record.last_seq) == (PROVISION, 41, 52)
    # 2: recipient, and provider: whose name, address and representative are told by then
    assert (record.provider, record.recipient, record.via) == ("rakuten_group", "card", None)
    assert record.first_version == record.last_version == entry(5).policy_version
    # 2, of the receipt: the circumstances of acquisition
    assert record.origins == ((ACCOUNT.source, ACCOUNT.channel),)
    # 3: the person
    assert record.member == "m1"
    # 4: the items of personal data, names and never values
    assert record.items == ("birthDate", "fullName", "phone")
    # the date: of the first and of the last provision of the period, which is stated
    assert (record.first_at, record.last_at, record.month) == (at(5), at(9), "2026-06")
    # beside: purpose, how often, and whether the law demands the record
    assert (record.purposes, record.entries) == (("id_login", "own:card:service"), 2)
    assert record.statutory


async def test_there_is_one_for_each_provider_recipient_member_provision_and_month(
    folder: Folder,
) -> None:
    two = told(7, fullName=Opened(PROVISION, ACCOUNT), orders__items=Opened(12, SHOP))
    three = told(7, fullName=Opened(4, ACCOUNT))
    found = await recorded(
        folder,
        entry(1, "m1", "m2", shown=two),
        entry(2, "m1", shown=three),
        entry(3, "m1", company="mobile"),
        entry(4, "m1", at=START + timedelta(days=30)),
        entry(5, "m1", shown=two),
    )
    keys = {(r.provider, r.recipient, r.member, r.provision, r.month): r.entries for r in found}
    assert keys == {
        ("rakuten_group", "card", "m1", PROVISION, "2026-06"): 2,
        ("ichiba", "card", "m1", 12, "2026-06"): 2,
        ("rakuten_group", "card", "m2", PROVISION, "2026-06"): 1,
        ("ichiba", "card", "m2", 12, "2026-06"): 1,
        ("rakuten_group", "card", "m1", 4, "2026-06"): 1,
        ("rakuten_group", "mobile", "m1", PROVISION, "2026-06"): 1,
        ("rakuten_group", "card", "m1", PROVISION, "2026-07"): 1,
    }


@pytest.mark.parametrize(
    ("asked_at", "month"),
    [
        (AUGUST, "2026-08"),
        (AUGUST + timedelta(seconds=1), "2026-09"),
    ],
)
async def test_the_period_is_a_month_in_utc(folder: Folder, asked_at: datetime, month: str) -> None:
    assert (await only(folder, entry(1, "m1", at=asked_at))).month == month


async def test_every_use_is_an_item_whether_shown_searched_sorted_by_or_counted(
    folder: Folder,
) -> None:
    how = Opened(PROVISION, ACCOUNT)
    shown = using(
        ("fullName", Use.SELECT, how),
        ("prefecture", Use.FILTER, how),
        ("birthDate", Use.ORDER, how),
        ("orders.amount", Use.COUNT, how),
    )
    record = await only(folder, entry(1, "m1", shown=shown))
    assert record.items == ("birthDate", "fullName", "orders.amount", "prefecture")


async def test_a_member_returned_as_such_was_provided_by_nobody_and_is_on_record_all_the_same(
    folder: Folder,
) -> None:
    asked = {"company": "callcenter", "on_behalf_of": "ichiba"}  # abroad, by consent alone
    record = await only(folder, entry(1, "m1", shown=told(7), **asked))
    assert (record.provider, record.recipient, record.via) == ("ichiba", "ichiba", "callcenter")
    assert (record.provision, record.items, record.origins) == (None, ("",), ())
    assert not record.statutory
    assert await has_received(folder, "ichiba", "m1")


async def test_no_provider_hears_of_what_has_no_origin(folder: Folder) -> None:
    used = using(
        ("", Use.SELECT, Opened(RETURNED)),
        ("coupons", Use.SELECT, Opened(RETURNED)),
        ("orders", Use.SELECT, Opened(14, TRAVEL)),
        ("orders.items", Use.SELECT, Opened(12, SHOP)),
        ("fullName", Use.SELECT, Opened(13, ACCOUNT)),
    )
    found = await recorded(folder, entry(1, "m1", shown=used, company="ichiba"))
    assert {(r.provider, r.provision): (r.items, r.statutory) for r in found} == {
        ("ichiba", 12): (("orders.items",), False),
        ("rakuten_group", 13): (("fullName",), True),
        ("travel", 14): (("orders",), True),
    }


async def test_a_row_returned_as_such_was_provided_under_what_opened_it(folder: Folder) -> None:
    shown = using(("orders", Use.SELECT, Opened(PROVISION, SHOP)))
    record = await only(folder, entry(1, "m1", shown=shown))
    assert (record.provider, record.provision, record.items) == ("ichiba", PROVISION, ("orders",))
    assert record.statutory


async def test_where_a_processor_asks_its_controller_receives(folder: Folder) -> None:
    record = await only(folder, entry(1, "m1", company="callcenter", on_behalf_of="ichiba"))
    assert (record.recipient, record.via) == ("ichiba", "callcenter")


async def test_parts_of_one_answer_about_one_member_are_one_provision(folder: Folder) -> None:
    parts = (
        Disclosure(members={"m1": told(7, fullName=Opened(PROVISION, ACCOUNT))}),
        Disclosure(members={"m1": told(8, phone=Opened(PROVISION, ACCOUNT))}),
        Disclosure(members={"m2": told(9, phone=Opened(PROVISION, ACCOUNT))}),
    )
    found = await recorded(folder, entry(1, disclosures=parts))
    assert {r.member: (r.items, r.entries, r.last_seq) for r in found} == {
        "m1": (("fullName", "phone"), 1, 8),
        "m2": (("phone",), 1, 9),
    }


@pytest.mark.parametrize(
    "said",
    [
        {"role": "member", "company": None, "subject": "m1"},
        {"role": "officer", "company": "card"},
        {"role": "officer", "company": "*"},
    ],
)
async def test_reads_of_members_about_themselves_and_of_officers_are_no_provision(
    folder: Folder, said: dict[str, Any]
) -> None:
    assert await recorded(folder, entry(1, "m1", **said)) == []


async def test_a_number_alone_is_no_provision_about_anybody(folder: Folder) -> None:
    counted = Disclosure(counts=(Count("members", ("prefecture",), 42),))
    assert await recorded(folder, entry(1, disclosures=(counted,))) == []


async def test_entries_that_come_out_of_order_add_up_to_the_same(folder: Folder) -> None:
    entries = [entry(number, "m1", shown=told(number)) for number in (5, 3, 9, 4)]
    record = await only(folder, *entries)
    assert (record.first_at, record.last_at) == (at(3), at(9))
    assert (record.first_seq, record.last_seq, record.entries) == (3, 9, 4)


async def test_a_version_that_is_not_kept_says_of_nothing_that_the_law_does_not_want_it(
    folder: Folder,
) -> None:
    own = told(7, orders__items=Opened(12, SHOP))
    shop = entry(1, "m1", company="ichiba", shown=own)
    lost = replace(shop, policy_version="lost", at=at(60 * 60 * 24 * 40))
    found = {
        r.first_version: r.statutory
        for r in await recorded(folder, shop, lost)
        if r.provider == "ichiba"
    }
    assert found == {shop.policy_version: False, "lost": True}


MANY = [
    entry(1, "m1", "m2", "m3"),
    entry(2, "m1", "m4", company="mobile"),
    entry(3, "m2", company="callcenter", on_behalf_of="ichiba"),
    entry(4, "m1", shown=told(7, orders__items=Opened(12, SHOP))),
    entry(5, "m2", company="ichiba", shown=using(("orders.items", Use.SELECT, Opened(12, SHOP)))),
    entry(6, "m1", "m5", at=START + timedelta(days=40)),
]
FILTERS: dict[str, RecordFilter] = {
    "of one provider": RecordFilter(providers=frozenset({"ichiba"})),
    "of several": RecordFilter(providers=frozenset({"ichiba", "rakuten_group", "nobody"})),
    "of nobody": RecordFilter(providers=frozenset({"nobody"})),
    "of none": RecordFilter(providers=frozenset()),
    "of one recipient": RecordFilter(recipients=frozenset({"ichiba"})),
    "by way of a processor": RecordFilter(via="callcenter"),
    "by way of nobody": RecordFilter(via="nobody"),
    "of a member": RecordFilter(member="m1"),
    "of a member and a recipient": RecordFilter(member="m1", recipients=frozenset({"card"})),
    "of an unknown member": RecordFilter(member="m99"),
    "under a provision": RecordFilter(provision=12),
    "statutory": RecordFilter(statutory=True),
    "not statutory": RecordFilter(statutory=False),
    "of a month": RecordFilter(month="2026-07"),
    "since": RecordFilter(since=at(4)),
    "until": RecordFilter(until=at(3)),
    "before an event": RecordFilter(before_event=8),
    "before its own event": RecordFilter(before_event=7),
    "of a member, then": RecordFilter(member="m1", since=at(2), until=at(4)),
    "everything": RecordFilter(),
}


def fits(record: Record, where: RecordFilter) -> bool:
    """The filter, said once more."""
    return (
        (where.providers is None or record.provider in where.providers)
        and (where.recipients is None or record.recipient in where.recipients)
        and where.via in {None, record.via}
        and where.member in {None, record.member}
        and where.provision in {None, record.provision}
        and where.statutory in {None, record.statutory}
        and where.month in {None, record.month}
        and (where.since is None or record.last_at >= where.since)
        and (where.until is None or record.first_at < where.until)
        and (where.before_event is None or record.first_seq < where.before_event)
    )


async def test_a_filter_gives_what_fits_page_by_page_and_counts_it(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_sql, "SCOPES", 2)
    monkeypatch.setattr(records_module, "PAGE", 2)
    every = await recorded(folder, *MANY)
    assert len(every) == 10
    assert [r.id for r in every] == sorted((r.id for r in every), reverse=True)
    for name, where in FILTERS.items():
        wanted = [record for record in every if fits(record, where)]
        assert [record async for record in all_records(folder, where)] == wanted, name
        assert await records(folder, where, limit=len(every)) == wanted, name
        assert await record_count(folder, where, at_most=100) == len(wanted), name
        assert await record_count(folder, where, at_most=2) == min(2, len(wanted)), name


async def test_groups_count_members_and_name_none(folder: Folder) -> None:
    every = await recorded(folder, *MANY)
    groups = await record_groups(folder, limit=100)
    assert [group.id for group in groups] == sorted({g.id for g in groups}, reverse=True)
    for group in groups:
        same = [
            record
            for record in every
            if (record.provider, record.recipient, record.via, record.provision, record.month)
            == (group.provider, group.recipient, group.via, group.provision, group.month)
        ]
        assert group.members == len(same)
        assert group.first_at == min(record.first_at for record in same)
        assert group.last_at == max(record.last_at for record in same)
        assert group.statutory == any(record.statutory for record in same)
    assert sum(group.members for group in groups) == len(every)
    assert not hasattr(groups[0], "member")
    first = await record_groups(folder, limit=2)
    assert await record_groups(folder, before=first[-1].id, limit=100) == groups[2:]


async def test_who_received_something_of_a_member_is_known(folder: Folder) -> None:
    await write(folder, MANY)
    assert await has_received(folder, "card", "m1")
    assert not await has_received(folder, "card", "m4")
    assert await has_received(folder, "ichiba", "m2")
    assert await has_received(folder, "callcenter", "m2", "ichiba")
    assert not await has_received(folder, "callcenter", "m2", "card")
    assert not await has_received(folder, "callcenter", "m2")
    assert not await has_received(folder, "nobody", "m1")
    assert not await has_received(folder, "card", "nobody")


async def test_pages_counts_and_groups_are_read_along_keys_and_sort_nothing(
    sqlite_url: str,
) -> None:
    statements: dict[str, tuple[Any, ...]] = {}

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        statements[statement] = given

    async with ledgers(sqlite_url) as opened:
        folder = opened.folder()
        await write(folder, MANY)
        await folder.fold()
        readers = folder.ledger.database.readers.sync_engine
        event.listen(readers, "before_cursor_execute", note)
        for where in FILTERS.values():
            (first, *_) = [*await records(folder, where, limit=1), None]
            if first is not None:
                await records(folder, where, before=first.id)
                await record_count(folder, where, at_most=10)
                await record_groups(folder, where)
        event.remove(readers, "before_cursor_execute", note)
        asked = {sql: given for sql, given in statements.items() if "FROM ledger_record" in sql}
        assert len(asked) > 10
        async with folder.ledger.database.read() as connection:
            for sql, given in asked.items():
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
                plan = [str(row["detail"]) for row in rows.mappings()]
                assert not [s for s in plan if s.startswith("SCAN ledger_")], (sql, plan)
                assert not [s for s in plan if "TEMP B-TREE" in s], (sql, plan)
