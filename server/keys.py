"""The issuer's public keys: read from a file or an address, and read again when one is unknown."""

import asyncio
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from policy.errors import StartUpError
from server.clock import Clock, now

Jwk = Mapping[str, object]
KeySource = Callable[[], Awaitable[Sequence[Jwk]]]

COOLDOWN = timedelta(seconds=30)
"""At most one reading in this time, whatever key ids callers make up."""
EARLY = timedelta(minutes=5)
"""Past it the set is read again beside the requests, none of which waits for that."""
MAX_AGE = timedelta(minutes=10)
"""Past it a request waits for the set, so that a key withdrawn by the issuer is withdrawn here."""
EXPIRY = timedelta(days=1)
"""Past it a set that could not be read again is trusted no more."""

_TIMEOUT_SECONDS = 5
_MIN_RSA_BITS = 2048

log = structlog.get_logger("sekisho.keys")


class NoKeys(Exception):
    """The source gave no key set."""


class KeyRing:
    """Public signing keys by `kid`. `generation` counts the changes of the set."""

    def __init__(self, source: KeySource, clock: Clock = now) -> None:
        self._source = source
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._tried_at: datetime | None = None
        self._read_at: datetime | None = None
        self._lock = asyncio.Lock()
        self.generation = 0
        self.reading: asyncio.Task[None] | None = None
        """Beside the requests."""

    async def find(self, kid: str) -> Key | None:
        """The key of this id, read anew where it is unknown or the set has aged."""
        if kid not in self._keys or (self._passed(MAX_AGE, self._read_at) and self._answered):
            await self.read()
        elif self._passed(EARLY, self._read_at) and not self._reading:
            self.reading = asyncio.create_task(self.read())
        return None if self._passed(EXPIRY, self._read_at) else self._keys.get(kid)

    async def read(self) -> None:
        """Read the source, unless that was tried just now; what is out of reach changes nothing."""
        async with self._lock:
            if not self._passed(COOLDOWN, self._tried_at):
                return
            self._tried_at = self._clock()
            try:
                keys = usable(await self._source())
            except NoKeys as fault:
                log.warning("keys_unavailable", reason=str(fault))
                return
            self._read_at = self._tried_at
            if _thumbprints(keys) != _thumbprints(self._keys):
                self._keys = keys
                self.generation += 1

    @property
    def _answered(self) -> bool:
        """Nobody is reading, and the last reading gave a set: it is worth waiting for the next."""
        return self._read_at == self._tried_at

    @property
    def _reading(self) -> bool:
        return self.reading is not None and not self.reading.done()

    def _passed(self, time: timedelta, since: datetime | None) -> bool:
        return since is None or self._clock() - since >= time


def key_file(path: Path) -> KeySource:
    """The key set in a file."""

    async def read() -> Sequence[Jwk]:
        try:
            return key_list(await asyncio.to_thread(path.read_bytes))
        except OSError as fault:
            raise NoKeys("the file cannot be read") from fault

    return read


def key_address(url: str) -> KeySource:
    """The key set behind an address."""
    import httpx  # noqa: PLC0415 (servers that are given a file do without)

    async def read() -> Sequence[Jwk]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.get(url)
                answer.raise_for_status()
        except httpx.HTTPError as fault:
            raise NoKeys(f"the address does not answer ({type(fault).__name__})") from fault
        return key_list(answer.content)

    return read


def given_keys(*keys: Jwk) -> KeySource:
    """A key set that is at hand."""

    async def read() -> Sequence[Jwk]:
        return keys

    return read


def key_list(content: bytes) -> Sequence[Jwk]:
    """The keys of a JWKS document. Raises NoKeys."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise NoKeys("it is not JSON") from fault
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise NoKeys("it is no JSON Web Key Set")
    return [key for key in keys if isinstance(key, dict)]


def check_key_file(path: Path) -> None:
    """Refuse a key set that verifies nothing or tells a secret. Raises StartUpError."""
    try:
        keys = key_list(path.read_bytes())
    except OSError as fault:
        raise StartUpError(f"SEKISHO_JWKS_FILE cannot be read: {fault.strerror}.") from fault
    except NoKeys as fault:
        raise StartUpError(f"SEKISHO_JWKS_FILE: {fault}.") from fault
    if any("d" in key or "k" in key for key in keys):
        raise StartUpError("SEKISHO_JWKS_FILE holds a secret key: publish the public part alone.")
    if not usable(keys):
        raise StartUpError(
            "SEKISHO_JWKS_FILE holds no signing key with a `kid` for EdDSA, ES256 or RS256."
        )


def usable(keys: Sequence[Jwk]) -> Mapping[str, Key]:
    """The public keys with a `kid` for one of our three algorithms; others are left aside."""
    ring: dict[str, Key] = {}
    for jwk in keys:
        kid = jwk.get("kid")
        if not isinstance(kid, str) or "d" in jwk or jwk.get("use", "sig") != "sig":
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SecurityWarning)
                key = import_key(dict(jwk))  # type: ignore[arg-type]  # checked by joserfc itself
        except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):
            continue
        algorithm = algorithm_of(key)
        if algorithm and jwk.get("alg", algorithm) == algorithm:
            ring.setdefault(kid, key)
    return ring


def algorithm_of(key: Key) -> str | None:
    """The one algorithm that a key of this kind may sign with, whatever a token's header says."""
    match key:
        case OKPKey() if key.curve_name == "Ed25519":
            return "EdDSA"
        case ECKey() if key.curve_name == "P-256":
            return "ES256"
        case RSAKey() if key.raw_value.key_size >= _MIN_RSA_BITS:
            return "RS256"
    return None


def _thumbprints(keys: Mapping[str, Key]) -> set[tuple[str, str]]:
    return {(kid, key.thumbprint()) for kid, key in keys.items()}
