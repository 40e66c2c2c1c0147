"""SQLite's file is moved away and back under a server: it says so, waits, and makes no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from server.refusals import UNREACHABLE, UNSETTLED
from tests.acts import do, member, operation, states
from tests.door import Door, refused
from tests.sockets import served, talking

pytestmark = pytest.mark.anyio

READ = "{ members(first: 5) { nodes { id fullName } } }"
PURPOSE = "own:card:service"
WITHDRAWING = operation("withdrawConsent", "userErrors { code }", {"items": ["B.use"]})


@contextmanager
def gone(tmp_path: Path) -> Iterator[None]:
    """The file has another name for a while, and nothing has its own."""
    file, elsewhere = tmp_path / "copy.db", tmp_path / "elsewhere.db"
    file.rename(elsewhere)
    yield
    assert not file.exists()
    elsewhere.rename(file)


async def test_it_is_told_as_such_and_served_from_again(door: Door, tmp_path: Path) -> None:
    before = await door.ask(READ, purpose=PURPOSE)
    with gone(tmp_path), structlog.testing.capture_logs() as logged:
        for answer, text in (
            (await door.send(READ, purpose=PURPOSE), UNREACHABLE),
            (await door.send(*WITHDRAWING, token=member(door, "m1")), UNSETTLED),
        ):
            told = refused(answer, 503, "DATABASE_UNAVAILABLE")
            assert told["errors"][0]["message"] == text
            assert answer.headers["retry-after"] == "1"
        ready = await door.client.get("/readyz")
        assert ready.json() == {"database": False, "catalogue": False, "ledger": True}
    faults = [line for line in logged if line["event"] == "fault"]
    assert {line["fault"] for line in faults} == {"models.outage.Unreachable"}
    assert (await door.client.get("/readyz")).status_code == 200
    after = await door.ask(READ, purpose=PURPOSE)
    assert after["data"] == before["data"]
    consents = "consents { item { key } state }"
    given = await do(door, "withdrawConsent", member(door, "m1"), consents, items=["A"])
    assert states(given)["A"] == "WITHDRAWN"


async def test_sockets_are_told_alike(door: Door, tmp_path: Path) -> None:
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        with gone(tmp_path):
            error = await talk.refused(READ)
        assert error["message"] == UNREACHABLE
        assert error["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        assert (await talk.ask(READ))["data"]
