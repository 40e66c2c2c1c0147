"""Development mode: a signing key and an id key of our own, and tokens made with it."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from policy.errors import StartUpError
from server.identity import SIGNATURES
from server.keys import Jwk, key_list
from server.settings import Settings

KID = "sekisho-development"
"""Every development key has it, so that production knows one when it sees one."""


@dataclass(frozen=True, slots=True)
class DevelopmentKey:
    """What one checkout signs and seals with while it is in development mode."""

    signing: OKPKey
    id_key: bytes = field(repr=False)

    @property
    def public(self) -> Jwk:
        """The part that verifies."""
        return self.signing.as_dict(private=False)

    def sign(self, claims: Mapping[str, object]) -> str:
        """A token that says `claims`."""
        header = {"alg": "EdDSA", "kid": KID, "typ": "JWT"}
        return jws.serialize_compact(
            header, orjson.dumps(dict(claims)), self.signing, registry=SIGNATURES
        )


def development_key(settings: Settings) -> DevelopmentKey:
    """The key of this checkout, made at first use. Raises StartUpError outside development mode."""
    if not settings.in_development:
        raise StartUpError(
            "This needs SEKISHO_MODE=development: in production tokens come from the issuer."
        )
    path = settings.development_key_file
    try:
        _make(path)
        return _parse(path.read_bytes())
    except OSError as fault:
        raise StartUpError(
            f"The development key {path.name} cannot be kept: {fault.strerror}. "
            "SEKISHO_DEVELOPMENT_KEY_FILE names another place."
        ) from fault


def refuse_development_keys(settings: Settings) -> None:
    """Refuse to start in production on a development key. Raises StartUpError."""
    if settings.in_development:
        return
    path = settings.development_key_file
    ours = _parse(path.read_bytes()) if path.exists() else None
    for jwk in key_list(settings.jwks_file.read_bytes()) if settings.jwks_file else ():
        if jwk.get("kid") == KID or (ours and jwk.get("x") == ours.public["x"]):
            raise StartUpError("SEKISHO_JWKS_FILE holds a development key: anybody here can sign.")
    if ours and ours.id_key in settings.seal_keys:
        raise StartUpError("SEKISHO_ID_KEYS holds a development key: `openssl rand -hex 32`.")


def _make(path: Path) -> None:
    """Write a new key where there is none, whole or not at all, readable by its owner alone."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing = OKPKey.generate_key("Ed25519", parameters={"kid": KID})
    content = {
        "signing": signing.as_dict(private=True),
        "id_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(orjson.dumps(content))
        # A link, unlike a rename, leaves a key alone that another process made meanwhile.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _parse(content: bytes) -> DevelopmentKey:
    try:
        document = orjson.loads(content)
        return DevelopmentKey(
            OKPKey.import_key(document["signing"]), base64.b64decode(document["id_key"])
        )
    except (JoseError, ValueError, TypeError, LookupError) as fault:
        raise StartUpError(
            "The development key file is damaged: delete it, and a new one is made."
        ) from fault
