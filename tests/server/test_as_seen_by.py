"""A member sees themself as a company would: the same values, under ids of an audience apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

from models.disclosure import RETURNED, SELF_ACCESS, Use
from models.tables import DEVICE
from tests.door import Door, refused
from tests.engines import in_halves
from tests.real import CATALOGUE
from tests.statements import counting

pytestmark = pytest.mark.anyio

SELECTION = """
  loginName fullName city ekycStatus
  customerRecords { totalCount nodes { name acquiredBy { key } } }
  orders { totalCount nodes { items merchant { key } phone } pageInfo { hasNextPage } }
  insurancePolicies { nodes { no } } claims { nodes { status diagnosis } }
  healthRecords { nodes { kind value } } fraudSignals { nodes { kind } }
  devices { nodes { os } } linkedCompanies { company { key } }
"""
SEEN = f"""
query Q($company: ID!, $purpose: ID!, $for: ID) {{
  me {{ asSeenBy(company: $company, purpose: $purpose, onBehalfOf: $for) {{ {SELECTION} }} }}
}}
"""
OTHERS = [
    ("card", "own:card:service", None),
    ("bank", "id_login", None),
    ("ichiba", "service_provision", None),
    ("shop_tea", "merchant_fulfil", None),
    ("courier", "order_fulfil", "ichiba"),
    ("callcenter", "inquiry_response", "ichiba"),
    ("life", "service_provision", None),
    ("life", "ins_product_rnd", None),
    ("ssi", "underwriting_ops", None),
    ("ssi", "retention_dispute", None),
    ("mobile", "own:mobile:service", None),
]


async def seen(
    door: Door, member: str, company: str, purpose: str, on_behalf_of: str | None = None
) -> Any:
    sent = {"company": company, "purpose": purpose, "for": on_behalf_of}
    answer = await door.ask(SEEN, sent, token=door.issuer.member(member))
    return answer["data"]["me"]["asSeenBy"]


async def got(
    door: Door, member: str, company: str, purpose: str, on_behalf_of: str | None = None
) -> Any:
    """What the company itself gets."""
    audience = f"processor:{company}:{on_behalf_of}" if on_behalf_of else f"company:{company}"
    token = door.issuer.token(company=company, on_behalf_of=on_behalf_of, purposes=[purpose])
    answer = await door.ask(
        f"query Q($id: ID!) {{ member(id: $id) {{ {SELECTION} }} }}",
        {"id": door.checkpoint.seal.node_id(audience, "Member", member)},
        token=token,
        purpose=purpose,
    )
    return answer["data"]["member"]


@pytest.mark.parametrize(
    ("world_url", "others"), in_halves(OTHERS, {"sqlite"}), indirect=["world_url"]
)
async def test_it_is_what_the_company_gets_but_for_what_the_law_withholds(
    either: Door, others: Sequence[tuple[str, str, str | None]]
) -> None:
    members, visible = ("m1", "m2", "m3", "m4", "m7"), 0
    for company, purpose, on_behalf_of in others:
        for member in members:
            theirs = await got(either, member, company, purpose, on_behalf_of)
            lawful = theirs and theirs | {"fraudSignals": None}
            assert await seen(either, member, company, purpose, on_behalf_of) == lawful
            visible += theirs is not None
    assert 5 < visible < len(members) * len(others) - 5


async def test_who_the_company_would_not_see_is_null(either: Door) -> None:
    assert await seen(either, "m1", "bank", "own:bank:service") is None
    assert await seen(either, "m4", "card", "own:card:service") is None
    assert await seen(either, "m1", "courier", "order_fulfil") is None


async def test_signs_of_fraud_are_not_seen_through_the_company_that_has_them(
    either: Door,
) -> None:
    theirs = await got(either, "m1", "rakuten_group", "fraud_detect")
    assert theirs["fraudSignals"]["nodes"] != []
    assert (await seen(either, "m1", "rakuten_group", "fraud_detect"))["fraudSignals"] is None


async def test_ids_are_made_for_this_member_company_and_purpose_alone(either: Door) -> None:
    query = """{ me { id orders { nodes { id } }
        card: asSeenBy(company: "card", purpose: "own:card:service") { ...Ids }
        again: asSeenBy(company: "card", purpose: "own:card:service") { ...Ids }
        login: asSeenBy(company: "card", purpose: "id_login") { ...Ids }
        ichiba: asSeenBy(company: "ichiba", purpose: "service_provision") { ...Ids }
      } }
      fragment Ids on Member { id orders { nodes { id } } }"""
    token = either.issuer.member("m1")
    me = (await either.ask(query, token=token))["data"]["me"]
    assert me["card"] == me["again"]
    apart = [me["id"], *(me[key]["id"] for key in ("card", "login", "ichiba"))]
    apart += [row["id"] for key in ("card", "ichiba") for row in me[key]["orders"]["nodes"]]
    apart += [row["id"] for row in me["orders"]["nodes"]]
    apart.append(either.checkpoint.seal.node_id("company:card", "Member", "m1"))
    assert len(set(apart)) == len(apart)
    fetched = "query Q($id: ID!) { node(id: $id) { id } }"
    refused(
        await either.send(fetched, {"id": me["card"]["id"]}, token=token), 400, "BAD_USER_INPUT"
    )


async def test_filters_orders_and_cursors_are_the_company_s(either: Door) -> None:
    listed = """orders(first: 1, after: $after, filter: $filter,
          orderBy: [{field: AMOUNT, direction: DESC}]) {
        totalCount edges { cursor node { amount } } pageInfo { hasNextPage } }"""
    own = f"query Q($after: String, $filter: OrderFilter) {{ me {{ {listed} }} }}"
    seen_by = 'asSeenBy(company: "card", purpose: "own:card:service")'
    query = own.replace(listed, f"{seen_by} {{ {listed} }}")
    token = either.issuer.member("m1")
    page = (await either.ask(query, token=token))["data"]["me"]["asSeenBy"]["orders"]
    assert (page["totalCount"], page["pageInfo"]) == (2, {"hasNextPage": True})
    (edge,) = page["edges"]
    behind = {"after": edge["cursor"]}
    second = await either.ask(query, behind, token=token)
    (later,) = second["data"]["me"]["asSeenBy"]["orders"]["edges"]
    assert later["node"]["amount"] <= edge["node"]["amount"]
    refused(await either.send(own, behind, token=token), 400, "BAD_CURSOR")
    narrowed = {"filter": {"amount": {"gt": edge["node"]["amount"]}}}
    none = await either.ask(query, narrowed, token=token)
    assert none["data"]["me"]["asSeenBy"]["orders"]["totalCount"] == 0


async def test_a_field_the_company_never_gets_cannot_be_filtered_by(either: Door) -> None:
    query = """{ me { asSeenBy(company: "card", purpose: "own:card:service") {
        healthRecords(filter: {value: {eq: "x"}}) { totalCount } } } }"""
    token = either.issuer.member("m1")
    refused(await either.send(query, token=token), 400, "FIELD_NEVER_OPEN")


async def test_reasons_are_the_rule_s_own_codes(either: Door) -> None:
    """`mobile` itself learns NOT_OPEN or NOT_PERMITTED."""
    query = """{ me { asSeenBy(company: "mobile", purpose: "own:mobile:service") {
        fullName healthRecords { nodes { kind } }
        access(fields: [
          "customerRecords.name", "fullName", "healthRecords.value", "fraudSignals.kind"
        ]) { state reason } } } }"""
    answer = await either.ask(query, token=either.issuer.member("m2"))
    access = answer["data"]["me"]["asSeenBy"]["access"]
    assert [(each["state"], each["reason"]) for each in access] == [
        ("VISIBLE", None),
        ("WITHHELD", "NOT_LINKED"),
        ("WITHHELD", "NOT_RECIPIENT"),
        ("WITHHELD", "WITHHELD_BY_LAW"),
    ]
    told = {each["field"]: each["reason"] for each in answer["extensions"]["privacy"]["withheld"]}
    assert told == {"fullName": "NOT_LINKED", "healthRecords": "NOT_RECIPIENT"}


async def test_where_there_is_no_value_to_decide_about_the_reason_is_coarse(either: Door) -> None:
    query = """{ me { asSeenBy(company: "card", purpose: "own:card:service") {
        healthRecords { nodes { kind } } access(fields: ["healthRecords.kind"]) { reason } } } }"""
    answer = await either.ask(query, token=either.issuer.member("m1"))
    assert answer["data"]["me"]["asSeenBy"]["access"] == [{"reason": "NOT_PERMITTED"}]


async def test_a_device_event_that_no_login_made_theirs_tells_nothing(either: Door) -> None:
    query = """{ me { asSeenBy(company: "card", purpose: "id_login") {
        access(fields: ["devices.os"]) { reason } } } }"""
    told = []
    for change in (None, update(DEVICE).values(link_state="ANONYMOUS"), delete(DEVICE)):
        if change is not None:
            async with either.checkpoint.database.write() as connection:
                await connection.execute(change)
        answer = await either.ask(query, token=either.issuer.member("m1"))
        told.append(answer["data"]["me"]["asSeenBy"]["access"][0]["reason"])
    assert told == ["CATEGORY_NOT_COVERED", "NOT_PERMITTED", "NOT_PERMITTED"]


async def test_inside_it_there_is_no_other(door: Door) -> None:
    query = """{ me { asSeenBy(company: "card", purpose: "id_login") {
        asSeenBy(company: "bank", purpose: "id_login") { id } } } }"""
    response = await door.send(query, token=door.issuer.member("m1"))
    refused(response, 400, "BAD_USER_INPUT", "asSeenBy")


@pytest.mark.parametrize(
    ("views", "lists"),
    [
        pytest.param(101, 0, id="views alone", marks=pytest.mark.exhaustive),
        pytest.param(3, 33, id="lists in some views"),
    ],
)
async def test_what_is_seen_through_companies_counts_with_the_limits_of_one_entry(
    door: Door, views: int, lists: int
) -> None:
    def selected(inside: int) -> str:
        below = " ".join(f"o{i}: orders(first: {i + 1}) {{ totalCount }}" for i in range(inside))
        view = f'asSeenBy(company: "ichiba", purpose: "service_provision") {{ id {below} }}'
        return " ".join(f"v{i}: {view}" for i in range(views))

    async def send(query: str) -> httpx.Response:
        return await door.send(f"{{ me {{ {query} }} }}", token=door.issuer.member("m1"))

    fewer = selected(lists - 1) if lists else selected(0).rpartition(" v100:")[0]
    assert (await send(fewer)).status_code == 200
    refused(await send(selected(lists)), 400, "LIMIT_EXCEEDED", "100 different lists")


async def test_consents_are_not_what_a_company_gets(door: Door) -> None:
    query = """{ me { consents { state }
        asSeenBy(company: "card", purpose: "own:card:service") { consents { state } } } }"""
    me = (await door.ask(query, token=door.issuer.member("m1")))["data"]["me"]
    assert len(me["consents"]) == len(CATALOGUE.items)
    assert me["asSeenBy"] == {"consents": None}


@pytest.mark.parametrize(
    ("caller", "purpose"),
    [
        ({"role": "service"}, "own:card:service"),
        ({"role": "analyst"}, "own:card:service"),
        ({"role": "officer", "company": "*", "purposes": None}, None),
    ],
)
async def test_it_is_for_members_alone(
    door: Door, caller: Mapping[str, Any], purpose: str | None
) -> None:
    audience = "officer:*" if purpose is None else "company:card"
    sent = {"id": door.checkpoint.seal.node_id(audience, "Member", "m1")}
    query = """query Q($id: ID!) { member(id: $id) {
        asSeenBy(company: "card", purpose: "id_login") { id } } }"""
    response = await door.send(query, sent, token=door.issuer.token(**caller), purpose=purpose)
    refused(response, 403, "FORBIDDEN", "asSeenBy")
    assert await door.entries() == []


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ({"company": "nobody"}, "BAD_USER_INPUT", "`company`"),
        ({"for": "nobody"}, "BAD_USER_INPUT", "`onBehalfOf`"),
        ({"purpose": "profiling"}, "PURPOSE_UNKNOWN", "`purpose`"),
    ],
)
async def test_what_nobody_knows_is_refused(
    door: Door, wrong: Mapping[str, str], code: str, told: str
) -> None:
    sent = {"company": "card", "purpose": "id_login", **wrong}
    refused(await door.send(SEEN, sent, token=door.issuer.member("m1")), 400, code, told)


async def test_it_is_on_record_as_a_read_of_one_s_own(either: Door) -> None:
    await seen(either, "m1", "card", "own:card:service")
    (entry,) = await either.entries()
    assert (entry.role, entry.subject, entry.company) == ("member", "m1", None)
    assert entry.purpose == "subject_request"
    (disclosure,) = entry.disclosures
    items = disclosure.members["m1"].provisions
    assert items["fullName", Use.SELECT] == {SELF_ACCESS}
    assert items["orders", Use.SELECT] == {SELF_ACCESS, RETURNED}
    assert {number for numbers in items.values() for number in numbers} == {SELF_ACCESS, RETURNED}
    assert ("ekycStatus", Use.SELECT) not in items
    assert not disclosure.withheld
    assert not disclosure.fine, "codes are for the member's eyes; the ledger keeps none"


async def test_one_statement_serves_each_relation_seen(either: Door) -> None:
    """And one the provenance of rows, where a cell of theirs is withheld.

    On PostgreSQL a list is read with its members.
    """
    apart = 1 if either.checkpoint.database.dialect == "sqlite" else 0
    card = 'company: "card", purpose: "own:card:service"'
    courier = 'company: "courier", purpose: "order_fulfil", onBehalfOf: "ichiba"'
    for eyes, selected, number in (
        (card, "city ekycStatus", 2),
        (card, "city orders { nodes { items amount } totalCount }", 2 + apart),
        (courier, "orders { nodes { phone } }", 2 + apart),
        (courier, "orders { nodes { phone items } }", 3 + apart),
    ):
        query = f"{{ me {{ city asSeenBy({eyes}) {{ {selected} }} }} }}"
        with counting() as found:
            await either.ask(query, token=either.issuer.member("m1"))
        assert len(found) == number, (eyes, selected)
