"""What is wrong with a token shows at every door: over HTTP, on a socket, in a page's session."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import orjson
import pytest

from server.keys import COOLDOWN
from server.session import new_session
from tests.browsing import SESSION, browsing
from tests.clock import Clock
from tests.door import HOLDER, Door, copy_of, opened, refused
from tests.forged import forged
from tests.issuer import Issuer, p256, rsa
from tests.say import Say
from tests.sockets import dialled, served, talking

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { role } }"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Gate:
    """A door that nothing refused changes, and the issuers of the keys that it trusts."""

    door: Door
    issuers: Mapping[str, Issuer]

    @cached_property
    def forged(self) -> Mapping[str, str]:
        return dict(forged(self.issuers, self.door.clock))

    def session(self, token: str) -> str:
        """A session as this server seals it, whoever's token it holds."""
        here = self.door.checkpoint
        held = replace(new_session(here), token=token, role="member", subject="m1")
        return here.seal.make("session", "pages", orjson.dumps(asdict(held)).decode())


@pytest.fixture(scope="module")
async def gate(seed_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gate]:
    folder, clock = tmp_path_factory.mktemp("forged"), Clock()
    async with opened(copy_of(seed_file, folder), clock, folder) as door:
        issuers = {"EdDSA": door.issuer}
        issuers |= {"ES256": Issuer(clock, p256()), "RS256": Issuer(clock, rsa())}
        published = [key for issuer in issuers.values() for key in issuer.published]
        (folder / "jwks.json").write_bytes(orjson.dumps({"keys": published}))
        clock.step(COOLDOWN)
        yield Gate(door, issuers)


async def test_there_are_many_and_each_is_another(gate: Gate, say: Say) -> None:
    every = list(forged(gate.issuers, gate.door.clock))
    assert len({name for name, _ in every}) == len({token for _, token in every}) == len(every)
    assert len(every) > 380
    say(f"{len(every)} forged tokens, each over HTTP, on a socket and in a session")


async def test_over_http_each_is_refused_alike(gate: Gate) -> None:
    for issuer in gate.issuers.values():
        await gate.door.ask(VIEWER, token=issuer.token())
    for name, token in gate.forged.items():
        response = await gate.door.send(VIEWER, token=token)
        assert response.status_code == 401, name
        refused(response, 401, "UNAUTHENTICATED")
        assert "error=" in response.headers["www-authenticate"], name
        assert token[:40] not in response.text, name
    assert await gate.door.entries() == []


async def test_no_socket_is_acknowledged_for_any(gate: Gate) -> None:
    async with served(gate.door) as address:
        for issuer in gate.issuers.values():
            async with talking(address, issuer.token()) as talk:
                assert (await talk.ask(VIEWER))["data"]
        for name, token in gate.forged.items():
            async with dialled(address) as talk:
                await talk.say(type="connection_init", payload={"authorization": f"Bearer {token}"})
                assert await talk.closed() == (4403, "UNAUTHENTICATED"), name


async def test_no_session_that_holds_one_shows_a_page(gate: Gate) -> None:
    """Not even one that this server sealed: what it holds is verified with each question."""
    async with browsing(gate.door) as browser:
        browser.client.cookies.set(SESSION, gate.session(gate.issuers["ES256"].member("m1")))
        await browser.visit("/privacy/")
        assert HOLDER in browser.text
        for name, token in gate.forged.items():
            browser.client.cookies.clear()
            browser.client.cookies.set(SESSION, gate.session(token))
            page = await browser.client.get("/privacy/", follow_redirects=False)
            assert page.headers["location"].startswith("/sign-in"), name
            assert HOLDER not in page.text, name


async def test_no_cookie_but_one_that_was_sealed_for_a_session_is_taken(gate: Gate) -> None:
    here, token = gate.door.checkpoint, gate.issuers["EdDSA"].member("m1")
    sealed = gate.session(token)
    held = here.seal.open("session", "pages", sealed)
    thief = type(here.seal)((b"thief" * 6 + b"..",))
    cookies = {
        "the token itself": token,
        "a node id of it": here.seal.node_id("pages", "session", held),
        "sealed for another use": here.seal.make("cursor", "pages", held),
        "sealed for another audience": here.seal.make("session", "member:m1", held),
        "sealed with another key": thief.make("session", "pages", held),
        "not sealed": held.encode().hex(),
        "nothing": "",
        "too short": sealed[:20],
        "too long": sealed + "AAAA",
        "spelt otherwise": sealed + "==",
        "twice": sealed + sealed,
        "no base64": "!" * len(sealed),
    }
    for place in range(0, len(sealed), 97):
        other = "A" if sealed[place] != "A" else "B"
        cookies[f"character {place}"] = sealed[:place] + other + sealed[place + 1 :]
    async with browsing(gate.door) as browser:
        for name, cookie in cookies.items():
            browser.client.cookies.clear()
            browser.client.cookies.set(SESSION, cookie)
            page = await browser.client.get("/privacy/", follow_redirects=False)
            assert page.headers["location"].startswith("/sign-in"), name
            assert HOLDER not in page.text, name
