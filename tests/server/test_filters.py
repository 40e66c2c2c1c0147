"""Filters: each operator on what the caller may see, and on nothing else."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from models.disclosure import Use
from tests.crowd import OPENED, Seen, ask, caller, in_crowd, matching, recorded
from tests.door import Door, refused
from tests.engines import first_on

pytestmark = pytest.mark.anyio

Filter = Mapping[str, Any]
Holds = Callable[[Seen], bool]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def found(door: Door, *filters: Filter) -> list[list[str]]:
    """Whom of the crowd each filter leaves, all asked in one operation."""
    numbers = range(len(filters))
    declared = ", ".join(f"$f{i}: MemberFilter" for i in numbers)
    fields = " ".join(
        f"f{i}: members(first: 100, filter: $f{i}) {{ nodes {{ loginName }} totalCount }}"
        for i in numbers
    )
    variables = {f"f{i}": each for i, each in enumerate(filters)}
    data = await ask(door, f"query Q({declared}) {{ {fields} }}", variables)
    for each in data.values():
        assert each["totalCount"] == len(each["nodes"])
    return [in_crowd([n["loginName"] for n in data[f"f{i}"]["nodes"]]) for i in numbers]


async def check(door: Door, *cases: tuple[Filter, Holds]) -> None:
    answers = await found(door, *(given for given, _ in cases))
    for (given, holds), answer in zip(cases, answers, strict=True):
        assert answer == matching(holds), given


def of(column: str, holds: Callable[[Any], bool]) -> Holds:
    """What is withheld or missing satisfies no comparison."""
    return lambda seen: seen[column] is not None and holds(seen[column])


def no(holds: Holds) -> Holds:
    return lambda seen: not holds(seen)


async def test_texts_are_compared_by_code_point_and_searched_without_wildcards(
    crowd: Door,
) -> None:
    name = "fullName"
    await check(
        crowd,
        ({name: {"eq": "Aoki"}}, of("full_name", lambda v: v == "Aoki")),
        ({name: {"ne": "Aoki"}}, no(of("full_name", lambda v: v == "Aoki"))),
        ({name: {"in": ["Aoki", "青山"]}}, of("full_name", lambda v: v in {"Aoki", "青山"})),
        ({name: {"in": []}}, lambda _: False),
        ({name: {"notIn": ["Aoki"]}}, no(of("full_name", lambda v: v == "Aoki"))),
        ({name: {"notIn": []}}, lambda _: True),
        ({name: {"isNull": True}}, no(of("full_name", lambda _: True))),
        ({name: {"isNull": False}}, of("full_name", lambda _: True)),
        ({name: {"contains": "%"}}, of("full_name", lambda v: "%" in v)),
        ({name: {"contains": "_"}}, of("full_name", lambda v: "_" in v)),
        ({name: {"contains": "oki"}}, of("full_name", lambda v: "oki" in v)),
        ({name: {"contains": ""}}, of("full_name", lambda _: True)),
        ({name: {"startsWith": "a"}}, of("full_name", lambda v: v.startswith("a"))),
        ({name: {"startsWith": "青"}}, of("full_name", lambda v: v.startswith("青"))),
        ({name: {"startsWith": ""}}, of("full_name", lambda _: True)),
        ({name: {"startsWith": "a_"}}, of("full_name", lambda v: v.startswith("a_"))),
    )


async def test_numbers_days_and_instants_are_compared_by_size(crowd: Door) -> None:
    day, at = date(1983, 4, 5), OPENED + timedelta(hours=2)
    birth, login = {"birthDate": day.isoformat()}, {"lastLoginAt": at.isoformat()}
    await check(
        crowd,
        ({"pointBalance": {"lt": 2}}, of("point_balance", lambda v: v < 2)),
        ({"pointBalance": {"lte": 2}}, of("point_balance", lambda v: v <= 2)),
        ({"pointBalance": {"gt": -1, "lt": 3}}, of("point_balance", lambda v: -1 < v < 3)),
        ({"pointBalance": {"gte": 0}}, of("point_balance", lambda v: v >= 0)),
        ({"pointBalance": {"in": [0, -3]}}, of("point_balance", lambda v: v in {0, -3})),
        ({"pointBalance": {"isNull": True}}, no(of("point_balance", lambda _: True))),
        ({"birthDate": {"lt": birth["birthDate"]}}, of("birth_date", lambda v: v < day)),
        ({"birthDate": {"gte": birth["birthDate"]}}, of("birth_date", lambda v: v >= day)),
        ({"birthDate": {"eq": birth["birthDate"]}}, of("birth_date", lambda v: v == day)),
        ({"lastLoginAt": {"gt": login["lastLoginAt"]}}, of("last_login_at", lambda v: v > at)),
        ({"lastLoginAt": {"eq": login["lastLoginAt"]}}, of("last_login_at", lambda v: v == at)),
    )


async def test_words_yes_and_no_are_compared_too(crowd: Door) -> None:
    await check(
        crowd,
        ({"gender": {"eq": "MALE"}}, of("gender", lambda v: v == "MALE")),
        ({"gender": {"notIn": ["MALE", "OTHER"]}}, no(of("gender", lambda v: v[0] in "MO"))),
        ({"gender": {"isNull": True}}, no(of("gender", lambda _: True))),
        ({"mfaEnabled": {"eq": True}}, of("mfa_enabled", bool)),
        ({"mfaEnabled": {"ne": True}}, no(of("mfa_enabled", bool))),
        ({"loginEmail": {"startsWith": "user1"}}, of("login_email", lambda v: v[4] == "1")),
    )


async def test_conditions_are_joined_as_they_are_written(crowd: Door) -> None:
    tokyo, poor = {"prefecture": {"eq": "東京都"}}, {"pointBalance": {"lt": 2}}
    is_tokyo = of("prefecture", lambda v: v == "東京都")
    is_poor = of("point_balance", lambda v: v < 2)
    await check(
        crowd,
        ({}, lambda _: True),
        (tokyo | poor, lambda s: is_tokyo(s) and is_poor(s)),
        ({"and": [tokyo, poor]}, lambda s: is_tokyo(s) and is_poor(s)),
        ({"and": []}, lambda _: True),
        ({"or": [tokyo, poor]}, lambda s: is_tokyo(s) or is_poor(s)),
        ({"or": []}, lambda _: False),
        ({"not": tokyo}, no(is_tokyo)),
        ({"not": {"not": tokyo}}, is_tokyo),
        ({"not": {"or": [tokyo, {"not": poor}]}}, lambda s: not is_tokyo(s) and is_poor(s)),
        ({"not": tokyo | poor}, lambda s: not (is_tokyo(s) and is_poor(s))),
        ({"not": {"fullName": {"isNull": True}}}, of("full_name", lambda _: True)),
        ({"or": [tokyo], "not": poor}, lambda s: is_tokyo(s) and not is_poor(s)),
    )


async def test_members_are_found_by_the_open_rows_below_them(crowd: Door) -> None:
    def has(holds: Callable[[Mapping[str, Any]], bool]) -> Holds:
        return lambda seen: any(holds(order) for order in seen["orders"])

    def dear(order: Mapping[str, Any]) -> bool:
        return order["amount"] is not None and order["amount"] > 1500

    given = {"amount": {"gt": 1500}}
    shipped = {"status": {"eq": "SHIPPED"}}
    await check(
        crowd,
        ({"orders": {"some": given}}, has(dear)),
        ({"orders": {"none": given}}, no(has(dear))),
        ({"orders": {"some": {}}}, has(lambda _: True)),
        ({"orders": {"none": {}}}, no(has(lambda _: True))),
        ({"orders": {}}, lambda _: True),
        ({"not": {"orders": {"some": given}}}, no(has(dear))),
        (
            {"orders": {"some": given | shipped}},
            has(lambda o: dear(o) and o["status"] == "SHIPPED"),
        ),
        (
            {"orders": {"some": given, "none": shipped}},
            lambda s: has(dear)(s) and not has(lambda o: o["status"] == "SHIPPED")(s),
        ),
        ({"orders": {"some": {"not": given}}}, has(lambda o: not dear(o))),
        ({"orders": {"some": {"amount": {"isNull": True}}}}, has(lambda o: o["amount"] is None)),
    )


ROWS = """query Q($name: String!, $f: OrderFilter, $g: OrderFilter) {
  members(filter: { loginName: { eq: $name } }) { nodes {
    orders(filter: $f) { nodes { amount } totalCount }
    others: orders(filter: $g) { nodes { amount } totalCount }
  } }
}"""


async def test_rows_are_filtered_below_each_member(crowd: Door) -> None:
    sent = {
        "name": "crowd-03.login",
        "f": {"amount": {"gte": 1000}, "status": {"isNull": True}},
        "g": {"or": [{"amount": {"lt": 1000}}, {"not": {"status": {"eq": "SHIPPED"}}}]},
    }
    (node,) = (await ask(crowd, ROWS, sent))["members"]["nodes"]
    assert node["orders"] == {"nodes": [{"amount": 1002}], "totalCount": 1}
    assert node["others"] == {"nodes": [{"amount": 1}, {"amount": 1002}], "totalCount": 2}


ONE = "query Q($f: MemberFilter) { members(filter: $f) { nodes { id } } }"


async def refusal(door: Door, given: Filter, code: str, *told: str) -> None:
    response = await door.send(ONE, {"f": given}, **caller(door))
    refused(response, 400, code, *told)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ekycStatus": {"eq": "VERIFIED"}}, "`ekycStatus`"),
        ({"ekycStatus": {"isNull": True}}, "`ekycStatus`"),
        ({"or": [{"not": {"ekycStatus": {"in": []}}}]}, "`ekycStatus`"),
        ({"healthRecords": {"some": {"value": {"contains": "x"}}}}, "`healthRecords.value`"),
        ({"healthRecords": {"none": {}}}, "`healthRecords`"),
    ],
)
async def test_what_is_never_open_cannot_be_filtered_by(
    crowd: Door, given: Filter, named: str
) -> None:
    await refusal(crowd, given, "FIELD_NEVER_OPEN", named, "myAccess")


@pytest.mark.parametrize(
    "given",
    [
        {"fullName": None},
        {"fullName": {"eq": None}},
        {"fullName": {"in": None}},
        {"fullName": {"in": ["x", None]}},
        {"fullName": {"isNull": None}},
        {"and": None},
        {"or": None},
        {"not": None},
        {"orders": None},
        {"orders": {"some": None}},
        {"orders": {"none": {"amount": {"gt": None}}}},
        {"fullName": {"contains": "a\0b"}},
        {"fullName": {"in": ["\0"]}},
        {"pointBalance": {"gt": 2**31}},
        {"pointBalance": {"gt": "1"}},
        {"birthDate": {"lt": "1990-02-30"}},
        {"gender": {"eq": "female"}},
        {"fullName": {"lt": "x"}},
        {"interestSegments": {"isNull": True}},
        {"fullName": {}},
        {"orders": {"some": {"amount": {}}}},
    ],
)
async def test_a_bad_operand_is_refused_in_words_that_do_not_repeat_it(
    crowd: Door, given: Filter
) -> None:
    await refusal(crowd, given, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "inside",
    [
        "{ fullName: { eq: $f } }",
        '{ fullName: { eq: $f, startsWith: "" } }',
        "{ not: { orders: { some: { or: [{ status: { eq: $f } }] } } } }",
    ],
)
async def test_a_forgotten_variable_takes_no_condition_away(crowd: Door, inside: str) -> None:
    query = f"query ($f: String) {{ members(filter: {inside}) {{ totalCount }} }}"
    response = await crowd.send(query, {}, **caller(crowd))
    refused(response, 400, "BAD_USER_INPUT", "variable")


async def test_a_filter_that_is_null_is_none(crowd: Door) -> None:
    data = await ask(crowd, ONE, {"f": None})
    assert len(data["members"]["nodes"]) == 20


@pytest.mark.parametrize(
    ("given", "at_most"),
    [
        ({"or": [{"fullName": {"eq": "x"}}] * 31}, "30 conditions"),
        ({"and": [{}] * 31}, "30 conditions"),
        ({"or": [{"or": []}] * 31}, "30 conditions"),
        ({"orders": {"some": {"or": [{}] * 31}}}, "30 conditions"),
        ({"fullName": {"in": ["x"] * 2001}}, "2000 values"),
        ({"orders": {"some": {"amount": {"in": [1] * 2001}}}}, "2000 values"),
    ],
)
async def test_a_filter_too_large_is_refused_naming_the_limit(
    crowd: Door, given: Filter, at_most: str
) -> None:
    await refusal(crowd, given, "LIMIT_EXCEEDED", at_most)


@pytest.mark.parametrize("levels", [11, 60])
async def test_a_filter_too_deep_is_refused(crowd: Door, levels: int) -> None:
    given: Filter = {"fullName": {"eq": "x"}}
    for _ in range(levels):
        given = {"not": given}
    await refusal(crowd, given, "LIMIT_EXCEEDED", "10 levels deep")


@pytest.mark.parametrize("levels", [100, 900])
async def test_variables_too_deep_to_be_read_are_refused(crowd: Door, levels: int) -> None:
    given: Filter = {}
    for _ in range(levels):
        given = {"not": given}
    await refusal(crowd, given, "LIMIT_EXCEEDED", "64 levels deep")


@pytest.mark.parametrize("crowd_url", first_on("sqlite"), indirect=True, scope="module")
async def test_filters_and_lists_are_counted_over_the_whole_entry(crowd: Door) -> None:
    aliases = [f"o{i}: orders(filter: {{amount: {{gt: {i}}}}}) {{ totalCount }}" for i in range(99)]
    query = f"{{ members {{ nodes {{ {' '.join(aliases)} }} }} }}"
    answer = await ask(crowd, query)
    assert len(answer["members"]["nodes"][-1]) == 99
    more = query.replace("totalCount", "totalCount nodes { id }", 1).replace(
        "o0:", "x: orders { totalCount } o0:"
    )
    refused(await crowd.send(more, **caller(crowd)), 400, "LIMIT_EXCEEDED", "100 different lists")


async def test_the_largest_filter_is_answered(crowd: Door) -> None:
    given: Filter = {"or": [{"fullName": {"in": ["x"] * 60}}] * 29 + [{"phone": {"ne": "x"}}]}
    for _ in range(9):
        given = {"not": given}
    assert len((await found(crowd, given))[0]) == 0


@pytest.mark.parametrize(
    "query",
    [
        '{ members(filter: { fullName: { eq: "x" } }) { totalCount } }',
        "{ members(filter: { not: { orders: { some: { amount: { gt: 1 } } } } }) { totalCount } }",
        "{ members { nodes { orders(filter: { amount: { gt: 1 } }) { totalCount } } } }",
    ],
)
async def test_a_personal_operand_is_refused_in_a_url(crowd: Door, query: str) -> None:
    asked = caller(crowd)
    headers = {
        "Authorization": f"Bearer {asked['token']}",
        "Sekisho-Purpose": asked["purpose"],
    }
    response = await crowd.client.get("/graphql", params={"query": query}, headers=headers)
    refused(response, 400, "BAD_USER_INPUT", "POST")
    plain = "{ members(first: 1, orderBy: { field: FULL_NAME }) { totalCount } }"
    answer = await crowd.client.get("/graphql", params={"query": plain}, headers=headers)
    assert answer.status_code == 200


async def test_the_ledger_names_what_a_filter_looked_at_on_each_member_returned(
    crowd: Door,
) -> None:
    """Names and numbers, never an operand: crowd-01's profile is stopped, so nothing of it."""
    sent = {
        "loginName": {"in": ["crowd-01.login", "crowd-02.login"]},
        "not": {"fullName": {"eq": "nobody"}},
        "orders": {"none": {"amount": {"gt": 99999}}},
        "or": [{"orders": {"some": {"status": {"eq": "SHIPPED"}}}}, {"phone": {"ne": "x"}}],
    }
    await ask(crowd, ONE, {"f": sent})
    (disclosure,) = (await recorded(crowd)).disclosures
    used = {
        key: sorted(path for path, use in member.items if use is Use.FILTER)
        for key, member in disclosure.members.items()
    }
    assert used == {
        "crowd-01": ["loginName", "orders", "orders.amount", "orders.status"],
        "crowd-02": ["fullName", "loginName", "orders", "orders.amount", "orders.status", "phone"],
    }
    assert disclosure.disclosed == {}
