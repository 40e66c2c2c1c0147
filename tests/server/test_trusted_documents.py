"""A company's systems ask what was filed for the company and the purpose, and nothing else."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.trusted import Scope, TrustedDocument, add, ids_of, remove, sha256_of
from server import manifest
from server.manifest import COOLDOWN, FRESH
from server.settings import Mode
from tests.clock import Clock
from tests.door import Door, copy_of, opened, refused
from tests.sockets import served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
SCOPE = Scope("card", "", PURPOSE)
TEXT = "query Name($id: ID!) { memberByAccount(accountId: $id) { fullName } }"
KEY = "query Key($key: ID!) { company(key: $key) { key } }"
SHA = sha256_of(TEXT)
RELAY = hashlib.md5(TEXT.encode()).hexdigest()  # noqa: S324 (as Relay's compiler does by default)
ASKED = {"variables": {"id": "card-m1"}}
NAMED = {"data": {"memberByAccount": {"fullName": "見本 花子"}}}
NOT_TRUSTED = 403, "OPERATION_NOT_TRUSTED"

WAYS: Mapping[str, dict[str, Any]] = {
    "Apollo": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": SHA}}},
    "the draft": {"documentId": f"sha256:{SHA}"},
    "the hash alone": {"documentId": SHA},
    "Relay": {"id": RELAY},
    "Relay, as its documentation has it": {"doc_id": RELAY},
    "the text itself": {"query": TEXT},
    "Apollo, with the text": {
        "query": TEXT,
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": SHA}},
    },
    "another id beside the text, which is none of ours": {"query": TEXT, "id": "request 7"},
}


async def filed(door: Door, *documents: TrustedDocument) -> None:
    async with door.checkpoint.database.write() as connection:
        await add(connection, documents, door.clock())


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def demanding(seed_file: Path, clock: Clock, folder: Path) -> AsyncIterator[Door]:
    """A production server as it is without the setting, with one document under two ids."""
    url = copy_of(seed_file, folder)
    async with opened(url, clock, folder, trusted_documents=None) as door:
        await filed(door, *(TrustedDocument(SCOPE, id_, TEXT) for id_ in (SHA, RELAY)))
        yield door


@pytest.fixture
async def strict(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """One for this test."""
    async with demanding(seed_file, clock, tmp_path) as door:
        yield door


@pytest.fixture(scope="module")
async def same(seed_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """One for all tests that file nothing and leave the clock alone."""
    async with demanding(seed_file, Clock(), tmp_path_factory.mktemp("same")) as door:
        yield door


async def post(
    door: Door, body: Mapping[str, Any], purpose: str | None = PURPOSE, **claims: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {door.issuer.token(**claims)}"}
    if purpose is not None:
        headers["Sekisho-Purpose"] = purpose
    return await door.client.post("/graphql", json=ASKED | dict(body), headers=headers)


def answer(response: httpx.Response) -> Any:
    told = response.json()
    assert response.status_code == 200, told
    return {"data": told["data"]}


@pytest.mark.parametrize("named", WAYS.values(), ids=WAYS)
async def test_a_trusted_document_is_answered_however_a_client_names_it(
    same: Door, named: dict[str, Any]
) -> None:
    assert answer(await post(same, named)) == NAMED


async def test_it_is_answered_over_a_socket_just_so(same: Door) -> None:
    async with (
        served(same) as address,
        talking(address, same.issuer.token(), purpose=PURPOSE) as talk,
    ):
        for number, named in enumerate(WAYS.values()):
            told = f"named-{number}"
            await talk.say(id=told, type="subscribe", payload=ASKED | named)
            heard = await talk.hear()
            assert (heard["id"], heard["payload"]["data"]) == (told, NAMED["data"])
            assert await talk.hear() == {"id": told, "type": "complete"}
        error = await talk.refused("{ viewer { role } }")
        assert error["extensions"]["code"] == "OPERATION_NOT_TRUSTED"
        await talk.say(id="x", type="subscribe", payload={"documentId": "0" * 64})
        error = talk.error(await talk.hear(), "x")
        assert error["extensions"]["code"] == "OPERATION_NOT_TRUSTED"


async def test_a_subscription_may_be_asked_for_by_its_hash(strict: Door) -> None:
    changes = "subscription { consentChanges { kind memberId } }"
    await filed(strict, TrustedDocument(SCOPE, "changes", changes))
    async with (
        served(strict) as address,
        talking(address, strict.issuer.token(), purpose=PURPOSE) as talk,
    ):
        await talk.say(id="changes", type="subscribe", payload={"documentId": "changes"})
        assert (await talk.ask(TEXT, **ASKED))["data"] == NAMED["data"]
        error = await talk.refused(changes.replace("kind ", ""))
        assert error["extensions"]["code"] == "OPERATION_NOT_TRUSTED"
        await talk.say(id="changes", type="complete")


async def test_a_message_that_names_no_document_in_any_way_closes_the_socket(
    same: Door,
) -> None:
    payloads: list[Any] = [{}, {"documentId": 7}, {"extensions": {"persistedQuery": {}}}, None]
    for payload in payloads:
        async with (
            served(same) as address,
            talking(address, same.issuer.token(), purpose=PURPOSE) as talk,
        ):
            await talk.say(id="1", type="subscribe", payload=payload)
            assert await talk.closed() == (4400, "Invalid operation")


async def test_it_may_come_by_get_by_its_hash(strict: Door) -> None:
    await filed(strict, TrustedDocument(SCOPE, sha256_of(KEY), KEY))
    headers = {
        "Authorization": f"Bearer {strict.issuer.token()}",
        "Sekisho-Purpose": PURPOSE,
    }
    for named in (
        {"documentId": f"sha256:{sha256_of(KEY)}"},
        {"extensions": f'{{"persistedQuery": {{"version": 1, "sha256Hash": "{sha256_of(KEY)}"}}}}'},
    ):
        asked = {**named, "variables": '{"key": "card"}'}
        response = await strict.client.get("/graphql", params=asked, headers=headers)
        assert answer(response) == {"data": {"company": {"key": "card"}}}
    personal = {"documentId": SHA, "variables": '{"id": "card-m1"}'}
    response = await strict.client.get("/graphql", params=personal, headers=headers)
    refused(response, 400, "BAD_USER_INPUT", "POST")


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ viewer { role } }"},
        {"query": TEXT + " "},
        {"query": SHA},
        {"documentId": "0" * 64},
        {"documentId": TEXT + " "},
        {"query": KEY, "documentId": sha256_of(KEY)},
        {
            "query": KEY,
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(KEY)}},
        },
    ],
)
async def test_every_other_document_is_refused_to_a_system(
    same: Door, body: dict[str, Any]
) -> None:
    refused(await post(same, body), *NOT_TRUSTED, "sekisho documents add")


async def test_documents_are_not_registered_by_asking(strict: Door) -> None:
    apollo = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(KEY)}}}
    analyst = {"role": "analyst", "sub": "analyst-1"}
    for body in (apollo, apollo | {"query": KEY}, apollo):
        response = await post(strict, body | {"variables": {"key": "card"}}, **analyst)
        if "query" in body:
            assert answer(response) == {"data": {"company": {"key": "card"}}}
        else:
            refused(response, *NOT_TRUSTED)
        strict.clock.step(COOLDOWN)


@pytest.mark.parametrize(
    ("purpose", "claims"),
    [
        ("id_login", {}),
        (None, {}),
        ("own:bank:service", {"company": "bank", "purposes": ["own:bank:*"]}),
        ("own:card:service", {"company": "bank", "purposes": ["own:card:*"]}),
        ("own:card:service", {"company": "courier", "on_behalf_of": "card"}),
    ],
    ids=["purpose", "no purpose", "company and purpose", "company", "processor"],
)
async def test_what_is_trusted_for_one_company_and_purpose_is_not_for_another(
    same: Door, purpose: str | None, claims: dict[str, Any]
) -> None:
    for named in WAYS.values():
        refused(await post(same, named, purpose, **claims), *NOT_TRUSTED)


async def test_a_processor_s_documents_are_for_one_controller(strict: Door) -> None:
    courier = {"company": "courier", "purposes": ["service_provision"]}
    scope = Scope("courier", "ichiba", "service_provision")
    await filed(strict, TrustedDocument(scope, SHA, TEXT))
    body = {"documentId": SHA}
    mine = await post(strict, body, "service_provision", on_behalf_of="ichiba", **courier)
    assert mine.status_code == 200, mine.text
    other = await post(strict, body, "service_provision", on_behalf_of="travel", **courier)
    refused(other, *NOT_TRUSTED)


async def test_documents_without_a_purpose_are_for_operations_that_name_none(
    strict: Door,
) -> None:
    await filed(strict, TrustedDocument(Scope("card"), "key", KEY))
    body = {"documentId": "key", "variables": {"key": "card"}}
    assert answer(await post(strict, body, None)) == {"data": {"company": {"key": "card"}}}
    refused(await post(strict, body), *NOT_TRUSTED)


@pytest.mark.parametrize(
    ("claims", "purpose"),
    [
        ({"role": "analyst"}, PURPOSE),
        ({"role": "member", "sub": "m1"}, None),
        ({"role": "officer"}, None),
    ],
    ids=["analyst", "member", "officer"],
)
async def test_people_ask_what_they_like(
    same: Door, claims: dict[str, Any], purpose: str | None
) -> None:
    body = {"query": "{ viewer { role } }"}
    role = claims["role"].upper()
    assert answer(await post(same, body, purpose, **claims)) == {"data": {"viewer": {"role": role}}}


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"mode": Mode.DEVELOPMENT, "trusted_documents": None}, 200),
        ({"mode": Mode.DEVELOPMENT, "trusted_documents": "required"}, 403),
        ({"trusted_documents": "optional"}, 200),
        ({"trusted_documents": None}, 403),
    ],
)
async def test_systems_are_free_in_development_and_where_a_setting_says_so(
    seed_file: Path, clock: Clock, tmp_path: Path, settings: dict[str, Any], status: int
) -> None:
    url = copy_of(seed_file, tmp_path)
    own = {"development_key_file": tmp_path / "key.json"}
    async with opened(url, clock, tmp_path, **settings, **own) as door:
        response = await post(door, {"query": "{ viewer { role } }"})
        if status == 200:
            assert answer(response) == {"data": {"viewer": {"role": "SERVICE"}}}
        else:
            refused(response, *NOT_TRUSTED)
        refused(await post(door, {"documentId": SHA}), *NOT_TRUSTED)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"documentId": 7}, "`documentId`"),
        ({"id": 7}, "`id`"),
        ({"doc_id": ["x"]}, "`doc_id`"),
        ({"extensions": {"persistedQuery": 1}}, "`persistedQuery`"),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": SHA}}}, "version"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 7}}}, "sha256Hash"),
        ({"documentId": SHA, "doc_id": RELAY}, "more than one"),
        ({"documentId": SHA, "query": KEY}, "not the one"),
        ({"documentId": sha256_of(KEY), "query": TEXT}, "not the one"),
        ({}, "`query`"),
        ({"query": "", "documentId": ""}, "`query`"),
    ],
)
async def test_a_request_names_one_document_and_says_it_right(
    same: Door, body: dict[str, Any], told: str
) -> None:
    refused(await post(same, body), 400, "BAD_USER_INPUT", told)


async def test_a_change_is_seen_without_a_restart(strict: Door) -> None:
    body = {"documentId": "later", "variables": {"key": "card"}}
    refused(await post(strict, body), *NOT_TRUSTED)
    await filed(strict, TrustedDocument(SCOPE, "later", KEY))
    strict.clock.step(COOLDOWN)
    assert answer(await post(strict, body)) == {"data": {"company": {"key": "card"}}}
    async with strict.checkpoint.database.write() as connection:
        assert await remove(connection, SCOPE, "later")
        assert not await remove(connection, SCOPE, "later")
    strict.clock.step(FRESH - timedelta(seconds=1))
    assert answer(await post(strict, {"documentId": SHA})) == NAMED
    strict.clock.step(timedelta(seconds=1))
    refused(await post(strict, body), *NOT_TRUSTED)
    assert answer(await post(strict, {"documentId": SHA})) == NAMED


async def test_what_callers_make_up_reads_the_database_once_in_a_while(
    strict: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[Scope] = []

    async def counted(connection: Any, scope: Scope) -> Mapping[str, str]:
        readings.append(scope)
        return await ids_of(connection, scope)

    monkeypatch.setattr(manifest, "ids_of", counted)
    made_up = [{"documentId": f"made up {number}"} for number in range(20)]
    for response in await asyncio.gather(*(post(strict, each) for each in made_up)):
        refused(response, *NOT_TRUSTED)
    assert readings == [SCOPE]
    strict.clock.step(COOLDOWN)
    assert answer(await post(strict, {"documentId": SHA})) == NAMED
    assert readings == [SCOPE]
    strict.clock.step(FRESH)
    for _ in range(3):
        assert answer(await post(strict, {"documentId": SHA})) == NAMED
    assert readings == [SCOPE, SCOPE]


async def test_where_the_database_does_not_answer_nobody_waits_in_line_for_it(
    strict: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"documentId": SHA}
    assert answer(await post(strict, body)) == NAMED
    strict.clock.step(FRESH)

    async def never(connection: Any, scope: Scope) -> Mapping[str, str]:
        silence: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        return await silence

    with monkeypatch.context() as broken:
        broken.setattr(manifest, "ids_of", never)
        broken.setattr(manifest, "PATIENCE", timedelta(milliseconds=20))
        for response in await asyncio.gather(*(post(strict, body) for _ in range(20))):
            refused(response, 500, "INTERNAL_SERVER_ERROR")
    assert answer(await post(strict, body)) == NAMED


async def test_nothing_is_recorded_of_what_is_not_trusted(strict: Door) -> None:
    refused(await post(strict, {"query": TEXT.replace("Name", "Other")}), *NOT_TRUSTED)
    assert await strict.entries() == []
    assert answer(await post(strict, {"documentId": SHA})) == NAMED
    assert len(await strict.entries()) == 1
