"""What docs/clients.md tells client developers is what the server does."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from policy.errors import ErrorCode
from resolvers import cursors, entry, filters, limits, lists, newest_first, places
from schema.classification import MUTATIONS
from server import operation
from server.allowance import Allowance
from server.http_request import BRACKETS_AT_MOST
from server.refusals import STATUSES
from server.socket_line import SocketAllowance
from tests.door import Door, refused

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
SERVICE, OTHER = "own:card:service", "id_login"
VARYING = ("decisionId", "asOf", "policyVersion")
MEMBERS = "{ members { nodes { id } } }"
ONE = '{ memberByAccount(accountId: "card-m1") { %s } }'
BY_ID = "query Q($id: ID!) { node(id: $id) { __typename id } }"

REFERENCE = 200
MOST = limits.Limits()
LIMITS = {
    "members on a page (20 where not said)": lists.MEMBERS_AT_MOST,
    "rows on a page (20 where not said)": lists.ROWS_AT_MOST,
    "ids in `nodes`": entry.IDS_AT_MOST,
    "fields in `orderBy`": lists.SORTS_AT_MOST,
    "conditions in one filter": filters.IN_ONE_FILTER,
    "conditions in the filters of one personal root field, all of its lists together": (
        filters.CONDITIONS_AT_MOST
    ),
    "values that these compare with": filters.VALUES_AT_MOST,
    "levels of a filter": filters.DEPTH_AT_MOST,
    "different lists below one personal root field": filters.LISTS_AT_MOST,
    "levels of lists and objects in the variables": operation.MAX_DEPTH,
    "values in the variables": MOST.values,
    "brackets and braces of a request": BRACKETS_AT_MOST,
    "bytes of a request's body": MOST.body,
    "characters of a GraphQL document": MOST.characters,
    "tokens of a document": MOST.tokens,
    "operations and fragments of a document": MOST.document.definitions,
    "variables of a document": MOST.document.variables,
    "directives in a document": MOST.document.directives,
    "aliases in a document": MOST.document.aliases,
    "fields at the root of an operation": MOST.document.roots,
    "levels of fields and fragments in one another": MOST.document.depth,
    "cost of an operation": MOST.cost,
    "errors told of one request": MOST.errors,
    "bytes of an answer's data": MOST.answer,
    "characters of `Sekisho-Reference`, printable ASCII": REFERENCE,
    "operations under way on one socket": SocketAllowance().operations,
    "seconds until a socket's `connection_init`, and for its client to take a message": 10,
    "disclosures or records on a page (20 where not said)": lists.MEMBERS_AT_MOST,
    "words in one list of their filters": newest_first.WORDS_AT_MOST,
    "disclosures or records that `totalCount` counts": newest_first.COUNTED_AT_MOST,
    "places told by `Sekisho-Explain`, of each field and reason": places.SHOWN_AT_MOST,
}

REFUSED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "UNAUTHENTICATED": (MEMBERS, {"token": "none"}),
    "FORBIDDEN": (MEMBERS, {"role": "officer", "purposes": None}),
    "PURPOSE_REQUIRED": (MEMBERS, {}),
    "PURPOSE_UNKNOWN": (MEMBERS, {"purpose": "own:card"}),
    "PURPOSE_NOT_ALLOWED": (MEMBERS, {"purpose": "own:bank:service"}),
    "FIELD_NEVER_OPEN": (
        "{ members(orderBy: [{field: EKYC_STATUS}]) { totalCount } }",
        {"purpose": SERVICE},
    ),
    "BAD_USER_INPUT": ("{ members(first: 101) { totalCount } }", {"purpose": SERVICE}),
    "BAD_CURSOR": ('{ members(after: "x") { totalCount } }', {"purpose": SERVICE}),
    "GRAPHQL_PARSE_FAILED": ("{ members", {}),
    "GRAPHQL_VALIDATION_FAILED": ("{ customers }", {}),
    "LIMIT_EXCEEDED": (
        "{ members(filter: {or: [%s]}) { totalCount } }"
        % ("{fullName: {isNull: true}}" * (filters.IN_ONE_FILTER + 1)),
        {"purpose": SERVICE},
    ),
}
"""Per code a request that meets it; the rest is the server's own trouble."""
TROUBLE = {
    *("LEDGER_UNAVAILABLE", "DATABASE_UNAVAILABLE"),
    *("CATALOGUE_CHANGED", "INTERNAL_SERVER_ERROR"),
}


def blocks() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each query shown, with its variables and its answer."""
    shown = re.finditer(r"```graphql\n(.*?)```((?:\n\n```json\n.*?```)+)", PAGE, re.DOTALL)
    for query, rest in (each.groups() for each in shown if not each[1].startswith("mutation")):
        *variables, answer = map(orjson.loads, re.findall(r"```json\n(.*?)```", rest, re.DOTALL))
        yield query, next(iter(variables), {}), answer


def acts() -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """Each mutation shown, with its variables and, where one is shown, its answer."""
    shown = re.finditer(r"```graphql\n(mutation.*?)```((?:\n\n```json\n.*?```)+)", PAGE, re.DOTALL)
    for query, rest in (each.groups() for each in shown):
        variables, *answer = re.findall(r"```json\n(.*?)```", rest, re.DOTALL)
        yield query, variables, orjson.loads(answer[0]) if answer else None


def rows(head: str) -> Iterator[list[str]]:
    """The rows of the table that has this heading."""
    table = PAGE.partition(f"| {head} |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


async def test_every_query_shown_gets_the_answer_shown(door: Door) -> None:
    shown = list(blocks())
    assert len(shown) == 2
    for query, variables, expected in shown:
        answer = await door.ask(query, variables, purpose=SERVICE)
        told = answer["extensions"]["privacy"]
        assert all(told.pop(name) for name in VARYING)
        assert {name: answer[name] for name in expected} == expected


async def test_a_member_is_told_what_is_shown_of_disclosures(door: Door) -> None:
    asked = re.findall(r"```graphql\n(query Mine.*?)```", PAGE, re.DOTALL)
    shown = re.findall(
        r"after a system of the card company read a name:\n\n```json\n(.*?)```", PAGE, re.DOTALL
    )
    given = re.findall(r'With `({"filter": .*?)`', PAGE)
    await door.ask(ONE % "fullName", purpose=SERVICE)
    token = door.issuer.member("m1")
    answer = await door.ask(asked[0], orjson.loads(given[0]), token=token)
    assert answer["data"] == orjson.loads(shown[0])["data"]


async def test_every_act_shown_gets_the_answer_shown(door: Door) -> None:
    token, presented = door.issuer.member("m1", acr="RAKUTEN_ID"), ""
    shown = list(acts())
    assert len(shown) == 3
    for query, variables, expected in shown:
        said = orjson.loads(variables.replace("$presentation", presented))
        answer = await door.ask(query, said, token=token)
        if expected is None:
            presented = answer["data"]["presentDocument"]["presentation"]["id"]
        else:
            assert answer["data"] == expected["data"]


def test_the_page_says_who_may_do_what() -> None:
    told = {
        name: by for names, by in rows("mutation | by") for name in re.findall(r"`(\w+)`", names)
    }
    assert told.keys() == set(MUTATIONS)
    assert {name for name, by in told.items() if "systems" in by} == {
        *("presentDocument", "linkAccount", "recordFirstUse"),
    }
    assert {name for name, by in told.items() if "officers" in by} == {
        *("suspendConsent", "reinstateConsent", "invalidateConsent"),
    }


async def test_every_code_of_the_page_is_met_with_its_status(door: Door) -> None:
    told = {code.strip("`"): int(status) for code, status, _ in rows("code | HTTP | means")}
    assert told.keys() == {*ErrorCode}
    assert told == {code: STATUSES.get(ErrorCode(code), 400) for code in told}
    assert told.keys() - REFUSED.keys() == TROUBLE | {ErrorCode.OPERATION_NOT_TRUSTED}
    for code, (query, asked) in REFUSED.items():
        claims = {name: asked[name] for name in ("role", "purposes") if name in asked}
        token = asked.get("token") or door.issuer.token(**claims)
        response = await door.send(query, token=token, purpose=asked.get("purpose"))
        refused(response, told[code], code)
    headers = {"Authorization": f"Bearer {door.issuer.token()}"}
    unknown = await door.client.post("/graphql", json={"documentId": "0" * 64}, headers=headers)
    refused(unknown, told[ErrorCode.OPERATION_NOT_TRUSTED], ErrorCode.OPERATION_NOT_TRUSTED)


async def test_every_limit_of_the_page_is_the_one_in_force(door: Door) -> None:
    told = {what: number.replace(",", "") for what, number in rows("of | at most")}
    most = Allowance()
    assert told == {what: str(number) for what, number in LIMITS.items()} | {
        "sockets of one subject": f"{most.subject_sockets}",
        "operations under way of one subject": f"{most.subject_operations}",
        "operations under way of one company": f"{most.company_operations}",
        "operations a second of one subject": f"{most.subject_rate:.0f}",
        "operations a second of one company": f"{most.company_rate:.0f}",
        "seconds of a worker's processor in a minute for what one subject asks for the first "
        "time": f"{most.subject_effort:.0f}",
        "seconds of a worker's processor in a minute for what one company asks for the first "
        "time": f"{most.company_effort:.0f}",
        "seconds that an operation may take": f"{most.time_limit:.0f}",
    }
    assert lists.DEFAULT_PAGE == 20
    assert timedelta(days=1) == cursors.LIFE
    for length, status in ((REFERENCE, 200), (REFERENCE + 1, 400)):
        case = {"Sekisho-Reference": "x" * length}
        sent = await door.send(MEMBERS, purpose=SERVICE, headers=case)
        assert sent.status_code == status


async def test_a_get_holds_no_operand_and_no_answer_is_kept(door: Door) -> None:
    async def get(query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {door.issuer.token()}", "Sekisho-Purpose": SERVICE}
        return await door.client.get("/graphql", params={"query": query}, headers=headers)

    answered = await get("{ companies { key } }")
    assert answered.status_code == 200
    assert answered.headers["cache-control"] == "no-store"
    refused(await get(ONE % "fullName"), 400, "BAD_USER_INPUT")
    filtered = '{ members(filter: {prefecture: {eq: "x"}}) { totalCount } }'
    refused(await get(filtered), 400, "BAD_USER_INPUT")
    refused(await get('{ node(id: "x") { id } }'), 400, "BAD_USER_INPUT")


async def test_an_id_is_one_audience_s_and_the_same_for_its_purposes(door: Door) -> None:
    async def id_for(purpose: str, **claims: Any) -> Any:
        token = door.issuer.token(**claims)
        answer = await door.ask(MEMBERS, token=token, purpose=purpose)
        return [node["id"] for node in answer["data"]["members"]["nodes"]]

    mine = await id_for(SERVICE)
    assert set(mine) <= set(await id_for(OTHER))
    theirs = await id_for(OTHER, company="bank", purposes=[OTHER])
    assert theirs
    assert not set(mine) & set(theirs)
    sent = {"id": theirs[0]}
    refused(await door.send(BY_ID, sent, purpose=SERVICE), 400, "BAD_USER_INPUT")


async def test_rows_and_what_others_would_see_are_not_fetched_by_id(door: Door) -> None:
    as_card = f'me {{ asSeenBy(company: "card", purpose: "{SERVICE}") {{ id }} }}'
    query = f"{{ me {{ id orders {{ nodes {{ id }} }} }} {as_card} }}"
    token = door.issuer.member("m1")
    member = (await door.ask(query, token=token))["data"]["me"]
    found = await door.ask(BY_ID, {"id": member["id"]}, token=token)
    assert found["data"]["node"] == {"__typename": "Member", "id": member["id"]}
    for id_ in (member["orders"]["nodes"][0]["id"], member["asSeenBy"]["id"]):
        refused(await door.send(BY_ID, {"id": id_}, token=token), 400, "BAD_USER_INPUT")


async def test_a_cursor_is_for_one_purpose_filter_and_order_and_for_a_day(door: Door) -> None:
    async def page(after: str | None, purpose: str = SERVICE, how: str = "") -> httpx.Response:
        query = f"query Q($after: String) {{ members(first: 1, after: $after{how}) {END} }}"
        return await door.send(query, {"after": after}, purpose=purpose)

    first = await page(None)
    cursor = first.json()["data"]["members"]["pageInfo"]["endCursor"]
    assert (await page(cursor)).status_code == 200
    refused(await page(cursor, OTHER), 400, "BAD_CURSOR")
    refused(await page(cursor, how=", orderBy: [{field: FULL_NAME}]"), 400, "BAD_CURSOR")
    refused(await page(cursor, how=", filter: {fullName: {isNull: true}}"), 400, "BAD_CURSOR")
    door.clock.step(timedelta(days=1))
    refused(await page(cursor), 400, "BAD_CURSOR")


END = "{ pageInfo { endCursor } }"

TRUTHS = [
    ('{not: {prefecture: {eq: "東京都"}}}', 2),
    ('{prefecture: {ne: "北海道"}}', 3),
    ('{prefecture: {ne: "北海道", isNull: false}}', 1),
    ('{prefecture: {notIn: ["東京都"]}}', 2),
    ("{prefecture: {isNull: true}}", 2),
    ("{orders: {none: {amount: {gte: 5000}}}}", 2),
    ("{orders: {some: {amount: {gte: 5000}}}}", 1),
    ("{}", 3),
    ("{and: []}", 3),
    ("{or: []}", 0),
    ("{prefecture: {in: []}}", 0),
    ('{loginName: {startsWith: "mihon"}}', 1),
    ('{loginName: {startsWith: "Mihon"}}', 0),
    ('{loginName: {contains: "m%o"}}', 0),
]
"""Of three members one is wholly open; of two others next to nothing is."""


async def test_negations_hold_of_what_is_withheld(either: Door) -> None:
    asked = [
        f"q{number}: members(filter: {each}) {{ totalCount }}"
        for number, (each, _) in enumerate(TRUTHS)
    ]
    answer = await either.ask(f"{{ {' '.join(asked)} }}", purpose=SERVICE)
    told = [each["totalCount"] for each in answer["data"].values()]
    assert [(each, count) for (each, _), count in zip(TRUTHS, told, strict=True)] == TRUTHS
    null = "{ members(filter: {prefecture: {eq: null}}) { totalCount } }"
    refused(await either.send(null, purpose=SERVICE), 400, "BAD_USER_INPUT")


async def test_a_hidden_member_is_null_and_a_list_is_null_or_empty(door: Door) -> None:
    hidden = '{ memberByAccount(accountId: "bank-m1") { id } }'
    unknown = '{ memberByAccount(accountId: "nobody") { id } }'
    for query in (hidden, unknown):
        assert (await door.ask(query, purpose=SERVICE))["data"] == {"memberByAccount": None}
    lists_ = ONE % "healthRecords { totalCount } payments { totalCount }"
    shown = (await door.ask(lists_, purpose=SERVICE))["data"]["memberByAccount"]
    assert shown == {"healthRecords": None, "payments": {"totalCount": 0}}


def test_the_files_and_folders_it_points_to_exist() -> None:
    named = re.findall(r"\]\(\.\./([\w./]+)\)", PAGE)
    assert len(named) == 3
    assert [path for path in named if not (ROOT / path).exists()] == []
