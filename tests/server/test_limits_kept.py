"""What asks for too much is refused before it costs much, the same over HTTP and WebSocket."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from models.disclosure import Use
from resolvers.cost import EVERY_FIELD
from server.http_request import BRACKETS_AT_MOST
from tests.clock import Clock
from tests.door import HOLDER, Door, copy_of, opened, refused
from tests.real import CATALOGUE
from tests.sockets import served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
SETTINGS: Mapping[str, int] = {
    "max_characters": 900,
    "max_tokens": 70,
    "max_definitions": 2,
    "max_variables": 2,
    "max_directives": 2,
    "max_aliases": 2,
    "max_root_fields": 3,
    "max_depth": 5,
    "max_values": 9,
    "max_cost": 150,
    "max_answer_bytes": 300,
}
DESCRIBED = "types { fields { type { fields { args { type { name } } } } } }"
SIZED = "query ($n: Int) { members(first: $n) { nodes { id } } }"
TOO_MUCH: Mapping[str, tuple[str, dict[str, Any]]] = {
    "900 characters": ("{ viewer { role } }" + " " * 900, {}),
    "70 tokens": ("{ viewer {" + " role" * 70 + " } }", {}),
    "2 operations and fragments": (
        "{ viewer { ...A ...B } } fragment A on Viewer { role } fragment B on Viewer { role }",
        {},
    ),
    "2 variables": ("query ($a: Int, $b: Int, $c: Int) { viewer { role } }", {}),
    "2 directives": ("{ viewer { role @skip(if: false) a: role @skip(if: true) @skip } }", {}),
    "2 aliases": ("{ a: me { id } b: me { c: id } }", {}),
    "3 fields at the root": (
        "{ me { id } viewer { role } ...A } fragment A on Query { me me }",
        {},
    ),
    "5 levels": ("{ members { nodes { orders { nodes { merchant { key } } } } } }", {}),
    "9 values": ("{ viewer { role } }", {"a": [[1, 2], {"b": [3, 4, 5]}], "c": 6}),
    "at most 150": ("{ members(first: 100) { nodes { id fullName } } }", {}),
    "costs 202": (SIZED.replace("id }", "id city }"), {"n": 100}),
}


@pytest.fixture
async def strict(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(copy_of(seed_file, tmp_path), clock, tmp_path, **SETTINGS) as door:
        yield door


@pytest.mark.parametrize("what", TOO_MUCH)
async def test_too_much_is_refused_by_both_transports_in_the_same_words(
    strict: Door, what: str
) -> None:
    query, variables = TOO_MUCH[what]
    for _ in range(2):
        response = await strict.send(query, variables, purpose=PURPOSE)
        answer = refused(response, 400, "LIMIT_EXCEEDED", what)
    async with (
        served(strict) as address,
        talking(address, strict.issuer.token(), purpose=PURPOSE) as talk,
    ):
        error = await talk.refused(query, variables=variables)
        assert error["message"] == answer["errors"][0]["message"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert (await talk.ask("{ viewer { role } }"))["data"]
    assert await strict.entries() == []


async def test_the_executor_s_operations_have_the_same_limits(strict: Door) -> None:
    query = "{ viewer { role } members(first: 100) { nodes { id fullName } } }"
    refused(await strict.send(query, purpose=PURPOSE), 400, "LIMIT_EXCEEDED", "at most 150")
    sized = "query ($n: Int) { viewer { role } members(first: $n) { nodes { id city } } }"
    refused(await strict.send(sized, {"n": 100}, purpose=PURPOSE), 400, "LIMIT_EXCEEDED", "204")
    assert (await strict.ask(sized, {"n": 2}, purpose=PURPOSE))["data"]["viewer"]


async def test_a_page_that_is_small_enough_is_answered_whichever_was_refused(strict: Door) -> None:
    refused(
        await strict.send(SIZED, {"n": 100, "x": 1}, purpose="nonsense"), 400, "PURPOSE_UNKNOWN"
    )
    answer = await strict.ask(SIZED, {"n": 2}, purpose=PURPOSE)
    assert len(answer["data"]["members"]["nodes"]) == 2


async def test_an_answer_that_is_too_long_does_not_leave_and_is_on_record(strict: Door) -> None:
    """That it is too long tells of what is in it."""
    query = "{ members(first: 2) { edges { cursor node { id fullName } } } }"
    response = await strict.send(query, purpose=PURPOSE)
    refused(response, 400, "LIMIT_EXCEEDED", "300 bytes", "smaller pages")
    assert HOLDER not in response.text
    async with (
        served(strict) as address,
        talking(address, strict.issuer.token(), purpose=PURPOSE) as talk,
    ):
        assert (await talk.refused(query))["extensions"]["code"] == "LIMIT_EXCEEDED"
    entries = await strict.entries()
    assert len(entries) == 2
    for entry in entries:
        told = [each.provisions for each in entry.disclosures[0].members.values()]
        assert any(("fullName", Use.SELECT) in each for each in told)


def many(name: str, what: str, times: int) -> str:
    return " ".join(f"{name}{number}: {what}" for number in range(times))


EVERY_PATH = str(list(CATALOGUE.fields)).replace("'", '"')
DEARER_THAN_IT_LOOKS = {
    "access": f"""{{ members(first: 100) {{
      nodes {{ {many("a", "access { field state }", 3)} }}
    }} }}""",
    "access to what a variable names": f"""query ($f: [String!]) {{ members(first: 100) {{
      nodes {{ {many("a", "access(fields: $f) { field state }", 3)} }}
    }} }}""",
    "access to all that there is": f"""{{ members(first: 100) {{
      nodes {{ {many("a", f"access(fields: {EVERY_PATH}) {{ field state }}", 3)} }}
    }} }}""",
    "receipt": f"{{ me {{ {many('c', 'consents { ...R }', 20)} }} }} "
    f"fragment R on Consent {{ {many('r', 'receipt { record }', 20)} }}",
    "readers": f"{{ {many('r', 'readers { purpose { key } }', 13)} }}",
    "asSeenBy": f"""{{ me {{
      {many("s", 'asSeenBy(company: "card", purpose: "own:card:service") { access { state } }', 11)}
    }} }}""",
}


@pytest.mark.parametrize("what", DEARER_THAN_IT_LOOKS)
async def test_what_takes_long_to_be_told_costs_accordingly(door: Door, what: str) -> None:
    refused(await door.send(DEARER_THAN_IT_LOOKS[what]), 400, "LIMIT_EXCEEDED", "costs")
    assert await door.entries() == []


def test_a_field_more_costs_no_more_than_access_is_counted_as() -> None:
    assert len(CATALOGUE.fields) <= EVERY_FIELD


async def test_a_text_of_nothing_but_brackets_is_not_read(door: Door) -> None:
    crowded: dict[str, Any] = {"lists": [[]] * BRACKETS_AT_MOST}
    response = await door.send("{ viewer { role } }", crowded)
    refused(response, 400, "LIMIT_EXCEEDED", "20,000 brackets")
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        await talk.begin("{ viewer { role } }", variables=crowded)
        assert await talk.closed() == (1009, "LIMIT_EXCEEDED")


async def test_so_many_errors_are_told_and_no_more(door: Door) -> None:
    most = door.checkpoint.limits.errors
    unknown = "{ viewer {" + " ".join(f"nobody{n}" for n in range(500)) + "} }"
    answer = refused(await door.send(unknown), 400, "GRAPHQL_VALIDATION_FAILED")
    assert len(answer["errors"]) == most


async def test_of_many_fields_that_fail_the_first_are_told(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    failing = "{" + " ".join(f'a{n}: member(id: "{n}") {{ id }}' for n in range(9)) + "}"
    async with opened(copy_of(seed_file, tmp_path), clock, tmp_path, max_errors=2) as door:
        answer = refused(await door.send(failing, purpose=PURPOSE), 400, "BAD_USER_INPUT")
        assert [each["locations"][0]["column"] for each in answer["errors"]] == [2, 29]


async def test_the_standard_introspection_is_answered(door: Door) -> None:
    query = get_introspection_query(input_value_deprecation=True)
    first, again = [await door.send(query) for _ in range(2)]
    assert first.json()["data"]["__schema"]["types"]
    assert (first.content, first.headers) == (again.content, again.headers)
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        assert await talk.ask(query) == first.json()
    assert await door.entries() == []


async def test_introspection_costs_what_it_tells(door: Door) -> None:
    doubled = "{" + " ".join(f"a{n}: __schema {{ {DESCRIBED} }}" for n in range(20)) + "}"
    refused(await door.send(doubled), 400, "LIMIT_EXCEEDED", "costs")


async def test_a_body_is_no_longer_than_the_setting_says(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    async with opened(copy_of(seed_file, tmp_path), clock, tmp_path, max_body_bytes=200) as door:
        assert (await door.ask("{ viewer { role } }"))["data"]
        refused(await door.send("{ viewer { role } }" + " " * 200), 413, "LIMIT_EXCEEDED", "200")
