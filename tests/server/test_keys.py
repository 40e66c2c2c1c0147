"""The issuer's keys are those it publishes now, asked for no oftener than needed."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey

from policy.errors import StartUpError
from server.keys import (
    COOLDOWN,
    EARLY,
    EXPIRY,
    MAX_AGE,
    Jwk,
    KeyRing,
    NoKeys,
    check_key_file,
    key_address,
    key_file,
    usable,
)
from tests.clock import Clock
from tests.issuer import ed25519, p256, rsa

pytestmark = pytest.mark.anyio

ED, EC = ed25519(), p256()
with pytest.warns(SecurityWarning):
    WEAK = rsa("weak", bits=1024)


class Published:
    """A key set that can change or be out of reach, and counts how often it is read."""

    def __init__(self, *keys: Jwk) -> None:
        self.keys: Sequence[Jwk] | None = keys
        self.readings = 0

    async def __call__(self) -> Sequence[Jwk]:
        self.readings += 1
        if self.keys is None:
            raise NoKeys("out of reach")
        return self.keys


def public(key: Any, **changed: Any) -> Jwk:
    return {**key.as_dict(private=False), **changed}


async def test_a_known_key_is_found_without_asking_again(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    assert await ring.find("ed")
    assert await ring.find("ed")
    assert published.readings == 1


async def test_an_unknown_key_is_asked_for_once_in_a_while(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    for number in range(9):
        assert await ring.find(f"made up {number}") is None
    assert published.readings == 1
    published.keys = (public(ED), public(EC))
    clock.step(COOLDOWN)
    assert await ring.find("ec")
    assert published.readings == 2


async def test_a_key_that_was_withdrawn_is_trusted_ten_minutes_at_most(clock: Clock) -> None:
    published = Published(public(ED), public(EC))
    ring = KeyRing(published, clock)
    assert await ring.find("ec")
    published.keys = (public(ED),)
    clock.step(MAX_AGE)
    assert await ring.find("ec") is None
    assert await ring.find("ed")


async def test_however_many_make_up_keys_at_once_they_are_asked_for_once(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    for _ in range(2):
        found = await asyncio.gather(*(ring.find(f"made up {number}") for number in range(500)))
        assert not any(found)
        assert await ring.find("ed")
    assert published.readings == 1


async def test_a_busy_server_reads_the_set_beside_its_requests(clock: Clock) -> None:
    answer = asyncio.Event()
    published = Published(public(ED))

    async def source() -> Sequence[Jwk]:
        await answer.wait()
        return await published()

    ring = KeyRing(source, clock)
    answer.set()
    assert await ring.find("ed")
    answer.clear()
    published.keys = (public(EC),)
    for _ in range(9):
        clock.step(EARLY)
        assert await ring.find("ed")  # nobody waits, and no other reading begins meanwhile
        await asyncio.sleep(0)  # to let it begin
    assert published.readings == 1
    answer.set()
    assert ring.reading is not None
    await ring.reading
    assert published.readings == 2
    assert await ring.find("ec")
    assert ring.generation == 2


async def test_while_the_issuer_is_down_one_request_waits_and_no_other(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    assert await ring.find("ed")
    published.keys = None
    clock.step(MAX_AGE)
    assert await ring.find("ed")
    assert (published.readings, ring.reading) == (2, None)
    for _ in range(9):
        clock.step(COOLDOWN)
        assert await ring.find("ed")
        assert ring.reading is not None
        await ring.reading
    assert published.readings == 11
    published.keys = (public(EC),)
    clock.step(COOLDOWN)
    assert await ring.find("ec")


async def test_keys_outlive_a_source_out_of_reach_for_a_day(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    await ring.read()
    published.keys = None
    clock.step(EXPIRY - timedelta(seconds=1))
    assert await ring.find("ed")
    clock.step(timedelta(seconds=1))
    assert await ring.find("ed") is None


async def test_a_generation_is_a_change_of_keys(clock: Clock) -> None:
    published = Published(public(ED))
    ring = KeyRing(published, clock)
    generations = []
    for keys in ((public(ED),), (public(ED),), (public(ED), public(EC)), (public(EC, kid="ed"),)):
        published.keys = keys
        clock.step(COOLDOWN)
        await ring.read()
        generations.append(ring.generation)
    assert generations == [1, 1, 2, 3]


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "OKP", "kid": "x"},
        {"kty": "nonsense", "kid": "x"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!", "kid": "x"},
        {"kty": "RSA", "n": 1, "e": 2, "kid": "x"},
        {k: v for k, v in public(ED).items() if k != "kid"},
        public(ED, use="enc"),
        public(ED, alg="ES256"),
        public(ED, kid=7),
        public(OKPKey.generate_key("X25519"), kid="x"),
        public(ECKey.generate_key("P-384"), kid="x"),
        public(WEAK),
        ED.as_dict(private=True),
        OctKey.generate_key(256).as_dict(private=True, kid="x"),
    ],
)
def test_a_key_that_cannot_sign_here_is_left_aside(jwk: Jwk) -> None:
    assert list(usable([jwk, public(EC)])) == ["ec"]


async def test_a_file_is_read_anew(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(orjson.dumps({"keys": [public(ED)]}))
    ring = KeyRing(key_file(path), clock)
    assert await ring.find("ed")
    path.write_bytes(orjson.dumps({"keys": [public(EC)]}))
    clock.step(MAX_AGE)
    assert await ring.find("ec")
    path.unlink()
    clock.step(MAX_AGE)
    assert await ring.find("ec")


@pytest.fixture
def address() -> Any:
    """A server on this machine that answers what it is told to."""
    answers: dict[str, tuple[int, bytes]] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answers["/"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()

    def answer(status: int, content: bytes) -> str:
        answers["/"] = (status, content)
        return f"http://127.0.0.1:{server.server_port}/"

    yield answer
    server.shutdown()
    server.server_close()


async def test_an_address_is_asked(address: Callable[[int, bytes], str], clock: Clock) -> None:
    url = address(200, orjson.dumps({"keys": [public(ED)]}))
    assert await KeyRing(key_address(url), clock).find("ed")


@pytest.mark.parametrize(
    ("status", "content"), [(500, b""), (302, b""), (200, b"<html>"), (200, b"[]"), (200, b"{}")]
)
async def test_an_address_that_tells_no_keys_changes_nothing(
    address: Callable[[int, bytes], str], clock: Clock, status: int, content: bytes
) -> None:
    ring = KeyRing(key_address(address(status, content)), clock)
    assert await ring.find("ed") is None
    assert ring.generation == 0


async def test_an_address_out_of_reach_changes_nothing(clock: Clock) -> None:
    assert await KeyRing(key_address("http://127.0.0.1:1/keys"), clock).find("ed") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "no JSON Web Key Set"),
        (b'{"keys": []}', "no signing key"),
        (orjson.dumps({"keys": [public(WEAK)]}), "no signing key"),
        (orjson.dumps({"keys": [ED.as_dict(private=True)]}), "secret key"),
    ],
)
def test_a_key_file_of_no_use_stops_start_up(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    with pytest.raises(StartUpError, match=told):
        check_key_file(path)


def test_a_missing_key_file_stops_start_up(tmp_path: Path) -> None:
    with pytest.raises(StartUpError, match="cannot be read"):
        check_key_file(tmp_path / "nothing.json")
