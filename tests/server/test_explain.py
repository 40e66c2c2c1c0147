"""Why a company would see a field of a member, or not: told to officers and to the member."""

from typing import Any

import pytest

from models.disclosure import RETURNED, Use
from models.tables import HEALTH_RECORD
from policy.events import Event, EventKind
from tests.crowd import happen
from tests.door import HOLDER, Door, refused
from tests.looking import look

pytestmark = pytest.mark.anyio

QUERY = """
query Explain(
  $id: ID!, $field: String!, $company: ID!, $purpose: ID!, $at: DateTime, $onBehalfOf: ID
) {
  explain(
    memberId: $id, field: $field, company: $company, purpose: $purpose, at: $at,
    onBehalfOf: $onBehalfOf
  ) {
    memberId field company { key } onBehalfOf { key } purpose { key } at
    values {
      rowId acquiredBy { key } disclose code meaning provision { key document { key } } via record
      reasons { provision { key } stage code meaning }
    }
  }
}
"""
CARD = {"field": "city", "company": "card", "purpose": "own:card:service"}
BANK = {"field": "city", "company": "bank", "purpose": "own:bank:service"}


def officer(door: Door, office: str = "*") -> str:
    return door.issuer.token(company=office, role="officer", purposes=None)


def id_of(door: Door, member: str, audience: str = "officer:*") -> str:
    return door.checkpoint.seal.node_id(audience, "Member", member)


async def explained(door: Door, member: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask as the group's privacy office."""
    sent = {"id": id_of(door, member)} | asked
    answer = await door.ask(QUERY, sent, token=officer(door))
    assert HOLDER not in str(answer)
    told: dict[str, Any] = answer["data"]["explain"]
    return told


async def test_it_says_what_opens_a_field(either: Door) -> None:
    told = await explained(either, "m1", CARD)
    assert told == {
        "memberId": id_of(either, "m1"),
        "field": "city",
        "company": {"key": "card"},
        "onBehalfOf": None,
        "purpose": {"key": "own:card:service"},
        "at": "2026-06-15T00:00:00Z",
        "values": [
            {
                "rowId": None,
                "acquiredBy": {"key": "rakuten_group"},
                "disclose": True,
                "code": None,
                "meaning": None,
                "provision": {"key": "A-4-1-2", "document": {"key": "DOC_A"}},
                "via": None,
                "record": True,
                "reasons": [
                    {"provision": {"key": "A-4-1-2"}, "stage": None, "code": None, "meaning": None}
                ],
            }
        ],
    }


async def test_it_says_why_not_furthest_first(either: Door) -> None:
    (value,) = (await explained(either, "m1", BANK))["values"]
    assert (value["disclose"], value["code"], value["provision"]) == (False, "NOT_LINKED", None)
    assert "not linked" in value["meaning"]
    first, second, *_ = value["reasons"]
    assert (first["provision"], first["stage"]) == ({"key": "A-4-1-2"}, "CONDITION")
    assert second["stage"] in {"CATEGORY", "PURPOSE", "RECIPIENT"}


async def test_a_gate_stands_before_every_provision(either: Door) -> None:
    (value,) = (await explained(either, "m4", CARD))["values"]
    assert value["code"] == "SUBJECT_DELETED"
    assert [reason["provision"] for reason in value["reasons"]] == [None]


async def test_each_row_has_its_own_verdict_under_the_reader_s_id(either: Door) -> None:
    asked = {
        "field": "orders.phone",
        "company": "courier",
        "onBehalfOf": "ichiba",
        "purpose": "order_fulfil",
    }
    told = await explained(either, "m1", asked)
    assert told["onBehalfOf"] == {"key": "ichiba"}
    verdicts = {
        value["acquiredBy"]["key"]: (value["disclose"], value["code"], value["via"])
        for value in told["values"]
    }
    assert verdicts == {
        "ichiba": (True, None, "A-PROC"),
        "travel": (True, None, "A-PROC"),
        "rakuten_group": (False, "DOCUMENT_REPLACED", None),
    }
    assert len({value["rowId"] for value in told["values"]}) == 3
    seal = either.checkpoint.seal
    kinds = {seal.open_node_id("officer:*", value["rowId"])[0] for value in told["values"]}
    assert kinds == {"Order"}


async def test_it_goes_back_in_time(either: Door) -> None:
    """m1 was linked with `card` on 2023-06-01."""
    before, after = [
        (await explained(either, "m1", CARD | {"at": at}))["values"][0]["code"]
        for at in ("2023-05-31T23:59:59Z", "2023-06-01T10:00:00Z")
    ]
    assert (before, after) == ("NOT_LINKED", None)


async def test_before_the_catalogue_began_nobody_asks(either: Door) -> None:
    (value,) = (await explained(either, "m1", CARD | {"at": "1999-12-31T00:00:00Z"}))["values"]
    assert value["code"] in {"UNKNOWN_CALLER", "UNKNOWN_PURPOSE"}


async def test_a_consent_given_and_withdrawn_is_told_as_it_stood(either: Door) -> None:
    """m2's sensitive item was refused; m3's stands."""
    asked = {
        "field": "healthRecords.value",
        "company": "life",
        "purpose": "ins_product_rnd",
    }
    refused_, given = [
        {value["code"] for value in (await explained(either, member, asked))["values"]}
        for member in ("m2", "m3")
    ]
    assert refused_ == {"CONSENT_REFUSED"}
    assert None in given


async def test_no_row_means_no_verdict(either: Door) -> None:
    asked = {"field": "healthRecords.value", "company": "ssi", "purpose": "underwriting_ops"}
    assert (await explained(either, "m1", asked))["values"] == []


async def test_members_are_told_about_themselves(either: Door) -> None:
    token = either.issuer.member("m1")
    sent = {"id": id_of(either, "m1", "member:m1")} | CARD
    answer = await either.ask(QUERY, sent, token=token)
    assert answer["data"]["explain"]["values"][0]["disclose"] is True


async def test_members_are_told_about_nobody_else(either: Door) -> None:
    token = either.issuer.member("m1")
    for sealed in (id_of(either, "m2", "member:m1"), id_of(either, "m2"), "nonsense"):
        refused(await either.send(QUERY, {"id": sealed} | CARD, token=token), 400, "BAD_USER_INPUT")


async def test_members_are_not_told_of_values_that_the_law_withholds_from_them(
    either: Door,
) -> None:
    asked = {"field": "fraudSignals.kind", "company": "rakuten_group", "purpose": "fraud_detect"}
    assert (await explained(either, "m1", asked))["values"] != []
    sent = {"id": id_of(either, "m1", "member:m1")} | asked
    answer = await either.ask(QUERY, sent, token=either.issuer.member("m1"))
    assert answer["data"]["explain"]["values"] == []


async def test_members_are_not_told_of_device_events_that_no_login_made_theirs(
    either: Door,
) -> None:
    asked = {"field": "devices.os", "company": "rakuten_group", "purpose": "ad_targeting"}
    every = (await explained(either, "m1", asked))["values"]
    assert "NOT_PERSONAL_YET" in {value["code"] for value in every}
    sent = {"id": id_of(either, "m1", "member:m1")} | asked
    answer = await either.ask(QUERY, sent, token=either.issuer.member("m1"))
    own = answer["data"]["explain"]["values"]
    assert len(own) == len([value for value in every if value["code"] != "NOT_PERSONAL_YET"])


HEALTH = {"field": "healthRecords.kind", "company": "ssi", "purpose": "underwriting_ops"}
FULFIL = {"field": "orders.items", "purpose": "merchant_fulfil"}


async def told_to(
    door: Door, office: str, member: str, asked: dict[str, Any]
) -> list[dict[str, Any]]:
    """Ask as the privacy officer of one company."""
    sent = {"id": id_of(door, member, f"officer:{office}")} | asked
    answer = await door.ask(QUERY, sent, token=officer(door, office))
    values: list[dict[str, Any]] = answer["data"]["explain"]["values"]
    return values


async def test_an_officer_is_told_about_members_of_the_own_company_alone(either: Door) -> None:
    assert await told_to(either, "ssi", "m2", HEALTH)
    unknown = {"id": id_of(either, "m1", "officer:ssi")} | HEALTH
    token = officer(either, "ssi")
    refused(await either.send(QUERY, unknown, token=token), 400, "BAD_USER_INPUT", "no id")


@pytest.mark.parametrize(
    "asked",
    [
        FULFIL | {"company": "shop_tea"},
        FULFIL | {"company": "shop_tea", "onBehalfOf": "card"},
        FULFIL | {"company": "courier", "onBehalfOf": "ichiba"},
        HEALTH | {"company": "life"},
    ],
)
async def test_a_company_s_officer_asks_what_the_own_company_would_see(
    door: Door, asked: dict[str, str]
) -> None:
    sent = {"id": id_of(door, "m1", "officer:card")} | asked
    response = await door.send(QUERY, sent, token=officer(door, "card"))
    refused(response, 403, "FORBIDDEN", "own company")
    assert await door.entries() == []


async def test_a_company_s_officer_is_told_of_its_own_rows_and_those_disclosed_to_it(
    either: Door,
) -> None:
    """m1 has three orders: of ichiba, of travel and of the group, whose one ichiba may not use."""
    asked = {"field": "orders.phone", "company": "courier", "onBehalfOf": "ichiba"}
    asked["purpose"] = "order_fulfil"
    every = (await explained(either, "m1", asked))["values"]
    own = await told_to(either, "ichiba", "m1", asked)
    assert len(every) == 3
    assert {value["acquiredBy"]["key"]: value["disclose"] for value in own} == {
        "ichiba": True,
        "travel": True,
    }


async def test_a_company_is_told_why_it_does_not_see_what_it_holds(either: Door) -> None:
    asked = FULFIL | {"company": "travel"}
    every = (await explained(either, "m1", asked))["values"]
    (own,) = await told_to(either, "travel", "m1", asked)
    assert len(every) == 3
    assert (own["acquiredBy"], own["disclose"]) == ({"key": "travel"}, False)
    assert own["code"] in {value["code"] for value in every}


async def test_nothing_tells_of_rows_that_are_none_of_the_officer_s_company(
    either: Door,
) -> None:
    """Another's orders, fraud signals and health records, against a member who has none."""
    with_rows = await told_to(either, "card", "m1", FULFIL | {"company": "card"})
    signals = {"field": "fraudSignals.kind", "company": "card", "purpose": "fraud_detect"}
    health = {"field": "healthRecords.kind", "company": "ichiba", "purpose": "service_provision"}
    assert (await explained(either, "m1", FULFIL | {"company": "card"}))["values"]
    assert (await explained(either, "m1", signals))["values"]
    assert (await explained(either, "m7", health))["values"]
    assert with_rows == []
    assert await told_to(either, "card", "m1", signals) == []
    assert await told_to(either, "ichiba", "m7", health) == []


async def test_a_merchant_is_told_of_its_own_orders_alone(either: Door) -> None:
    (own,) = await told_to(either, "shop_tea", "m1", FULFIL | {"company": "shop_tea"})
    assert (own["acquiredBy"], own["disclose"]) == ({"key": "ichiba"}, True)


async def test_a_past_verdict_tells_of_no_row_that_is_shut_by_now(either: Door) -> None:
    """Rows are those of today: some may have come after m1 asked `card` to stop."""
    asked = CARD | {"field": "orders.items", "at": "2023-06-01T10:00:00Z"}
    assert await told_to(either, "card", "m1", asked)
    stop = Event(EventKind.STOP_REQUESTED, either.clock(), company="card", categories=())
    await happen(either, "m1", stop)
    every = (await explained(either, "m1", asked))["values"]
    assert [value for value in every if value["disclose"]]
    assert await told_to(either, "card", "m1", asked) == []


@pytest.mark.parametrize("role", ["service", "analyst"])
async def test_companies_are_told_nothing(door: Door, role: str) -> None:
    token = door.issuer.token(role=role)
    sent = {"id": id_of(door, "m1", "company:card")} | CARD
    for purpose in (None, "own:card:service"):
        response = await door.send(QUERY, sent, token=token, purpose=purpose)
        refused(response, 403, "FORBIDDEN", "privacy officers")
    assert await door.entries() == []


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ({"company": "nobody"}, "BAD_USER_INPUT", "`company`"),
        ({"onBehalfOf": "nobody"}, "BAD_USER_INPUT", "`onBehalfOf`"),
        ({"purpose": "profiling"}, "PURPOSE_UNKNOWN", "`purpose`"),
        ({"field": "password"}, "BAD_USER_INPUT", "`field`"),
        ({"field": "orders"}, "BAD_USER_INPUT", "`field`"),
        ({"at": "2026-06-15T00:00:01Z"}, "BAD_USER_INPUT", "still to come"),
        ({"id": "nonsense"}, "BAD_USER_INPUT", "no id"),
    ],
)
async def test_what_nobody_knows_is_refused(
    door: Door, wrong: dict[str, str], code: str, told: str
) -> None:
    sent = {"id": id_of(door, "m1")} | CARD | wrong
    refused(await door.send(QUERY, sent, token=officer(door)), 400, code, told)


async def test_the_instant_of_asking_is_no_future(door: Door) -> None:
    now = door.clock().isoformat()
    assert (await explained(door, "m1", CARD | {"at": now}))["values"]


async def test_an_id_is_not_taken_from_a_get_request(door: Door) -> None:
    sealed = id_of(door, "m1")
    query = f'{{ explain(memberId: "{sealed}", field: "city", company: "card", '
    query += 'purpose: "id_login") { field } }'
    headers = {"Authorization": f"Bearer {officer(door)}"}
    response = await door.client.get("/graphql", params={"query": query}, headers=headers)
    refused(response, 400, "BAD_USER_INPUT", "POST")


async def test_it_is_a_read_about_the_member_on_record(either: Door) -> None:
    await explained(either, "m1", CARD)
    sent = {"id": id_of(either, "m2", "member:m2")} | CARD
    await either.ask(QUERY, sent, token=either.issuer.member("m2"))
    by_officer, by_member = await either.entries()
    assert (by_officer.company, by_officer.role, by_officer.purpose) == ("*", "officer", "audit")
    assert (by_member.role, by_member.subject) == ("member", "m2")
    for entry, member in ((by_officer, "m1"), (by_member, "m2")):
        (disclosure,) = entry.disclosures
        (about,) = disclosure.members.items()
        assert about[0] == member
        assert about[1].last_seq > 0
        assert about[1].provisions == {
            ("", Use.SELECT): frozenset({RETURNED}),
            ("city", Use.COUNT): frozenset({RETURNED}),
        }
        assert not disclosure.disclosed


async def test_what_is_refused_is_on_no_record(door: Door) -> None:
    sent = {"id": id_of(door, "m1")} | CARD | {"field": "password"}
    await door.send(QUERY, sent, token=officer(door))
    assert await door.entries() == []


async def test_no_value_of_a_row_is_told_with_its_verdict(either: Door) -> None:
    async with either.checkpoint.database.read() as connection:
        rows = (await connection.execute(look(HEALTH_RECORD.c.value))).scalars().all()
    assert rows
    asked = {"company": "ssi", "purpose": "underwriting_ops"}
    for field in ("healthRecords.value", "healthRecords.kind"):
        told = str(await explained(either, "m3", asked | {"field": field}))
        assert not [value for value in rows if value and f"'{value}'" in told]
