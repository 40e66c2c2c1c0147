"""Who is calling: a bearer token, verified, becomes a requester."""

import hashlib
import json
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.registry import JWS_HEADER_REGISTRY

from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.requester import GROUP_OFFICE, Requester, Role
from policy.vocabulary import AUDIT, SUBJECT_REQUEST
from server.clock import Clock
from server.keys import KeyRing, algorithm_of

LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may be from ours."""
REMEMBERED = timedelta(minutes=1)
"""How long a verified token is taken at its word."""
CAPACITY = 4096

IMPLIED = {Role.MEMBER: SUBJECT_REQUEST, Role.OFFICER: AUDIT}
"""The purpose that a role has without naming it, and besides which it has none."""

_MAX_TOKEN = 16_384
_MAX_NAME = 200


class Unauthenticated(PrivacyError):
    """No token, or one that says nothing to us. The message says which and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.UNAUTHENTICATED, message)


class _Algorithms(jws.JWSRegistry):
    """EdDSA, ES256 and RS256, and no header that changes how a signature is read."""

    default_header_registry = {  # noqa: RUF012 (joserfc's own attribute)
        name: JWS_HEADER_REGISTRY[name] for name in ("alg", "kid", "typ", "cty", "crit")
    }

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ("EdDSA", "ES256", "RS256"):
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


SIGNATURES = _Algorithms(strict_check_header=False)


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """A requester whose token was verified, and until when it is taken at its word."""

    requester: Requester
    until: datetime
    callers: dict[Any, Any] = field(default_factory=dict)
    """What follows from it (server.callers)."""


class Identity:
    """Verifies tokens of one issuer for one audience, and remembers them by their hash."""

    def __init__(self, keys: KeyRing, issuer: str, audience: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._remembered: OrderedDict[bytes, Verified] = OrderedDict()
        self._generation = keys.generation

    async def requester(self, authorization: Sequence[str]) -> Requester:
        """Give the bearer of the `Authorization` header. Raises Unauthenticated."""
        return (await self.verified(authorization, self._clock())).requester

    async def verified(self, authorization: Sequence[str], at: datetime) -> Verified:
        """Give the bearer of the header as of now, `at`. Raises Unauthenticated."""
        token = _bearer(authorization)
        digest = hashlib.sha256(token.encode()).digest()
        self._forget_old_keys()
        known = self._remembered.get(digest)
        if known is None or at >= known.until:
            known = _verified(self._judge(await self._claims(token)), at)
            self._forget_old_keys()
            self._remembered[digest] = known
            if len(self._remembered) > CAPACITY:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(digest)
        return known

    def _forget_old_keys(self) -> None:
        # INVARIANT: what was verified with a key that is gone is forgotten with it.
        if self._generation != self._keys.generation:
            self._remembered.clear()
            self._generation = self._keys.generation

    async def _claims(self, token: str) -> Mapping[str, object]:
        """What the token says, once its signature holds."""
        try:
            signed = jws.extract_compact(token.encode(), registry=SIGNATURES)
            header = _object(urlsafe_b64decode(token.partition(".")[0] + "=="))
            _check_type(header)
            key = await self._keys.find(header["kid"])
            if key is None:
                raise Unauthenticated(
                    "The token is signed with a key that its issuer does not publish."
                )
            holds = header["alg"] == algorithm_of(key) and jws.validate_compact(
                signed, key, registry=SIGNATURES
            )
            if not holds:
                raise Unauthenticated(_UNREADABLE)
            return _object(signed.payload)
        except _UNREADABLE_BY as fault:
            raise Unauthenticated(_UNREADABLE) from fault

    def _judge(self, claims: Mapping[str, object]) -> Requester:
        """The requester of genuine claims: meant for us, and now."""
        if claims.get("iss") != self._issuer:
            raise Unauthenticated("The token comes from another issuer than the one trusted here.")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated(
                f"The token is meant for another audience: ask its issuer for `{self._audience}`."
            )
        latest = self._clock() + LEEWAY
        if _instant(claims, "iat") > latest or (
            "nbf" in claims and _instant(claims, "nbf") > latest
        ):
            raise Unauthenticated("The token is not valid yet: check the clock of its issuer.")
        return requester_of(claims)


def _verified(requester: Requester, at: datetime) -> Verified:
    """Take a requester at its word for a while, and no longer than its token lasts."""
    if requester.expires_at <= at - LEEWAY:
        raise Unauthenticated("The token has expired: ask its issuer for a new one.")
    until = at + REMEMBERED
    if requester.expires_at < until:
        until = min(until, requester.expires_at + LEEWAY)
    return Verified(requester, until)


def requester_of(claims: Mapping[str, object]) -> Requester:
    """Company, role and subject as the claims have them. Raises Unauthenticated."""
    try:
        role = Role(_text(claims, "role"))
    except ValueError:
        raise Unauthenticated(
            f"The claim `role` must be one of {', '.join(Role)}: ask the issuer."
        ) from None
    subject, expires_at = _text(claims, "sub"), _instant(claims, "exp")
    if role is Role.MEMBER:
        if claims.get("guardian_of") == subject:
            raise Unauthenticated("The token's `guardian_of` names its bearer: ask its issuer.")
        return Requester(
            role=role,
            subject=subject,
            company=None,
            on_behalf_of=None,
            purposes=(IMPLIED[role],),
            expires_at=expires_at,
            acr=_optional(claims, "acr"),
            guardian_of=_optional(claims, "guardian_of"),
        )
    company = _text(claims, "company")
    if role is Role.OFFICER:
        return Requester(role, subject, company, None, (IMPLIED[role],), expires_at)
    return Requester(
        role, subject, company, _optional(claims, "on_behalf_of"), _allowed(claims), expires_at
    )


def check_listed(requester: Requester, catalogue: Catalogue, at: datetime) -> None:
    """Refuse a caller whose company the catalogue does not list at `at`. Raises Unauthenticated."""
    if requester.role is Role.OFFICER and requester.company == GROUP_OFFICE:
        return
    for key in (requester.company, requester.on_behalf_of):
        if key is None:
            continue
        company = catalogue.companies.get(key)
        if company is None or at not in company.listed:
            raise Unauthenticated(
                "The token names a company that the catalogue does not list: see `companies`."
            )


_UNREADABLE = (
    "The token cannot be verified: it must be a JWT, signed with EdDSA, ES256 or RS256 by a key "
    "(`kid`) that its issuer publishes."
)


_UNREADABLE_BY = (*(JoseError, ValueError, TypeError, LookupError, AttributeError, RecursionError),)


def _object(text: bytes) -> Mapping[str, Any]:
    """A JSON object that says nothing twice: two readers could read it differently."""
    said = json.loads(text.decode(), object_pairs_hook=_once)
    if not isinstance(said, dict):
        raise TypeError
    return said


def _once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError
    return said


def _check_type(header: Mapping[str, Any]) -> None:
    """Refuse what the issuer signs with the same key for another use, such as signing out."""
    kind = header.get("typ", "JWT")
    if kind.lower().removeprefix("application/") not in {"jwt", "at+jwt"}:
        raise ValueError


_MALFORMED = "The token's claim `{}` is missing or malformed: ask its issuer."


def _bearer(authorization: Sequence[str]) -> str:
    if not authorization:
        raise Unauthenticated("Send a token in the header `Authorization: Bearer <JWT>`.")
    scheme, _, token = authorization[0].partition(" ")
    token = token.strip()
    one_token = len(authorization) == 1 and token and token.isascii() and len(token) <= _MAX_TOKEN
    if scheme.lower() != "bearer" or not one_token:
        raise Unauthenticated("The header must be one `Authorization: Bearer <JWT>`.")
    return token


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or not value.isprintable():
        raise Unauthenticated(
            f"The token's claim `{name}` is missing or malformed: ask its issuer."
        )
    return value


def _optional(claims: Mapping[str, object], name: str) -> str | None:
    return None if claims.get(name) is None else _text(claims, name)


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(value, UTC)
    raise Unauthenticated(_MALFORMED.format(name))


def _allowed(claims: Mapping[str, object]) -> tuple[str, ...]:
    """The allow-list of purposes; absent = none."""
    purposes = claims.get("purposes")
    if purposes is None:
        return ()
    if not isinstance(purposes, list) or not all(isinstance(purpose, str) for purpose in purposes):
        raise Unauthenticated("The token's claim `purposes` must be a list of ids: ask its issuer.")
    return tuple(purposes)
