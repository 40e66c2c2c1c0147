"""What is withheld by the hundred: nulls, no entry in errors, and a few lines of extensions."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, is_list_type

from models.event_log import events_of
from models.tables import RELATIONS
from models.view import fields_of
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker
from policy.standing import fold
from server import disclosures
from tests.crowd import PURPOSE, SIZE, caller, happen, join, key_of, stopped, stops_of
from tests.door import Door
from tests.engines import first_on, in_turns

pytestmark = pytest.mark.anyio

HUNDRED = [number for number in range(100, 400) if stops_of(number) is None][:100]
FIELDS_AT_LEAST = 30
BYTES_AT_MOST = 5 * 1024

Kind = GraphQLObjectType


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def member_type(door: Door) -> Kind:
    kind = door.checkpoint.schema.core.type_map["Member"]
    assert isinstance(kind, Kind)
    return kind


def lists_of(kind: Kind) -> Iterator[tuple[str, str]]:
    """Each list below a member, with a selection of its entries' ids."""
    for name in RELATIONS:
        if name:
            bare = is_list_type(kind.fields[name].type)
            yield name, "{ id }" if bare else "(first: 50) { totalCount nodes { id } }"


def scalars_of(kind: Kind) -> list[str]:
    paths = fields_of("")
    return [name for name in kind.fields if name in paths]


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
async def test_a_hundred_members_with_thirty_withheld_fields_take_a_few_lines(
    either: Door,
) -> None:
    """Each of them asked ichiba to stop all but the use of services."""
    await join(either, HUNDRED)
    categories = [key for key in either.checkpoint.catalogue.categories if key != "service_usage"]
    for number in HUNDRED:
        await happen(either, key_of(number), stopped(either.clock(), *categories))
    kind = member_type(either)
    asked = [*scalars_of(kind), *(f"{name} {below}" for name, below in lists_of(kind))]
    query = f"{{ members(first: 100) {{ nodes {{ id {' '.join(asked)} }} }} }}"
    response = await either.send(query, **caller(either))
    answer = response.json()
    assert response.status_code == 200, answer
    assert "errors" not in answer
    nodes = answer["data"]["members"]["nodes"]
    assert len(nodes) == 100
    assert min(sum(value is None for value in node.values()) for node in nodes) >= FIELDS_AT_LEAST
    told = answer["extensions"]["privacy"]["withheld"]
    assert sum(each["count"] == 100 for each in told) >= FIELDS_AT_LEAST
    assert len(orjson.dumps(answer["extensions"])) < BYTES_AT_MOST


ASKERS = (
    ("ichiba", PURPOSE),
    ("ssi", PURPOSE),
    ("ssi", "retention_dispute"),
    ("card", "own:card:service"),
    ("rakuten_group", "ads_marketing"),
    ("shop_tea", "merchant_fulfil"),
)


@pytest.mark.parametrize(
    ("crowd_url", "asker"), in_turns(ASKERS), indirect=["crowd_url"], scope="module"
)
async def test_a_list_is_null_where_no_row_could_be_open_and_else_holds_the_open_ones(
    crowd: Door, asker: tuple[str, str]
) -> None:
    """Whether one could is evaluated on plain facts, the row's own left free."""
    company, purpose = asker
    here = crowd.checkpoint
    lists = dict(lists_of(member_type(crowd)))
    asked = " ".join(f"{name} {below}" for name, below in lists.items())
    query = f"{{ members(last: 100) {{ nodes {{ id {asked} }} }} }}"
    answer = await crowd.ask(query, **caller(crowd, company, purpose))
    shown = {node["id"]: node for node in answer["data"]["members"]["nodes"]}
    seen = set[str]()
    for member in (*(f"m{number}" for number in range(1, 8)), *map(key_of, range(SIZE))):
        node = shown.get(here.seal.node_id(f"company:{company}", "Member", member))
        if node is None:
            continue
        async with here.database.read() as connection:
            events = await events_of(connection, member)
        facts = fold(events, crowd.clock(), here.catalogue)
        for name in lists:
            could = any(_could(crowd, company, purpose, path, facts) for path in fields_of(name))
            assert (node[name] is not None) is could, (member, name)
            seen.add("null" if not could else "rows" if _entries(node[name]) else "empty")
    assert "null" in seen
    assert "rows" in seen


def _could(door: Door, company: str, purpose: str, path: str, facts: MemberFacts) -> bool:
    grants, now = door.checkpoint.versions.held.grants, door.clock()
    grant = grants.grant(Asker(company), purpose, path, now).freed()
    return grant.opened_by(facts, ValueFacts(company, row_company=company), now) is not None


def _entries(found: Any) -> Sequence[Any]:
    nodes: Sequence[Any] = found if isinstance(found, list) else found["nodes"]
    if not isinstance(found, list):
        assert found["totalCount"] == len(nodes)
    return nodes


async def test_what_was_listed_before_is_listed_the_same_once_there_is_no_room_for_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosures, "_KNOWN_AT_MOST", 1)
    queries = ["{ me { fullName } }", "{ me { phone city } }"] * 2
    token = door.issuer.member("m1")
    told = [(await door.ask(each, token=token))["extensions"]["privacy"] for each in queries]
    listed = [(each["disclosed"], each["withheld"]) for each in told]
    assert [[line["field"] for line in lines] for lines, _ in listed[:2]] == [
        ["fullName"],
        ["city", "phone"],
    ]
    assert listed[:2] == listed[2:]
