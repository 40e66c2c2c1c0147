"""Orders: by what the caller may see, what is missing or withheld last, ties by key."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import pytest

from models.disclosure import Use
from tests.crowd import PURPOSE, Seen, ask, caller, everybody_seen, in_crowd, recorded
from tests.door import Door, refused

pytestmark = pytest.mark.anyio

QUERY = """query Q($by: [MemberOrder!], $f: MemberFilter) {
  members(first: 100, orderBy: $by, filter: $f) { nodes { loginName } } }"""
CROWD = {"loginName": {"startsWith": "crowd-"}}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def by(*fields: str) -> list[Mapping[str, str]]:
    """`-FIELD` is descending."""
    return [
        {"field": field.lstrip("-"), "direction": "DESC" if field[0] == "-" else "ASC"}
        for field in fields
    ]


def in_order(*keys: tuple[Callable[[Seen], Any], bool]) -> list[str]:
    """Sort by the last key first; ties keep the order of the members' own keys."""
    members = list(everybody_seen())
    for value, descending in reversed(keys):
        known = [member for member in members if value(member) is not None]
        unknown = [member for member in members if value(member) is None]
        members = [*sorted(known, key=value, reverse=descending), *unknown]
    return [member["login_name"] for member in members]


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        (["FULL_NAME"], ["full_name"]),
        (["-FULL_NAME"], ["-full_name"]),
        (["POINT_BALANCE"], ["point_balance"]),
        (["-BIRTH_DATE"], ["-birth_date"]),
        (["GENDER", "-POINT_BALANCE"], ["gender", "-point_balance"]),
        (["-LAST_LOGIN_AT", "PREFECTURE"], ["-last_login_at", "prefecture"]),
        (["PREFECTURE", "-GENDER", "POINT_BALANCE"], ["prefecture", "-gender", "point_balance"]),
    ],
)
async def test_members_come_in_the_order_asked_for(
    crowd: Door, fields: Sequence[str], columns: Sequence[str]
) -> None:
    data = await ask(crowd, QUERY, {"by": by(*fields), "f": CROWD})
    names = in_crowd([node["loginName"] for node in data["members"]["nodes"]])
    keys = [(itemgetter(each.lstrip("-")), each.startswith("-")) for each in columns]
    assert names == in_order(*keys)


async def test_without_an_order_members_come_by_key(crowd: Door) -> None:
    data = await ask(crowd, QUERY, {"f": CROWD})
    names = [node["loginName"] for node in data["members"]["nodes"]]
    assert names == sorted(names)
    empty = await ask(crowd, QUERY, {"f": CROWD, "by": []})
    assert empty == data


async def test_an_order_ascends_where_it_does_not_say(crowd: Door) -> None:
    query = "{ members(orderBy: {field: LAST_LOGIN_AT}) { nodes { lastLoginAt } } }"
    found = [node["lastLoginAt"] for node in (await ask(crowd, query))["members"]["nodes"]]
    assert found == sorted(found)


async def test_rows_are_ordered_below_each_member(crowd: Door) -> None:
    query = """query Q($by: [OrderOrder!]) { members(first: 100) { nodes {
      orders(orderBy: $by) { nodes { amount status } } } } }"""
    for fields in (["AMOUNT"], ["-AMOUNT"], ["STATUS", "-AMOUNT"]):
        data = await ask(crowd, query, {"by": by(*fields)})
        lists = [node["orders"]["nodes"] for node in data["members"]["nodes"] if node["orders"]]
        assert any(len(rows) > 2 for rows in lists)
        for rows in lists:
            assert rows == sorted(rows, key=_key(fields))


def _key(fields: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    def key(row: Mapping[str, Any]) -> Any:
        said = []
        for field in fields:
            value = row[field.lstrip("-").lower()]
            sign = -1 if field.startswith("-") else 1
            said.append((value is None, sign * value if isinstance(value, int) else value or ""))
        return said

    return key


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (by("FULL_NAME", "GENDER", "PHONE", "CITY"), "BAD_USER_INPUT"),
        (by("FULL_NAME", "-FULL_NAME"), "BAD_USER_INPUT"),
        (by("EKYC_STATUS"), "FIELD_NEVER_OPEN"),
        (by("FULL_NAME", "EKYC_STATUS"), "FIELD_NEVER_OPEN"),
        ([None], "BAD_USER_INPUT"),
        ([{"field": None}], "BAD_USER_INPUT"),
        ([{"field": "FULL_NAME", "direction": None}], "BAD_USER_INPUT"),
        ([{"field": "fullName"}], "BAD_USER_INPUT"),
        ([{"field": "MFA_ENABLED"}], "BAD_USER_INPUT"),
    ],
)
async def test_a_bad_order_is_refused(crowd: Door, order: Any, code: str) -> None:
    response = await crowd.send(QUERY, {"by": order}, **caller(crowd))
    refused(response, 400, code)


async def test_rows_that_are_never_open_cannot_be_ordered(crowd: Door) -> None:
    query = "{ members { nodes { healthRecords(orderBy: {field: KIND}) { totalCount } } } }"
    refused(
        await crowd.send(query, **caller(crowd)), 400, "FIELD_NEVER_OPEN", "`healthRecords.kind`"
    )


async def test_the_ledger_names_what_an_order_looked_at(crowd: Door) -> None:
    """crowd-04 asked to stop use of its services, so of its points the order saw nothing."""
    sent = {"loginName": {"in": ["crowd-03.login", "crowd-04.login"]}}
    query = QUERY.replace("{ loginName }", "{ orders(orderBy: {field: AT}) { nodes { id } } }")
    await ask(crowd, query, {"by": by("POINT_BALANCE"), "f": sent})
    entry = await recorded(crowd)
    used = {
        key: sorted(path for path, use in member.items if use is Use.ORDER)
        for key, member in entry.disclosures[0].members.items()
    }
    assert used == {"crowd-03": ["orders.at", "pointBalance"], "crowd-04": []}
    assert entry.purpose == PURPOSE
