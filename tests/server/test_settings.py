"""Settings are read once, checked at start, and never shown."""

import re
from pathlib import Path

import pytest

from policy.errors import StartUpError
from server.settings import (
    CHECKOUT,
    DEVELOPMENT_ISSUER,
    LogLevel,
    Mode,
    Settings,
    check_production,
    read_settings,
)

HEX = "00112233445566778899aabbccddeeff" * 2
BASE64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8="


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that sets nothing, in a folder without a `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEKISHO_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_default_is_production_on_sqlite() -> None:
    settings = read_settings()
    assert settings.mode is Mode.PRODUCTION
    assert settings.database_url == "sqlite+aiosqlite:///sekisho.db"
    assert (settings.allowed_origins, settings.log_level) == ((), LogLevel.INFO)


def test_the_environment_wins_over_the_file_and_what_is_given_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "PORT=1\nSEKISHO_ISSUER=file\nSEKISHO_AUDIENCE=file\nSEKISHO_MODE=development\n"
    )
    monkeypatch.setenv("SEKISHO_AUDIENCE", "environment")
    monkeypatch.setenv("SEKISHO_MODE", "production")
    settings = read_settings(mode="development", issuer=None)
    assert (settings.issuer, settings.audience) == ("file", "environment")
    assert settings.in_development


def test_an_empty_setting_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_LEDGER_URL", "")
    monkeypatch.setenv("SEKISHO_MODE", "")
    assert (read_settings().ledger_url, read_settings().mode) == (None, Mode.PRODUCTION)


def test_a_token_for_the_figures_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_METRICS_TOKEN", "unsaid" + "x" * 25)
    with pytest.raises(StartUpError, match="32 characters") as stopped:
        read_settings()
    assert "unsaid" not in str(stopped.value)
    monkeypatch.setenv("SEKISHO_METRICS_TOKEN", "unsaid" + "x" * 26)
    assert "unsaid" not in repr(read_settings())


def test_a_setting_nobody_knows_stops_start_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEKISHO_LEGDER_URL", "x")
    with pytest.raises(StartUpError, match="SEKISHO_LEGDER_URL"):
        read_settings()
    monkeypatch.delenv("SEKISHO_LEGDER_URL")
    (tmp_path / ".env").write_text("SEKISHO_ISUER=x")
    with pytest.raises(StartUpError, match="SEKISHO_ISUER"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MODE", "staging", "SEKISHO_MODE"),
        ("LOG_LEVEL", "loud", "SEKISHO_LOG_LEVEL"),
        ("ALLOWED_ORIGINS", "https://hunter2.example/", "as browsers send it"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "SEKISHO_DATABASE_URL: must begin with"),
        ("DATABASE_URL", "postgresql://root:hunter2@db/x", "postgresql\\+asyncpg"),
        ("LEDGER_URL", "hunter2", "SEKISHO_LEDGER_URL"),
        ("JWKS_URL", "ftp://hunter2", "SEKISHO_JWKS_URL"),
        ("OIDC_DISCOVERY_URL", "https://hunter2", "SEKISHO_OIDC_CLIENT_ID"),
        ("OIDC_SCOPE", "hunter2", "SEKISHO_OIDC_SCOPE"),
        ("ALLOWED_ORIGINS", "https://a.example,*", "SEKISHO_ALLOWED_ORIGINS"),
        ("ID_KEYS", "hunter2", "SEKISHO_ID_KEYS"),
        ("ID_KEYS", f"{HEX},{HEX[2:]}", "SEKISHO_ID_KEYS"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"SEKISHO_{name}", value)
    with pytest.raises(StartUpError, match=told) as refusal:
        read_settings()
    assert "hunter2" not in str(refusal.value)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert read_settings().allowed_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    "text", [HEX, HEX.upper(), BASE64, BASE64.rstrip("="), BASE64.replace("/", "_")]
)
def test_a_key_is_hexadecimal_or_base64(text: str) -> None:
    assert read_settings(id_keys=text).seal_keys == (bytes.fromhex(HEX),)


def test_the_first_key_comes_first() -> None:
    other = "ff" * 32
    keys = read_settings(id_keys=f"{other}, {BASE64}").seal_keys
    assert keys == (bytes.fromhex(other), bytes.fromhex(HEX))


def test_no_secret_is_shown() -> None:
    settings = read_settings(id_keys=HEX, database_url="postgresql+asyncpg://u:hunter2@db/x")
    assert HEX not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_production_needs_an_issuer_its_keys_and_id_keys() -> None:
    with pytest.raises(StartUpError) as refusal:
        check_production(read_settings())
    for name in ("SEKISHO_ISSUER", "SEKISHO_JWKS_URL", "SEKISHO_JWKS_FILE", "SEKISHO_ID_KEYS"):
        assert name in str(refusal.value)
    check_production(
        read_settings(issuer="https://id.example", jwks_url="https://id.example/k", id_keys=HEX)
    )


def test_production_fetches_no_keys_in_the_clear() -> None:
    with pytest.raises(StartUpError, match="https"):
        check_production(
            read_settings(issuer="https://id.example", jwks_url="http://id.example/k", id_keys=HEX)
        )


def test_production_signs_nobody_in_through_the_clear() -> None:
    described: dict[str, str] = {"jwks_url": "https://id.example/k", "oidc_client_id": "pages"}
    for url in ("https://id.example/d", "http://localhost/d", "http://id.example/d"):
        settings = read_settings(
            issuer="https://id.example", id_keys=HEX, oidc_discovery_url=url, **described
        )
        if url != "http://id.example/d":
            check_production(settings)
    with pytest.raises(StartUpError, match="SEKISHO_OIDC_DISCOVERY_URL must be"):
        check_production(settings)


def test_development_needs_nothing() -> None:
    settings = read_settings(mode="development")
    check_production(settings)
    assert settings.token_issuer == DEVELOPMENT_ISSUER


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    page = (CHECKOUT / "docs" / "settings.md").read_text()
    shown = re.findall(r"^\| `(SEKISHO_\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    assert sorted(shown) == sorted(
        (f"SEKISHO_{name.upper()}", _shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    )


def _shown(default: object) -> str:
    if isinstance(default, Path):
        default = default.relative_to(CHECKOUT)
    return f"`{default}`" if default else "-"
