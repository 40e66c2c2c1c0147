"""The access matrix: what officers are told of how many members are open to whom."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from models.disclosure import Count
from policy.events import Event, EventKind
from policy.shown_numbers import in_tens
from policy.vocabulary import CompanyKind
from tests.crowd import happen, join, key_of, recorded
from tests.door import Door, refused
from tests.looking import MARK
from tests.real import CATALOGUE
from tests.statements import counting
from tests.watch import PERSONAL_TABLES

pytestmark = pytest.mark.anyio

QUERY = """
query Matrix($purpose: ID!) {
  accessMatrix(purpose: $purpose) {
    purpose { key } at members { ...count } total { ...count }
    columns { category { key } total { ...count } }
    rows {
      company { key } onBehalfOf { key } total { ...count }
      cells {
        category { key } availability shown { ...count }
        opensWith { provision { key } fields takes { item { key } level condition } }
      }
    }
  }
}
fragment count on AccessMatrixCount { members share suppressed }
"""
SIZE = 120
"""Many enough that a third of them are told."""

CONSENTED = """
SELECT count(*) FROM account a JOIN standing s ON s.member_key = a.member_key
WHERE s.closed_at > 1781481600000000
  AND EXISTS (SELECT 1 FROM item_standing i WHERE i.member_key = a.member_key AND i.item = 'A')
"""
"""Who consented to document A and has not left by 2026-06-15, counted by hand."""
STOPPED = """
  AND NOT EXISTS (SELECT 1 FROM stop x WHERE x.member_key = a.member_key AND x.company = 'ichiba'
                  AND x.category IN ('*', '{category}'))
"""

Matrix = dict[str, Any]


async def matrix(door: Door, purpose: str = "service_provision", office: str = "*") -> Matrix:
    token = door.issuer.token(company=office, role="officer", purposes=None)
    answer = await door.ask(QUERY, {"purpose": purpose}, token=token)
    found: Matrix = answer["data"]["accessMatrix"]
    return found


def row(found: Matrix, company: str) -> dict[str, Any]:
    return next(each for each in found["rows"] if each["company"]["key"] == company)


def cell(found: Matrix, company: str, category: str) -> dict[str, Any]:
    cells: list[dict[str, Any]] = row(found, company)["cells"]
    return next(each for each in cells if each["category"]["key"] == category)


def names(found: Matrix) -> Sequence[tuple[str, str | None]]:
    return [(r["company"]["key"], (r["onBehalfOf"] or {}).get("key")) for r in found["rows"]]


async def by_hand(door: Door, statement: str) -> int:
    async with door.checkpoint.database.read() as connection:
        return int((await connection.execute(text(f"{statement} {MARK}"))).scalar_one())


async def test_the_numbers_are_those_that_sql_written_by_hand_counts(either: Door) -> None:
    await join(either, range(SIZE))
    found = await matrix(either)
    members = await by_hand(either, "SELECT count(*) FROM account")
    assert found["members"]["members"] == in_tens(members)
    everybody = await by_hand(either, CONSENTED)
    assert cell(found, "rakuten_group", "login")["shown"]["members"] == in_tens(everybody)
    for category in ("login", "profile"):
        number = await by_hand(either, CONSENTED + STOPPED.format(category=category))
        shown = cell(found, "ichiba", category)["shown"]
        assert shown["members"] == in_tens(number)
        assert shown["share"] == number // 10 * 1000 // (members // 10 * 10)
        assert number < everybody
    assert found["total"]["members"] == in_tens(everybody)


async def test_what_no_provision_opens_is_another_thing_than_nobody(door: Door) -> None:
    found = await matrix(door)
    never = cell(found, "bank", "sensitive")
    assert (never["availability"], never["shown"], never["opensWith"]) == ("NEVER", None, [])
    few = cell(found, "ssi", "insurance_contract")
    assert few["availability"] == "PER_MEMBER"
    assert few["shown"] == {"members": None, "share": None, "suppressed": True}
    assert row(found, "bank")["total"] is None
    columns = {each["category"]["key"]: each["total"] for each in found["columns"]}
    assert columns["sensitive"] is None
    assert columns["login"] == {"members": None, "share": None, "suppressed": True}


async def test_a_cell_says_what_opens_it(door: Door) -> None:
    found = await matrix(door, "own:card:service")
    opened = cell(found, "card", "login")["opensWith"]
    ways = {each["provision"]["key"]: each for each in opened}
    assert "fullName" not in ways["A-4-1-2"]["fields"]
    assert "loginName" in ways["A-4-1-2"]["fields"]
    takes = [
        (each["condition"], (each["item"] or {}).get("key"), each["level"])
        for each in ways["A-4-1-2"]["takes"]
    ]
    assert takes == [
        ("CONSENT", "A", "DEEMED"),
        ("LINKED", None, None),
        ("PURPOSE_PUBLISHED", None, None),
    ]
    own = cell(found, "card", "payment")["opensWith"]
    assert ("C-OWN", []) in [(each["provision"]["key"], each["takes"]) for each in own]


async def test_every_company_that_can_ask_has_a_row_with_every_category(door: Door) -> None:
    found = await matrix(door)
    told = names(found)
    processors = {each.processor for each in CATALOGUE.contracts}
    kinds = {key: each.kind for key, each in CATALOGUE.companies.items()}
    alone = [key for key, kind in kinds.items() if kind is not CompanyKind.PROCESSOR]
    assert [company for company, controller in told if not controller] == alone
    assert {company for company, controller in told if controller} == processors
    for each in found["rows"]:
        assert [c["category"]["key"] for c in each["cells"]] == list(CATALOGUE.categories)


async def test_an_office_sees_its_own_company_and_who_acts_for_it(door: Door) -> None:
    await join(door, range(SIZE))
    own, group = await matrix(door, office="ichiba"), await matrix(door)
    contracts = CATALOGUE.contracts
    acting = {(c.processor, "ichiba") for c in contracts if c.controller == "ichiba"}
    assert set(names(own)) == {("ichiba", None), *acting}
    assert row(own, "ichiba") == row(group, "ichiba")
    processor = next(iter(acting))[0]
    of_processor = await matrix(door, office=processor)
    assert {company for company, _ in names(of_processor)} == {processor}


async def test_a_withdrawal_is_counted_at_once(door: Door) -> None:
    await join(door, range(SIZE))
    before = cell(await matrix(door), "rakuten_group", "login")["shown"]["members"]
    for number in range(20):
        withdrawn = Event(EventKind.WITHDRAWN, door.clock(), item="A", version="2022-03-31")
        await happen(door, key_of(number), withdrawn)
    after = cell(await matrix(door), "rakuten_group", "login")["shown"]["members"]
    assert before - after == 20


async def test_a_purpose_of_the_system_itself_reaches_nothing(either: Door) -> None:
    found = await matrix(either, "audit")
    assert found["total"] is None
    assert all(each["total"] is None for each in (*found["rows"], *found["columns"]))


async def test_it_is_for_officers(door: Door) -> None:
    known, unknown = {"purpose": "service_provision"}, {"purpose": "espionage"}
    for token in (
        door.issuer.token(company="card", role="service"),
        door.issuer.token(company="card", role="analyst"),
        door.issuer.member("m1"),
    ):
        refused(await door.send(QUERY, known, token=token), 403, "FORBIDDEN", "officers")
    officer = door.issuer.token(company="*", role="officer", purposes=None)
    refused(await door.send(QUERY, unknown, token=officer), 400, "PURPOSE_UNKNOWN", "purposes")


async def test_reading_it_is_put_on_record_with_what_was_told(door: Door) -> None:
    await join(door, range(SIZE))
    found = await matrix(door)
    (disclosure,) = (await recorded(door)).disclosures
    assert disclosure.members == {}
    assert disclosure.counts == (Count("accessMatrix", (), found["total"]["members"]),)


async def test_each_table_is_read_once_however_many_companies_and_members(either: Door) -> None:
    await matrix(either)
    await join(either, range(SIZE))
    with counting() as statements:
        await matrix(either)
    read = [table for each in statements for table in re.findall(r"FROM (\w+)", each)]
    personal = [table for table in read if table in PERSONAL_TABLES]
    assert len(set(personal)) == len(personal) > 20
    assert len(statements) < len(personal) / 3
