"""An issuer of tokens with real keys, for the tests of everything behind the door."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from server.identity import SIGNATURES
from server.keys import Jwk
from tests.clock import Clock

ISSUER = "https://id.example"
AUDIENCE = "sekisho"
ALGORITHMS = {"OKP": "EdDSA", "EC": "ES256", "RSA": "RS256"}


def ed25519(kid: str = "ed") -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": kid})


def p256(kid: str = "ec") -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": kid})


def rsa(kid: str = "rsa", bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, parameters={"kid": kid})


@dataclass
class Issuer:
    """Signs what it is asked to; `published` is its key set."""

    clock: Clock
    key: Key = field(default_factory=ed25519)

    @property
    def published(self) -> list[Jwk]:
        return [self.key.as_dict(private=False)]

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a system of `card`; a claim changed to None is left out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + int(timedelta(hours=1).total_seconds()),
            "sub": "card-backend",
            "company": "card",
            "role": "service",
            "purposes": ["own:card:*", "id_login"],
        } | changed
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changed: Any) -> str:
        return self.sign(orjson.dumps(self.claims(**changed)))

    def sign(self, payload: bytes, **header: Any) -> str:
        header = {"alg": ALGORITHMS[self.key.key_type], "kid": self.key.kid} | header
        return jws.serialize_compact(header, payload, self.key, registry=SIGNATURES)

    def member(self, key: str, **changed: Any) -> str:
        return self.token(sub=key, role="member", company=None, purposes=None, **changed)
