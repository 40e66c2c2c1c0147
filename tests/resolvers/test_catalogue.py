"""The catalogue through GraphQL: public to every caller, with the same ids, no purpose needed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from models.database import Database
from models.ledger_fold import Folder
from policy.catalogue import Catalogue
from policy.companies import Measures
from policy.grant import Grants
from policy.requester import Requester, Role
from resolvers.context import Context
from resolvers.listeners import Listeners
from resolvers.seal import Seal
from resolvers.snapshot import Snapshot
from tests.clock import START
from tests.marks import SCHEMA
from tests.real import CATALOGUE, TERMS

pytestmark = pytest.mark.anyio

EXPIRES = datetime(2026, 6, 15, 1, tzinfo=UTC)
CARD = Requester(Role.SERVICE, "card-crm", "card", None, ("own:card:*", "id_login"), EXPIRES)
NODES = """{
  companies { ...n services { ...n owner { id } } adopts { id } }
  dataCategories { ...n parent { id } }
  purposes { ...n parent { id } children { id } owner { id } service { id } family { id } }
  documents {
    ...n publisher { id } service { id } companions { id }
    items { ...n document { id } }
    versions { ...n document { id } provisions { ...n document { id } } }
  }
}
fragment n on Node { __typename id }
"""


async def _never() -> Context:
    raise NotImplementedError


def context(
    requester: Requester = CARD,
    purpose: str | None = None,
    at: datetime = START,
    catalogue: Catalogue = CATALOGUE,
) -> Context:
    """A request that can ask the catalogue only: there is no database behind it."""
    return Context(
        requester=requester,
        purpose=purpose,
        asked_at=at,
        decision_id="d1",
        catalogue=catalogue,
        grants=Grants(catalogue),
        snapshot=Snapshot(cast("Database", None)),
        seal=Seal((b"0" * 32,)),
        database=cast("Database", None),
        clock=lambda: at,
        terms=TERMS,
        listeners=Listeners(cast("Database", None)),
        folder=cast("Folder", None),
        again=_never,
    )


async def ask(query: str, given: Context | None = None, **variables: object) -> Any:
    result = await SCHEMA.execute(query, variables, context_value=given or context())
    assert result.errors is None, result.errors
    return result.data


async def refusal(query: str, **variables: object) -> str:
    result = await SCHEMA.execute(query, variables, context_value=context())
    assert result.errors is not None
    return result.errors[0].message


def objects(answer: object) -> Iterator[Mapping[str, Any]]:
    """Every object of an answer, however deep."""
    if isinstance(answer, Mapping):
        yield answer
    children = answer.values() if isinstance(answer, Mapping) else answer
    if not isinstance(children, str):
        for child in cast("list[object]", children or ()):
            if isinstance(child, (Mapping, list)):
                yield from objects(child)


async def keys(query: str, **variables: object) -> list[str]:
    (found,) = (await ask(query, None, **variables)).values()
    return [each["key"] for each in found]


async def test_a_company_is_told_by_its_key() -> None:
    query = """{ company(key: "asia_sg") {
      key kind country groupTie insuranceGroup idStatus measures { basis } adopts { key }
      services { key kind owner { key } }
    } }"""
    assert (await ask(query))["company"] == {
        "key": "asia_sg",
        "kind": "MEDIA_AD",
        "country": "SG",
        "groupTie": "CONSOLIDATED_SUBSIDIARY",
        "insuranceGroup": False,
        "idStatus": "LIVE",
        "measures": None,
        "adopts": [],
        "services": [{"key": "reward_sg", "kind": "main", "owner": {"key": "asia_sg"}}],
    }


async def test_measures_abroad_hold_for_365_days_from_their_review() -> None:
    reviewed = Measures("contract", datetime(2026, 1, 1, tzinfo=UTC))
    company = replace(CATALOGUE.companies["asia_sg"], measures=reviewed)
    catalogue = replace(CATALOGUE, companies={"asia_sg": company})
    query = '{ company(key: "asia_sg") { measures { basis reviewedAt validUntil } } }'
    assert (await ask(query, context(catalogue=catalogue)))["company"]["measures"] == {
        "basis": "contract",
        "reviewedAt": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00.000001Z",
    }


async def test_an_unknown_company_is_null() -> None:
    assert await ask('{ company(key: "nobody") { key } }') == {"company": None}


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"kind": "PROCESSOR"}, ["courier", "cloud_store", "callcenter"]),
        ({"groupTie": "AFFILIATE"}, ["media_affiliate"]),
        (
            {"insuranceGroup": True},
            ["ins_holding", "ssi", "life", "general", "ins_planning"],
        ),
        ({"idStatus": "PLANNED"}, ["new_service"]),
        ({"adopts": "DOC_A"}, ["rakuten_group", "ichiba", "travel"]),
        ({"country": "SG"}, ["asia_sg"]),
        ({"insuranceGroup": True, "kind": "SSI", "country": None}, ["ssi"]),
        ({"insuranceGroup": False, "kind": "SSI"}, []),
        ({"adopts": "DOC_NONE"}, []),
    ],
    ids=str,
)
async def test_companies_are_narrowed_by_all_that_is_given(
    narrowed: Mapping[str, object], expected: list[str]
) -> None:
    query = "query ($f: CompanyFilter) { companies(filter: $f) { key } }"
    assert await keys(query, f=narrowed) == expected


async def test_without_a_filter_every_company_is_listed() -> None:
    for query in ("{ companies { key } }", "{ companies(filter: null) { key } }"):
        assert await keys(query) == list(CATALOGUE.companies)


async def test_what_a_company_is_depends_on_when_it_is_asked() -> None:
    query = '{ company(key: "ichiba") { groupTie adopts { key } } }'
    before = context(at=datetime(2019, 7, 31, tzinfo=UTC))
    assert (await ask(query, before))["company"] == {"groupTie": "NONE", "adopts": []}
    assert await ask("{ companies { key } }", before) == {"companies": []}


async def test_a_category_names_the_fields_that_carry_it() -> None:
    found = (await ask("{ dataCategories { key kind parent { key } fields name { ja } } }"))[
        "dataCategories"
    ]
    assert [each["key"] for each in found] == list(CATALOGUE.categories)
    payment = next(each for each in found if each["key"] == "payment")
    assert payment["parent"] == {"key": "payment_identity"}
    assert "payments.amount" in payment["fields"]


async def test_purposes_are_those_registered_by_now() -> None:
    query = "{ purposes { key } }"
    assert await keys(query) == list(CATALOGUE.purposes)
    early = await ask(query, context(at=datetime(2022, 3, 30, tzinfo=UTC)))
    assert {"key": "ads_marketing"} in early["purposes"]
    assert {"key": "ad_targeting"} not in early["purposes"]


async def test_a_parent_has_the_children_registered_by_now() -> None:
    query = "{ purposes { key children { key } } }"
    early = await ask(query, context(at=datetime(2022, 3, 30, tzinfo=UTC)))
    (marketing,) = (each for each in early["purposes"] if each["key"] == "ads_marketing")
    assert marketing["children"] == [{"key": "direct_mail"}]


async def test_an_own_purpose_says_whose_it_is() -> None:
    query = """{ purposes(company: "card") {
      key owner { key } family { key } service { key } parent { key } vetoes minConsent limited
    } }"""
    found = {each["key"]: each for each in (await ask(query))["purposes"]}
    assert found["own:card:marketing"] == {
        "key": "own:card:marketing",
        "owner": {"key": "card"},
        "family": {"key": "ads_marketing"},
        "service": {"key": "card_service"},
        "parent": None,
        "vetoes": ["MAIL_REFUSED", "ADS_OPT_OUT"],
        "minConsent": "NONE",
        "limited": False,
    }


async def test_a_company_has_the_purposes_that_provisions_name_it_for() -> None:
    query = "query ($c: ID) { purposes(company: $c) { key } }"
    assert await keys(query, c="ins_holding") == ["ins_group_management"]
    assert await keys(query, c="courier") == ["order_fulfil"]
    assert await keys(query, c=None) == await keys("{ purposes { key } }")


async def test_the_purposes_of_an_unknown_company_are_refused() -> None:
    assert await refusal('{ purposes(company: "nobody") { key } }') == (
        "No company of the catalogue has the key in `company`: "
        "the query `{ companies { key } }` lists them."
    )


async def test_a_document_is_told_with_its_versions_and_provisions() -> None:
    query = """{ documents {
      key mode scope consent requiresAccountSession publisher { key } service { key }
      companions { key } disadvantages { en } items { key sensitive }
      versionInForce { key inForceUntil } versions { key inForceFrom inForceUntil material }
      provisions { key }
    } }"""
    found = {each["key"]: each for each in (await ask(query))["documents"]}
    assert list(found) == list(CATALOGUE.documents)
    group, request = found["DOC_A"], found["DOC_B"]
    assert group["companions"] == [{"key": "DOC_T"}]
    assert group["versions"] == [
        {
            "key": "2019-08-01",
            "inForceFrom": "2019-08-01T00:00:00Z",
            "inForceUntil": "2022-03-31T00:00:00Z",
            "material": True,
        },
        {
            "key": "2022-03-31",
            "inForceFrom": "2022-03-31T00:00:00Z",
            "inForceUntil": None,
            "material": True,
        },
    ]
    assert group["versionInForce"] == {"key": "2022-03-31", "inForceUntil": None}
    assert request["requiresAccountSession"] is True
    assert {"key": "B.sensitive", "sensitive": True} in request["items"]
    assert request["disadvantages"] != []
    assert {"key": "B-SENS-1"} in request["provisions"]


async def test_a_version_says_when_it_was_published_and_what_members_are_shown() -> None:
    (first, *_) = (await ask("{ documents { versions { publishedAt text { ja en } } } }"))[
        "documents"
    ][0]["versions"]
    shown = CATALOGUE.documents["DOC_A"].versions[0].text
    assert first == {
        "publishedAt": "2019-08-01T00:00:00Z",
        "text": {"ja": shown.ja, "en": shown.en},
    }


async def test_an_account_id_that_no_database_can_hold_is_refused() -> None:
    query = "query ($id: ID!) { memberByAccount(accountId: $id) { id } }"
    assert await refusal(query, id="card\0m1") == "`accountId` must not contain U+0000."


async def test_before_its_first_version_a_document_permits_nothing() -> None:
    query = "{ documents { key versionInForce { key } provisions { key } } }"
    early = await ask(query, context(at=datetime(2019, 7, 31, tzinfo=UTC)))
    assert all(each["versionInForce"] is None for each in early["documents"])
    assert all(each["provisions"] == [] for each in early["documents"])


async def test_a_provision_says_who_what_for_and_on_what_strength() -> None:
    query = """{ documents { provisions {
      key version active minConsent requires ownPurpose sensitiveLists items { key }
      document { key }
      providers { ...p } recipients { ...p }
      categories { category { key } fields }
      purposes { exact { key } withChildren { key } but { key } own }
    } } }
    fragment p on Party { group companies { key } kinds but { key } publisher other }"""
    documents = (await ask(query))["documents"]
    rows = {row["key"]: row for document in documents for row in document["provisions"]}
    linked, peer, sensitive = rows["A-4-1-2"], rows["A-PEER"], rows["B-SENS-1"]
    assert linked["recipients"]["but"] == [{"key": "ssi"}]
    assert linked["requires"] == ["LINKED"]
    assert linked["ownPurpose"] == "LINK"
    assert linked["purposes"] == {"exact": [], "withChildren": [], "but": [], "own": True}
    assert peer["purposes"]["but"] == [{"key": "external_matching_ads"}]
    assert peer["recipients"]["other"] is True
    assert sensitive["minConsent"] == "EXPLICIT_SENSITIVE"
    assert sensitive["items"] == [{"key": "B.sensitive"}, {"key": "B.ins_group"}]
    assert sensitive["sensitiveLists"] == ["HEALTH"]
    assert sensitive["categories"] == [{"category": {"key": "sensitive"}, "fields": None}]
    fraud = next(c for c in rows["A-4-1-3"]["categories"] if c["fields"] is not None)
    assert all(path.startswith("fraudSignals.") for path in fraud["fields"])
    assert rows["A-4-1-4"]["active"] is False


async def test_no_two_objects_share_an_id() -> None:
    named = [each for each in objects(await ask(NODES)) if "__typename" in each]
    kinds = Counter(each["__typename"] for each in named)
    assert min(kinds[kind] for kind in ("Company", "Service", "Provision", "PolicyVersion")) > 1
    assert len({each["id"] for each in named}) == len(named)


async def test_every_object_can_be_fetched_again_by_its_id() -> None:
    named = [each for each in objects(await ask(NODES)) if "__typename" in each]
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for each in named:
        same = {"__typename": each["__typename"], "id": each["id"]}
        assert await ask(query, id=each["id"]) == {"node": same}


async def test_an_object_that_the_catalogue_no_longer_has_is_null() -> None:
    found = (await ask('{ company(key: "card") { id } }'))["company"]["id"]
    rest = {key: each for key, each in CATALOGUE.companies.items() if key != "card"}
    without = context(catalogue=replace(CATALOGUE, companies=rest))
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await ask(query, without, id=found) == {"node": None}


async def test_every_caller_knows_the_catalogue_under_the_same_ids() -> None:
    query = '{ company(key: "card") { id } }'
    member = Requester(Role.MEMBER, "m1", None, None, (), EXPIRES)
    assert await ask(query) == await ask(query, context(member))


async def test_the_viewer_is_what_its_token_says() -> None:
    query = """{ viewer {
      company { key } onBehalfOf { key } role subject purpose { key } purposes { key } expiresAt
    } }"""
    assert (await ask(query, context(purpose="id_login")))["viewer"] == {
        "company": {"key": "card"},
        "onBehalfOf": None,
        "role": "SERVICE",
        "subject": "card-crm",
        "purpose": {"key": "id_login"},
        "purposes": [
            {"key": key}
            for key in CATALOGUE.purposes
            if key.startswith("own:card:") or key == "id_login"
        ],
        "expiresAt": "2026-06-15T01:00:00Z",
    }


async def test_the_group_office_and_a_processor_are_told_as_such() -> None:
    query = "{ viewer { company { key } onBehalfOf { key } role purpose { key } } }"
    office = Requester(Role.OFFICER, "po", "*", None, (), EXPIRES)
    courier = Requester(Role.SERVICE, "c", "courier", "ichiba", (), EXPIRES)
    assert (await ask(query, context(office, "audit")))["viewer"] == {
        "company": None,
        "onBehalfOf": None,
        "role": "OFFICER",
        "purpose": {"key": "audit"},
    }
    assert (await ask(query, context(courier)))["viewer"] == {
        "company": {"key": "courier"},
        "onBehalfOf": {"key": "ichiba"},
        "role": "SERVICE",
        "purpose": None,
    }
