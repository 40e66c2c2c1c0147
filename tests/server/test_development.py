"""Development mode has a key of its own, and production knows it when it sees it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from policy.errors import StartUpError
from server.development import development_key, refuse_development_keys
from server.identity import Identity
from server.keys import KeyRing, given_keys
from server.settings import CHECKOUT, Mode, Settings
from tests.clock import Clock
from tests.issuer import Issuer


def development(tmp_path: Path) -> Settings:
    return Settings(mode=Mode.DEVELOPMENT, development_key_file=tmp_path / "own" / "key.json")


def production(tmp_path: Path, **given: object) -> Settings:
    return Settings(
        mode=Mode.PRODUCTION,
        development_key_file=tmp_path / "own" / "key.json",
        **given,  # type: ignore[arg-type]  # pydantic reads them
    )


def test_a_checkout_keeps_its_key(tmp_path: Path) -> None:
    first, second = (development_key(development(tmp_path)) for _ in range(2))
    assert first.public == second.public
    assert first.id_key == second.id_key
    assert len(first.id_key) == 32


def test_the_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = development(tmp_path)
    development_key(settings)
    assert stat.S_IMODE(settings.development_key_file.stat().st_mode) == 0o600
    assert [path.name for path in settings.development_key_file.parent.iterdir()] == ["key.json"]


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(development_key, [development(tmp_path)] * 8))
    assert len({key.id_key for key in keys}) == 1


def test_the_key_file_is_ignored_by_git() -> None:
    kept = Settings().development_key_file.relative_to(CHECKOUT)
    assert f"/{kept.parts[0]}/" in (CHECKOUT / ".gitignore").read_text().splitlines()


@pytest.mark.anyio
async def test_its_tokens_open_the_door(tmp_path: Path, clock: Clock) -> None:
    key = development_key(development(tmp_path))
    ring = KeyRing(given_keys(key.public), clock)
    door = Identity(ring, "https://id.example", "sekisho", clock)
    token = key.sign(Issuer(clock).claims())
    assert (await door.requester([f"Bearer {token}"])).company == "card"


def test_production_has_no_development_key(tmp_path: Path) -> None:
    with pytest.raises(StartUpError, match="SEKISHO_MODE=development"):
        development_key(production(tmp_path))
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("kid", ["sekisho-development", "renamed"])
def test_production_does_not_start_on_a_development_key(tmp_path: Path, kid: str) -> None:
    key = development_key(development(tmp_path))
    jwks = tmp_path / "jwks.json"
    jwks.write_bytes(orjson.dumps({"keys": [{**key.public, "kid": kid}]}))
    with pytest.raises(StartUpError, match="SEKISHO_JWKS_FILE holds a development key"):
        refuse_development_keys(production(tmp_path, jwks_file=jwks))


def test_production_does_not_start_on_a_development_id_key(tmp_path: Path) -> None:
    key = development_key(development(tmp_path))
    with pytest.raises(StartUpError, match="SEKISHO_ID_KEYS holds a development key"):
        refuse_development_keys(production(tmp_path, id_keys=key.id_key.hex()))


def test_production_starts_on_keys_of_its_own(tmp_path: Path, clock: Clock) -> None:
    development_key(development(tmp_path))
    jwks = tmp_path / "jwks.json"
    jwks.write_bytes(orjson.dumps({"keys": Issuer(clock).published}))
    refuse_development_keys(production(tmp_path, jwks_file=jwks, id_keys="ab" * 32))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"signing": {}, "id_key": ""}'])
def test_a_damaged_key_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    settings = development(tmp_path)
    settings.development_key_file.parent.mkdir()
    settings.development_key_file.write_text(content)
    with pytest.raises(StartUpError, match="delete it"):
        development_key(settings)


def test_no_secret_is_shown(tmp_path: Path) -> None:
    key = development_key(development(tmp_path))
    assert repr(key.id_key) not in repr(key)
