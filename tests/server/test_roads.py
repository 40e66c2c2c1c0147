"""Every road on which something is told of a member leaves its entry: by the schema's own lists."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from models.disclosure import Count, Disclosure, Item, Use
from models.ledger import Entry
from policy.events import EventKind
from resolvers.entry import ACCOUNT_ID
from tests.acts import member, node_id, office, operation
from tests.crowd import caller
from tests.deeds import DEEDS
from tests.door import Door
from tests.sockets import served, talking
from tests.statements import counting
from tests.streams import event, following, happen, listening

pytestmark = pytest.mark.anyio

COMPANY, PURPOSE = "card", "own:card:service"
NOBODY = {
    "viewer": "viewer { company { key } }",
    "company": 'company(key: "card") { key }',
    "companies": "companies { key }",
    "dataCategories": "dataCategories { key }",
    "purposes": "purposes { key }",
    "documents": "documents { key }",
    "myAccess": "myAccess { field availability }",
    "consentCursor": "consentCursor",
}
"""Roots that tell of no member."""
COUNTED = {"accessMatrix": f'accessMatrix(purpose: "{PURPOSE}") {{ total {{ members }} }}'}
"""Roots that tell officers of members in numbers alone."""
NAME, CONSENTS = ("fullName", Use.SELECT), ("consents", Use.SELECT)

Ask = tuple[str, Item]
"""What is asked, and what of m1 is then on record."""


def by_company(door: Door) -> Mapping[str, Ask]:
    id_ = node_id(door, COMPANY, "m1")
    return {
        "member": (f'member(id: "{id_}") {{ fullName }}', NAME),
        "memberByAccount": (
            'memberByAccount(accountId: "card-m1") { id }',
            (ACCOUNT_ID, Use.FILTER),
        ),
        "members": ("members { nodes { fullName } }", NAME),
        "node": (f'node(id: "{id_}") {{ ... on Member {{ fullName }} }}', NAME),
        "nodes": (f'nodes(ids: ["{id_}"]) {{ ... on Member {{ fullName }} }}', NAME),
    }


def by_member(door: Door) -> Mapping[str, Ask]:
    seal = door.checkpoint.seal
    id_, consent = (
        seal.node_id("member:m1", *named) for named in (("Member", "m1"), ("Consent", "m1", "A"))
    )
    given = f'memberId: "{id_}", field: "fullName", company: "{COMPANY}", purpose: "{PURPOSE}"'
    lists = ("disclosures", "provisionRecords", "receiptRecords")
    return {
        "me": ("me { fullName }", NAME),
        "explain": (f"explain({given}) {{ values {{ disclose }} }}", ("fullName", Use.COUNT)),
        "consentReceipt": (f'consentReceipt(id: "{consent}") {{ id }}', CONSENTS),
        "consents": ("consents { state }", CONSENTS),
        "readers": ("readers { company { key } }", ("readers", Use.COUNT)),
        **{each: (f"{each} {{ nodes {{ id }} }}", (each, Use.SELECT)) for each in lists},
    }


def by_officer(door: Door) -> Mapping[str, Ask]:
    _, id_ = office(door, COMPANY, "m1")
    given = f'memberId: "{id_}", field: "fullName", company: "{COMPANY}", purpose: "{PURPOSE}"'
    return {
        "member": (f'member(id: "{id_}") {{ fullName }}', ("", Use.SELECT)),
        "node": (f'node(id: "{id_}") {{ ... on Member {{ consents {{ state }} }} }}', CONSENTS),
        "explain": (f"explain({given}) {{ values {{ disclose }} }}", ("fullName", Use.COUNT)),
        "disclosures": (
            f'disclosures(filter: {{ memberId: "{id_}" }}) {{ nodes {{ id }} }}',
            ("disclosures", Use.SELECT),
        ),
    }


PURPOSES = {"recordFirstUse": "service_provision", "linkAccount": "id_login"}
"""For which a company's system is told of the member of whom it reports something."""

Roads = Callable[[Door], Mapping[str, Ask]]
ROADS: Mapping[str, Roads] = {"company": by_company, "member": by_member, "officer": by_officer}
NOTICES = {
    "consentEvents": (
        "consentEvents { kind member { fullName } consent { state } }",
        "member",
        {CONSENTS, NAME},
    ),
    "accessToMyData": ("accessToMyData { cursor }", "member", {("accessToMyData", Use.SELECT)}),
    "consentChanges": ("consentChanges { kind }", "company", {CONSENTS}),
}


def who(door: Door, role: str) -> dict[str, Any]:
    match role:
        case "company":
            return caller(door, COMPANY, PURPOSE)
        case "member":
            return {"token": member(door, "m1")}
        case _:
            return {"token": office(door, COMPANY, "m1")[0]}


async def left(door: Door, query: str, **sent: Any) -> list[Entry]:
    """Ask something, and give the entries of its decision."""
    before = {entry.decision_id for entry in await door.entries()}
    await door.ask(query, **sent)
    return [entry for entry in await door.entries() if entry.decision_id not in before]


def told(entry: Entry, key: str = "m1") -> set[Item]:
    parts = (part.members[key] for part in entry.disclosures if key in part.members)
    return {item for part in parts for item in part.items}


def fields(schema: GraphQLSchema, name: str) -> Mapping[str, Any]:
    kind = schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return dict(kind.fields)


async def test_every_root_of_a_query_is_a_road_or_tells_of_nobody(door: Door) -> None:
    roads = {name for of in ROADS.values() for name in of(door)}
    core = door.checkpoint.schema.core
    assert fields(core, "Query").keys() == roads | NOBODY.keys() | COUNTED.keys()
    assert not roads & (NOBODY.keys() | COUNTED.keys())
    assert fields(core, "Mutation").keys() == DEEDS.keys()


@pytest.mark.parametrize("role", ROADS)
async def test_what_a_query_tells_of_a_member_is_on_record(door: Door, role: str) -> None:
    for query, item in ROADS[role](door).values():
        (entry,) = await left(door, f"{{ {query} }}", **who(door, role))
        assert item in told(entry), query


async def test_what_counts_members_leaves_the_number_that_was_told(door: Door) -> None:
    for name, query in COUNTED.items():
        (entry,) = await left(door, f"{{ {query} }}", **who(door, "officer"))
        (disclosure,) = entry.disclosures
        assert disclosure == Disclosure(counts=(Count(name, (), 0),))


@pytest.mark.parametrize("role", ROADS)
async def test_what_tells_of_nobody_reads_nothing_of_anybody(door: Door, role: str) -> None:
    for query in NOBODY.values():
        with counting() as statements:
            assert await left(door, f"{{ {query} }}", **who(door, role)) == []
        assert statements == []


async def test_all_that_hangs_below_a_member_is_on_record(door: Door) -> None:
    """Each field by itself: what it showed, or that the law withholds it."""
    core = door.checkpoint.schema.core
    for name, definition in fields(core, "Member").items():
        if name == "id":
            continue
        below = selected(core, name, definition)
        (entry,) = await left(door, f"{{ me {{ {below} }} }}", **who(door, "member"))
        (part,) = entry.disclosures
        paths = {path.split(".")[0] for path, _ in told(entry)}
        shown = "fullName" if name in {"access", "asSeenBy"} else name
        assert shown in paths or part.members["m1"].withheld, name


def selected(core: GraphQLSchema, name: str, definition: Any) -> str:
    """One field of a member with the least that can be asked below it."""
    kind = get_named_type(definition.type)
    match name:
        case "access":
            return 'access(fields: ["fullName"]) { state }'
        case "asSeenBy":
            return f'asSeenBy(company: "{COMPANY}", purpose: "{PURPOSE}") {{ fullName }}'
        case _ if is_leaf_type(kind):
            return name
        case _ if "nodes" in kind.fields:
            return f"{name} {{ nodes {{ id }} }}"
    leaves = (leaf for leaf, each in kind.fields.items() if is_leaf_type(get_named_type(each.type)))
    return f"{name} {{ {next(leaves)} }}"


@pytest.mark.parametrize("name", DEEDS)
async def test_what_a_mutation_answers_is_on_record(door: Door, name: str) -> None:
    """Of a system nothing but the member; `registerGuardian` is answered to a guardian's ward."""
    token, given = await DEEDS[name](door)
    payload = get_named_type(fields(door.checkpoint.schema.core, "Mutation")[name].type)
    assert payload.fields.keys() - {"presentation", "contactPoint"} == {
        *("member", "consents", "userErrors"),
    }
    query, variables = operation(name, "member { fullName } consents { state }", given)
    asked = {"variables": variables, "token": token, "purpose": PURPOSES.get(name)}
    (entry,) = await left(door, query, **asked)
    keys = {key for part in entry.disclosures for key in part.members}
    assert len(keys) == 1
    items = told(entry, *keys)
    assert ("", Use.SELECT) in items
    assert (CONSENTS in items) == (entry.role != "service")


async def test_what_the_rules_have_against_an_act_tells_of_consents(door: Door) -> None:
    """That nothing stands against it tells nothing, and leaves no entry."""
    for items, found in ((["B.use"], 0), (["B.use"], 1)):
        query, variables = operation("withdrawConsent", "userErrors { code }", {"items": items})
        entries = await left(door, query, variables=variables, token=member(door, "m2"))
        assert [told(entry, "m2") for entry in entries] == [
            {("", Use.SELECT), ("consents", Use.COUNT)}
        ] * found


@pytest.mark.parametrize("name", NOTICES)
async def test_what_a_notice_tells_is_on_record(door: Door, name: str) -> None:
    """Of each notice by itself."""
    assert fields(door.checkpoint.schema.core, "Subscription").keys() == NOTICES.keys()
    query, role, items = NOTICES[name]
    received = '{ memberByAccount(accountId: "card-m1") { fullName } }'
    await door.ask(received, **who(door, "company"))
    said = who(door, role)
    async with served(door) as address, talking(address, said.pop("token"), **said) as talk:
        if name == "accessToMyData":
            await following(talk, door, f"subscription {{ {query} }}")
            await door.ask(received, **who(door, "company"))
        else:
            about = "m1" if role == "member" else None
            await listening(talk, door, about, f"subscription {{ {query} }}")
            await happen(door, "m1", event(door, EventKind.STOP_REQUESTED, company=COMPANY))
        payload = await talk.next()
        *_, entry = await door.entries()
    assert "errors" not in payload
    assert {("", Use.SELECT), *items} <= told(entry)
