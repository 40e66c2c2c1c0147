"""What the environment says: the one table of settings, `SEKISHO_*` and `.env`."""

import base64
import binascii
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict
from strawberry.http.websocket_origin import normalize_origin

from policy.errors import StartUpError
from server.allowance import Allowance
from server.limit_settings import LimitSettings

PREFIX = "SEKISHO_"
CHECKOUT = Path(__file__).resolve().parent.parent
DEVELOPMENT_ISSUER = "sekisho-development"

_DRIVERS = ("sqlite+aiosqlite://", "postgresql+asyncpg://")
_ID_KEY_BYTES = 32
_METRICS_TOKEN = 32


class Mode(StrEnum):
    """Whether the development key is trusted."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class Trust(StrEnum):
    """What documents companies' systems may ask."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class LogLevel(StrEnum):
    """What is worth a line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(Allowance, LimitSettings):
    """Read once at start; each field is `SEKISHO_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    mode: Mode = Field(
        default=Mode.PRODUCTION,
        description="`production`, or `development`: demo tokens, refused for real data.",
    )
    database_url: str = Field(
        default="sqlite+aiosqlite:///sekisho.db",
        repr=False,
        description="Where members, consents and the catalogue lie: SQLite or PostgreSQL.",
    )
    replica_url: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description=(
            "Streaming replicas of the PostgreSQL database to read from, separated by commas; "
            "none if unset."
        ),
    )
    ledger_url: str | None = Field(
        default=None,
        repr=False,
        description="Where disclosures are recorded; beside the database if unset.",
    )
    jwks_url: str | None = Field(
        default=None, description="The issuer's public keys, fetched over HTTPS."
    )
    jwks_file: Path | None = Field(default=None, description="The issuer's public keys, as a file.")
    issuer: str | None = Field(default=None, description="The `iss` that tokens must carry.")
    audience: str = Field(default="sekisho", description="The `aud` that tokens must carry.")
    id_keys: SecretStr | None = Field(
        default=None,
        description=(
            "32-byte keys of node ids and cursors, hexadecimal or base64, separated by commas: "
            "the first makes, all are read."
        ),
    )
    trusted_documents: Trust | None = Field(
        default=None,
        description=(
            "`required`: systems ask trusted documents alone; `optional`: any. Unset, they are "
            "required in production and optional in development."
        ),
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description=(
            "Origins whose pages may call (CORS, WebSocket), separated by commas; none if unset."
        ),
    )
    oidc_discovery_url: str | None = Field(
        default=None,
        description=(
            "Where the issuer describes itself for signing in at the pages: "
            "`https://…/.well-known/openid-configuration`."
        ),
    )
    oidc_client_id: str | None = Field(
        default=None, description="As which client of the issuer the pages sign people in."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="That client's secret; a public client has none."
    )
    oidc_scope: str = Field(
        default="openid", description="What is asked of the issuer, parted by spaces."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description=(
            "Who sends it as Bearer reads `/metrics`, 32 characters at least; if unset, nobody "
            "does, but in development whoever is on this machine."
        ),
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="`debug`, `info`, `warning` or `error`; never a personal value.",
    )
    development_key_file: Path = Field(
        default=CHECKOUT / ".sekisho" / "development-key.json",
        description="Where development mode keeps its signing key; ignored by git.",
    )

    @field_validator("allowed_origins", "replica_url", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in origins:
            raise ValueError("name each origin; `*` would let every page call")
        if any(normalize_origin(origin) != origin for origin in origins):
            raise ValueError("write each origin as browsers send it: https://app.example")
        return origins

    @field_validator("database_url", "ledger_url")
    @classmethod
    def _known_driver(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(_DRIVERS):
            raise ValueError(f"must begin with one of {', '.join(_DRIVERS)}")
        return url

    @field_validator("metrics_token")
    @classmethod
    def _not_guessed(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < _METRICS_TOKEN:
            raise ValueError("is at least 32 characters long; `openssl rand -hex 32` makes one")
        return token

    @field_validator("jwks_url", "oidc_discovery_url")
    @classmethod
    def _http(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("must be an https:// address")
        return url

    @model_validator(mode="after")
    def _readable_keys(self) -> Self:
        _ = self.seal_keys
        return self

    @model_validator(mode="after")
    def _whole_client(self) -> Self:
        if self.oidc_discovery_url and not self.oidc_client_id:
            raise ValueError("SEKISHO_OIDC_DISCOVERY_URL needs SEKISHO_OIDC_CLIENT_ID beside it")
        if "openid" not in self.oidc_scope.split():
            raise ValueError("SEKISHO_OIDC_SCOPE must ask for `openid`")
        return self

    @property
    def seal_keys(self) -> tuple[bytes, ...]:
        """The keys of `SEKISHO_ID_KEYS`, decoded; () if unset."""
        text = self.id_keys.get_secret_value() if self.id_keys else ""
        return tuple(_id_key(part.strip()) for part in text.split(",") if part.strip())

    @property
    def in_development(self) -> bool:
        return self.mode is Mode.DEVELOPMENT

    @property
    def trusted_alone(self) -> bool:
        """Whether systems ask trusted documents and no others."""
        return self.trusted_documents is Trust.REQUIRED or (
            self.trusted_documents is None and not self.in_development
        )

    @property
    def token_issuer(self) -> str | None:
        """The `iss` asked of tokens: in development there is one of our own."""
        return self.issuer or (DEVELOPMENT_ISSUER if self.in_development else None)


def read_settings(**given: object) -> Settings:
    """The environment's settings, or in their place what is given here. Raises StartUpError."""
    _refuse_unknown({*os.environ, *dotenv_values(".env")})  # noqa: TID251 (read here alone)
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as fault:
        raise StartUpError("\n".join(_findings(fault))) from None


def check_production(settings: Settings) -> None:
    """Refuse production without what only development may lack. Raises StartUpError."""
    if settings.in_development:
        return
    missing = [
        name
        for name, value in (
            ("SEKISHO_ISSUER", settings.issuer),
            ("SEKISHO_JWKS_URL or SEKISHO_JWKS_FILE", settings.jwks_url or settings.jwks_file),
            ("SEKISHO_ID_KEYS", settings.id_keys),
        )
        if not value
    ]
    if missing:
        raise StartUpError(
            f"Production needs {', '.join(missing)}. Set them, or SEKISHO_MODE=development to try "
            "Sekisho on its demo world."
        )
    for name, url in (
        ("SEKISHO_JWKS_URL", settings.jwks_url),
        ("SEKISHO_OIDC_DISCOVERY_URL", settings.oidc_discovery_url),
    ):
        if url and not _private_way(url):
            raise StartUpError(f"{name} must be an https:// address: keys decide who may read.")


def _private_way(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in {"127.0.0.1", "localhost", "::1"}


def _id_key(text: str) -> bytes:
    try:
        if len(text) == 2 * _ID_KEY_BYTES:
            return bytes.fromhex(text)
        plain = text.rstrip("=").replace("-", "+").replace("_", "/")
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _ID_KEY_BYTES:
        raise ValueError(
            "SEKISHO_ID_KEYS: each key is 32 bytes, as 64 hexadecimal digits or as base64; "
            "`openssl rand -hex 32` makes one"
        )
    return key


def _refuse_unknown(names: Iterable[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in names if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise StartUpError(
            f"Unknown setting {', '.join(unknown)}. The settings are {', '.join(sorted(known))}."
        )


def _findings(fault: ValidationError) -> Iterable[str]:
    for error in fault.errors(include_url=False, include_input=False, include_context=False):
        name = "".join(PREFIX + str(part).upper() + ": " for part in error["loc"][:1])
        yield name + error["msg"].removeprefix("Value error, ")
