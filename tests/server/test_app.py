"""Around GraphQL: the schema's text, health, refusals to start, other origins, the request log."""

import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from policy.errors import StartUpError
from server import health
from server.keys import COOLDOWN
from server.settings import CHECKOUT, Mode
from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.issuer import ed25519

pytestmark = pytest.mark.anyio


def change(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


async def test_the_greeting_names_the_addresses(door: Door) -> None:
    response = await door.client.get("/")
    assert response.headers["content-type"].startswith("text/plain")
    assert "/schema.graphql" in response.text


async def test_the_schema_is_served_as_it_is_committed(door: Door) -> None:
    response = await door.client.get("/schema.graphql")
    assert response.text == (CHECKOUT / "schema" / "schema.graphql").read_text()


async def test_the_schema_is_not_sent_to_whoever_has_it(door: Door) -> None:
    tag = (await door.client.get("/schema.graphql")).headers["etag"]
    again = await door.client.get("/schema.graphql", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = await door.client.get("/schema.graphql", headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


async def test_the_schema_travels_packed_to_whoever_can_unpack_it(door: Door) -> None:
    path = "/schema.graphql"
    packed = await door.client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = await door.client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 4


async def test_a_live_server_is_alive(door: Door) -> None:
    assert (await door.client.get("/healthz")).json() == {"alive": True}


async def readiness(door: Door) -> tuple[int, dict[str, bool]]:
    response = await door.client.get("/readyz")
    return response.status_code, response.json()


async def test_a_ready_server_is_ready(door: Door) -> None:
    assert await readiness(door) == (200, {"database": True, "catalogue": True, "ledger": True})


@pytest.mark.parametrize(
    ("statement", "file", "missing"),
    [
        ("DROP TABLE sekisho_revision", "copy.db", "database"),
        ("UPDATE catalogue_version SET version = 'another'", "copy.db", "catalogue"),
        ("DROP TABLE ledger_entry", "copy-ledger.db", "ledger"),
    ],
)
async def test_what_stands_in_the_way_is_named(
    door: Door, tmp_path: Path, statement: str, file: str, missing: str
) -> None:
    await readiness(door)
    change(tmp_path / file, statement)
    status, found = await readiness(door)
    assert status == 503
    assert [name for name, ready in found.items() if not ready] == [missing]


async def test_a_server_that_would_only_let_callers_wait_is_not_ready(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "WITHIN", 1.0)
    async with AsyncExitStack() as busy:
        for _ in range(8):
            await busy.enter_async_context(door.checkpoint.database.read())
        assert await readiness(door) == (
            503,
            {"database": False, "catalogue": False, "ledger": True},
        )
    assert (await readiness(door))[0] == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/graphql/", "/graphql/x", "/workbench/nothing", "/%00"]
)
async def test_a_path_that_leads_nowhere_is_told_in_json(door: Door, path: str) -> None:
    response = await door.client.get(path)
    assert response.status_code == 404
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["correlationId"]


async def test_a_method_that_a_path_does_not_take_is_told_in_json(door: Door) -> None:
    response = await door.client.post("/schema.graphql")
    assert response.status_code == 405
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_unexpected_fault_anywhere_is_a_fixed_text(door: Door) -> None:
    del door.app.state.checkpoint
    with structlog.testing.capture_logs() as logged:
        response = await door.client.get("/schema.graphql")
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    (fault,) = [line for line in logged if line["event"] == "fault"]
    assert fault["decision_id"] == error["extensions"]["correlationId"]
    assert fault["fault"] == "builtins.AttributeError"


async def test_a_request_is_one_line_without_what_was_asked(door: Door) -> None:
    with structlog.testing.capture_logs() as logged:
        await door.send(
            'query Mihon { memberByAccount(accountId: "card-m1") { fullName } }',
            purpose="own:card:service",
            headers={"Sekisho-Reference": "CASE-7"},
        )
        await door.client.get("/card-m1?fullName=x")
        await door.client.request("MIHON", "/healthz")
    asked, unknown, odd = [line for line in logged if line["event"] == "request"]
    assert asked.pop("milliseconds") > 0
    assert asked == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "decision_id": "decision-1",
        "company": "card",
        "role": "service",
    }
    assert (unknown["path"], unknown["status"]) == ("other", 404)
    assert odd["method"] == "other"
    for secret in ("Mihon", "card-m1", "fullName", "CASE-7", "card-backend", "見本", "Bearer"):
        assert secret not in str(logged)


async def test_a_member_s_request_does_not_name_the_member(door: Door) -> None:
    with structlog.testing.capture_logs() as logged:
        await door.send("{ me { fullName } }", token=door.issuer.member("m1"))
    assert "m1" not in str(logged)


async def refuses(url: str, clock: Clock, folder: Path, told: str, **settings: Any) -> None:
    with structlog.testing.capture_logs() as logged, pytest.raises(StartUpError, match=told):
        async with opened(url, clock, folder, **settings):
            pass
    assert [line["event"] for line in logged] == ["refused_to_start"]


async def test_an_empty_database_stops_the_start(clock: Clock, tmp_path: Path) -> None:
    await refuses(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}", clock, tmp_path, "sekisho seed")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE sekisho_revision SET version_num = '0000'", "run `sekisho migrate`"),
        ("UPDATE catalogue_version SET version = 'another'", "files differ"),
        ("UPDATE catalogue_version SET active = 0", "holds no catalogue"),
    ],
)
async def test_a_database_of_another_make_stops_the_start(
    seed_file: Path, clock: Clock, tmp_path: Path, statement: str, told: str
) -> None:
    url = copy_of(seed_file, tmp_path)
    change(tmp_path / "copy.db", statement)
    await refuses(url, clock, tmp_path, told)


async def test_a_ledger_of_another_revision_stops_the_start(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    url = copy_of(seed_file, tmp_path)
    change(tmp_path / "copy-ledger.db", "UPDATE ledger_revision SET version_num = '0002'")
    await refuses(url, clock, tmp_path, "copy-ledger.db is at revision 0002")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"issuer": None}, "SEKISHO_ISSUER"),
        ({"id_keys": None}, "SEKISHO_ID_KEYS"),
        ({"jwks_file": None}, "SEKISHO_JWKS_FILE"),
        ({"jwks_file": Path("nothing.json")}, "cannot be read"),
    ],
)
async def test_production_without_what_it_needs_does_not_start(
    seed_file: Path, clock: Clock, tmp_path: Path, settings: dict[str, Any], told: str
) -> None:
    await refuses(copy_of(seed_file, tmp_path), clock, tmp_path, told, **settings)


async def test_development_trusts_its_own_key_and_the_issuer_s(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    url, settings = copy_of(seed_file, tmp_path), {"mode": Mode.DEVELOPMENT, "id_keys": None}
    async with opened(url, clock, tmp_path, **settings) as door:
        assert (await door.send("{ viewer { role } }")).status_code == 200
        own = orjson.loads((tmp_path / "no-development-key.json").read_bytes())["signing"]
        door.issuer.key = type(ed25519()).import_key(own)
        assert (await door.send("{ viewer { role } }")).status_code == 200
        assert door.issuer.key.kid == "sekisho-development"


async def test_production_trusts_no_development_key_that_its_issuer_publishes(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    async with opened(copy_of(seed_file, tmp_path), clock, tmp_path) as door:
        key = ed25519("sekisho-development")
        keys = [*door.issuer.published, key.as_dict(private=False)]
        (tmp_path / "jwks.json").write_bytes(orjson.dumps({"keys": keys}))
        token, door.issuer.key = door.issuer.token(), key
        clock.step(COOLDOWN)
        assert (await door.send("{ viewer { role } }")).status_code == 401
        assert (await door.send("{ viewer { role } }", token=token)).status_code == 200
