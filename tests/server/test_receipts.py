"""Consent receipts over HTTP: who is told, under which ids, on what record, and every field."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
import pytest

from models.disclosure import RETURNED, Use
from models.tables import ACCOUNT
from policy.events import Event, EventKind
from tests.crowd import happen
from tests.door import HOLDER, Door, refused
from tests.dpv import LOOKED_UP
from tests.engines import first_on
from tests.looking import look
from tests.real import ROOT
from tests.receipts import DPV, compacted, consent_record, plain, processes

pytestmark = pytest.mark.anyio

MINE = "{ me { id consents { id item { key } state receipt { id issuedAt record } } } }"
THEIRS = (
    "query ($id: ID!) { member(id: $id) { consents { id item { key } receipt { id record } } } }"
)
ONE = "query ($id: ID!) { consentReceipt(id: $id) { id issuedAt record } }"
PAGE = (ROOT / "docs" / "receipts.md").read_text(encoding="utf-8")
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#"

Told = dict[str, Any]


def officer(door: Door, office: str = "*") -> str:
    return door.issuer.token(company=office, role="officer", purposes=None)


def id_of(door: Door, member: str, audience: str = "officer:*") -> str:
    return door.checkpoint.seal.node_id(audience, "Member", member)


async def mine(door: Door, member: str) -> dict[str, Told]:
    """The member's own consents, by item."""
    answer = await door.ask(MINE, token=door.issuer.member(member))
    return {each["item"]["key"]: each for each in answer["data"]["me"]["consents"]}


async def one(door: Door, token: str, id_: str) -> Told:
    answer = await door.ask(ONE, {"id": id_}, token=token)
    found: Told = answer["data"]["consentReceipt"]
    return found


async def test_the_member_gets_one_receipt_by_its_id_or_its_consent_s(either: Door) -> None:
    consent = (await mine(either, "m2"))["B.group"]
    token = either.issuer.member("m2")
    by_receipt = await one(either, token, consent["receipt"]["id"])
    by_consent = await one(either, token, consent["id"])
    for found in (by_receipt, by_consent):
        assert found["id"] == consent["receipt"]["id"] != consent["id"]
        assert found["issuedAt"] == "2026-06-15T00:00:00Z"
        assert found["record"]["dct:hasPart"] == consent["receipt"]["record"]["dct:hasPart"]
    numbers = {each["record"]["dct:identifier"] for each in (by_receipt, by_consent)}
    assert len(numbers | {consent["receipt"]["record"]["dct:identifier"]}) == 3


async def test_a_receipt_is_on_record_as_the_consents_are(either: Door) -> None:
    consent = (await mine(either, "m2"))["B.use"]
    await one(either, either.issuer.member("m2"), consent["id"])
    listed, single = await either.entries()
    for entry in (listed, single):
        (disclosure,) = entry.disclosures
        assert entry.purpose == "subject_request"
        assert disclosure.members["m2"].provisions == {
            ("", Use.SELECT): frozenset({RETURNED}),
            ("consents", Use.SELECT): frozenset({RETURNED}),
        }


async def test_an_officer_reads_it_under_ids_of_their_own_and_on_record(either: Door) -> None:
    own = (await mine(either, "m2"))["B.use"]
    asked = {"id": id_of(either, "m2", "officer:ssi")}
    answer = await either.ask(THEIRS, asked, token=officer(either, "ssi"))
    (told,) = (e for e in answer["data"]["member"]["consents"] if e["item"]["key"] == "B.use")
    found = await one(either, officer(either, "ssi"), told["receipt"]["id"])
    assert not {own["id"], own["receipt"]["id"]} & {told["id"], told["receipt"]["id"]}
    record, mine_ = found["record"]["dct:hasPart"], own["receipt"]["record"]["dct:hasPart"]
    assert record["dct:identifier"] != mine_["dct:identifier"]
    assert record["dpv:hasDataSubject"]["dct:identifier"] == asked["id"]
    assert record["dpv:hasProcess"] == mine_["dpv:hasProcess"]
    *_, entry = await either.entries()
    assert (entry.purpose, list(entry.disclosures[0].members)) == ("audit", ["m2"])


async def test_nobody_else_gets_one(either: Door) -> None:
    consent = (await mine(either, "m2"))["B.use"]
    other = await either.send(ONE, {"id": consent["id"]}, token=either.issuer.member("m1"))
    refused(other, 400, "BAD_USER_INPUT", "no id")
    group = await either.send(ONE, {"id": consent["id"]}, token=officer(either))
    refused(group, 400, "BAD_USER_INPUT", "no id")
    company = await either.send(ONE, {"id": consent["id"]}, purpose="own:card:service")
    refused(company, 403, "FORBIDDEN", "privacy officers")


async def test_what_is_no_id_of_a_consent_is_refused(either: Door) -> None:
    token, seal = either.issuer.member("m1"), either.checkpoint.seal
    for id_ in (
        "garbage",
        id_of(either, "m1", "member:m1"),
        seal.node_id("member:m1", "Consent", "m2", "A"),
        seal.node_id("member:m1", "Consent", "m1"),
    ):
        refused(await either.send(ONE, {"id": id_}, token=token), 400, "BAD_USER_INPUT", "no id")
    gone = seal.node_id("member:m1", "Consent", "m1", "an item of yesterday")
    assert await one(either, token, gone) is None


async def test_an_officer_of_a_company_that_does_not_know_the_member_is_refused(
    either: Door,
) -> None:
    id_ = either.checkpoint.seal.node_id("officer:mobile", "Consent", "m1", "A")
    response = await either.send(ONE, {"id": id_}, token=officer(either, "mobile"))
    refused(response, 400, "BAD_USER_INPUT", "no id")


async def test_its_id_is_not_put_into_an_address(either: Door) -> None:
    consent = (await mine(either, "m2"))["B.use"]
    query = f'{{ consentReceipt(id: "{consent["id"]}") {{ id }} }}'
    response = await either.client.get(
        "/graphql",
        params={"query": query},
        headers={"Authorization": f"Bearer {either.issuer.member('m2')}"},
    )
    refused(response, 400, "BAD_USER_INPUT", "POST")


async def test_it_holds_no_value_of_the_member_but_the_pairwise_id(either: Door) -> None:
    """Words of the catalogue aside, which are also values of some members."""
    async with either.checkpoint.database.read() as connection:
        accounts = {row.member_key: row for row in await connection.execute(look(ACCOUNT))}
    public = str(either.checkpoint.catalogue.companies) + str(either.checkpoint.terms)
    for member in ("m1", "m2", "m4", "m5"):
        consents = await mine(either, member)
        said = str([each["receipt"] for each in consents.values()])
        assert HOLDER not in said
        assert f":{member}'" not in said
        values = [each for each in accounts[member] if isinstance(each, str) and len(each) > 3]
        assert len(values) > 5
        assert [value for value in values if value in said and value not in public] == []


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
async def test_every_receipt_of_the_demo_world_goes_through_a_processor_unharmed(
    either: Door,
) -> None:
    for member in ("m1", "m2", "m4", "m5"):
        for consent in (await mine(either, member)).values():
            receipt = consent["receipt"]["record"]
            assert plain(compacted(receipt)) == plain(receipt)


Field = Callable[[Told], object]


def each_process(*path: str) -> Field:
    """This must stand in every process, own or from the one around it."""

    def look_up(record: Told) -> object:
        return [_down(each, path) for each in processes(record)]

    return look_up


def each_status(*path: str) -> Field:
    return lambda record: [_down(each, path) for each in record["dpv:hasConsentStatus"]]


def each_party(*path: str) -> Field:
    return lambda record: [_down(each, path) for each in record["dpv:hasEntity"]]


def each_notice(*path: str) -> Field:
    """Of the notices that ask, companions aside."""
    return lambda record: [
        _down(each, path) for each in record["dpv:hasNotice"] if "dct:hasFormat" in each
    ]


def storage(kind: str, *path: str) -> Field:
    return lambda record: [
        [_down(each, path) for each in process["dpv:hasStorageCondition"] if each["@type"] == kind]
        for process in processes(record)
    ]


def _down(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = [_down(each, (step,)) for each in value] if isinstance(value, list) else value[step]
    return value


MANDATORY: Mapping[str, Field] = {
    "schema version": lambda record: record["dct:conformsTo"] == f"{SCHEMA}record",
    "record id": lambda record: UUID(record["dct:identifier"]).version == 4,
    "pii principal id": lambda record: record["dpv:hasDataSubject"]["dct:identifier"],
    "privacy notice: document": each_notice("dct:identifier"),
    "privacy notice: version": each_notice("schema:version"),
    "privacy notice: hash": each_notice("dct:hasFormat", "schema:sha256"),
    "privacy notice: text": each_notice("dct:description", "ja"),
    "language": lambda record: record["dct:language"],
    "purpose": each_process("dpv:hasPurpose", "dct:title", "en"),
    "purpose type": each_process("dpv:hasPurpose", "skos:broader"),
    "lawful basis": each_process("dpv:hasLegalBasis"),
    "pii information": each_process("dpv:hasPersonalData", "dct:identifier"),
    "pii type": each_process("dpv:hasPersonalData", "skos:broader"),
    "pii controllers": each_process("dpv:hasDataController", "dpv:hasName", "ja"),
    "recipient third parties": each_process("dpv:hasRecipient", "dpv:hasName", "ja"),
    "collection method": each_process("dpv:hasDataSource", "@type"),
    "processing method": each_process("dpv:hasProcessing"),
    "storage locations": storage("dpv:StorageLocation", "dpv:hasLocation", "dct:identifier"),
    "retention period": storage("dpv:StorageDuration", "dpv:hasDuration", "rdf:value"),
    "jurisdiction": lambda record: record["dpv:hasJurisdiction"]["dct:identifier"] == "JP",
    "jurisdiction: law": lambda record: record["dpv:hasApplicableLaw"] == ["legal-jp:law-APPI"],
    "withdrawal method": lambda record: record["dpv:hasConsentControl"]["dpv:isExercisedAt"],
    "privacy rights": lambda record: [each["dct:title"]["ja"] for each in record["dpv:hasRight"]],
    "party id": each_party("dct:identifier"),
    "party address": each_party("dpv:hasAddress"),
    "party name": each_party("dpv:hasName", "en"),
    "party contact": each_party("dpv:hasContact"),
    "party type": each_party("@type"),
    "event time": each_status("dpv:isIndicatedAtTime"),
    "validity duration": each_status("dpv:hasDuration", "rdf:value"),
    "entity id": each_status("dpv:isIndicatedBy"),
    "event type": each_status("dpv:hasLegalBasis"),
    "event state": each_status("@type"),
}
"""Every mandatory field of domain.md 5, in its order, and optional ones that are always there."""


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, list) and value:
        for each in value:
            yield from leaves(each)
    else:
        yield value


async def test_every_mandatory_field_stands_in_every_receipt(door: Door) -> None:
    for member in ("m1", "m2", "m4", "m5"):
        for item, consent in (await mine(door, member)).items():
            record = consent_record(consent["receipt"]["record"])
            found = {name: list(leaves(field(record))) for name, field in MANDATORY.items()}
            assert [name for name, values in found.items() if not all(values)] == [], (member, item)


async def test_the_receipt_itself_has_its_number_and_its_schema(door: Door) -> None:
    """All that TS 27560 asks of a receipt; a client reads it without fetching anything."""
    receipt = (await mine(door, "m2"))["B.use"]["receipt"]["record"]
    assert receipt["dct:conformsTo"] == f"{SCHEMA}receipt"
    assert UUID(receipt["dct:identifier"]).version == 4
    assert receipt["@id"] == f"urn:uuid:{receipt['dct:identifier']}"
    assert receipt["dct:issued"] == "2026-06-15T00:00:00Z"


async def test_a_registered_guardian_gets_the_ward_s(either: Door) -> None:
    id_ = either.checkpoint.seal.node_id("member:m9", "Consent", "m5", "B.use")
    token = either.issuer.member("m9", guardian_of="m5")
    refused(await either.send(ONE, {"id": id_}, token=token), 400, "BAD_USER_INPUT", "no id")
    registered = Event(EventKind.GUARDIAN_REGISTERED, either.clock(), guardian_key="m9")
    await happen(either, "m5", registered)
    found = await one(either, token, id_)
    subject = found["record"]["dct:hasPart"]["dpv:hasDataSubject"]
    assert subject["dct:identifier"] == id_of(either, "m5", "member:m9")
    *_, entry = await either.entries()
    assert (entry.subject, list(entry.disclosures[0].members)) == ("m9", ["m5"])


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_page_shows_what_is_answered(door: Door) -> None:
    answer = await door.ask(block("graphql"), token=door.issuer.member("m2"))
    given = {
        each["item"]["key"]: each["receipt"]["record"]["dct:hasPart"]["dpv:hasConsentStatus"][-1]
        for each in answer["data"]["me"]["consents"]
    }["B.ins_group"]
    assert given.pop("dpv:isIndicatedBy").startswith("sekisho:member:")
    shown = orjson.loads(block("json"))
    del shown["dpv:isIndicatedBy"]
    assert given == shown


def test_the_page_names_terms_that_exist() -> None:
    named = set(re.findall(r"`dpv:(\w+)`", PAGE))
    assert len(named) > 20
    assert {DPV + name for name in named} <= LOOKED_UP
