"""Tokens that open nothing: forged, tampered with, or not for us, by what is wrong with them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from joserfc import jwe
from joserfc.jwk import OctKey, RSAKey

from server.identity import SIGNATURES
from tests.clock import Clock
from tests.issuer import ALGORITHMS, AUDIENCE, ISSUER, Issuer, ed25519, p256, rsa

MANY = 20_000


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(issuers: Mapping[str, Issuer], clock: Clock) -> Iterator[tuple[str, str]]:
    """Each with its name; `issuers` has one published key of every kind, by its algorithm."""
    for algorithm, issuer in issuers.items():
        yield from ((f"{algorithm}: {name}", token) for name, token in _unsigned(issuer))
        yield from ((f"{algorithm}: {name}", token) for name, token in _altered(issuer))
        yield from ((f"{algorithm}: {name}", token) for name, token in _confused(issuer, issuers))
        yield from (
            (f"{algorithm}: {name}", token) for name, token in _brought_along(issuer, clock)
        )
    any_of_them = issuers["EdDSA"]
    yield from _headers(any_of_them)
    yield from _claims(any_of_them, int(clock().timestamp()))
    yield from _payloads(any_of_them)
    yield from _shapes(any_of_them, issuers["RS256"])


def signed(issuer: Issuer, header: object, payload: bytes) -> str:
    """Genuinely signed, whatever stands in the header."""
    text = header if isinstance(header, bytes) else orjson.dumps(header)
    said = f"{base64url(text)}.{base64url(payload)}"
    algorithm = SIGNATURES.algorithms[ALGORITHMS[issuer.key.key_type]]
    return f"{said}.{base64url(algorithm.sign(said.encode(), issuer.key))}"


def _payload(issuer: Issuer, **changed: Any) -> bytes:
    return orjson.dumps(issuer.claims(**changed))


def _unsigned(issuer: Issuer) -> Iterator[tuple[str, str]]:
    payload = base64url(_payload(issuer))
    algorithms: tuple[Any, ...] = ("none", "None", "NONE", "nOnE", "", None, 0, [])
    for alg in algorithms:
        header = base64url(orjson.dumps({"alg": alg, "kid": issuer.key.kid}))
        yield f"alg {alg!r}, no signature", f"{header}.{payload}."
        yield f"alg {alg!r}, a signature", f"{header}.{payload}.{issuer.token().split('.')[2]}"
    header = issuer.token().split(".")[0]
    yield "its signature left out", f"{header}.{payload}."
    for size in (1, 32, 63, 64, 65, 256):
        yield f"a signature of {size} zeros", f"{header}.{payload}.{base64url(bytes(size))}"
    yield "a signature of ones", f"{header}.{payload}.{base64url(bytes([255]) * 64)}"


def _altered(issuer: Issuer) -> Iterator[tuple[str, str]]:
    """A genuine token, with something else in it afterwards."""
    header, payload, signature = issuer.token().split(".")
    other = base64url(_payload(issuer, company="bank"))
    yield "another company", f"{header}.{other}.{signature}"
    yield "another role", f"{header}.{base64url(_payload(issuer, role='officer'))}.{signature}"
    yield "more time", f"{header}.{base64url(_payload(issuer, exp=9_999_999_999))}.{signature}"
    yield (
        "the signature of another token",
        ".".join([header, payload, issuer.token(sub="other").split(".")[2]]),
    )
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    for place in (0, len(raw) // 2, len(raw) - 1):
        changed = raw.copy()
        changed[place] ^= 1
        yield f"bit {8 * place} of the signature", f"{header}.{payload}.{base64url(bytes(changed))}"
    yield "a signature cut short", f"{header}.{payload}.{signature[:-4]}"
    yield "a signature made longer", f"{header}.{payload}.{signature}AAAA"
    yield "junk in the signature", f"{header}.{payload}.{signature[:9]}!{signature[9:]}"
    yield "padding", f"{header}.{payload}.{signature}=="
    yield "a part more", f"{header}.{payload}.{signature}.{signature}"
    yield "a part less", f"{header}.{payload}"
    yield "its parts in another order", f"{payload}.{header}.{signature}"


def _confused(issuer: Issuer, issuers: Mapping[str, Issuer]) -> Iterator[tuple[str, str]]:
    """Algorithms and keys that do not belong together."""
    payload = base64url(_payload(issuer))
    signature = issuer.token().split(".")[2]
    others = ("HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K")
    for alg in (*others, "Ed25519", "Ed448", "dir", "A256KW", *issuers):
        if alg == ALGORITHMS[issuer.key.key_type]:
            continue
        header = base64url(orjson.dumps({"alg": alg, "kid": issuer.key.kid}))
        yield f"its signature as one of {alg}", f"{header}.{payload}.{signature}"
    key: Any = issuer.key
    public = key.as_dict(private=False)
    secrets = {
        "PEM": key.as_pem(private=False),
        "DER": key.as_der(private=False),
        "JWK": orjson.dumps(public),
        "x or n": str(public.get("x", public.get("n"))).encode(),
        "nothing": b"",
    }
    for name, secret in secrets.items():
        for alg in ("HS256", "HS512"):
            said = base64url(orjson.dumps({"alg": alg, "kid": issuer.key.kid})) + f".{payload}"
            digest = hmac.new(secret, said.encode(), alg.replace("HS", "sha"))
            yield f"{alg} with the public key ({name})", f"{said}.{base64url(digest.digest())}"
    for other in issuers.values():
        if other is not issuer:
            token = other.sign(_payload(other), kid=issuer.key.kid)
            yield f"signed by {other.key.kid} under its name", token


def _brought_along(issuer: Issuer, clock: Clock) -> Iterator[tuple[str, str]]:
    """Signed with a thief's key, which the token itself hands over or points at."""
    kinds: Mapping[str, Any] = {"EdDSA": ed25519, "ES256": p256, "RS256": rsa}
    key = kinds[ALGORITHMS[issuer.key.key_type]](issuer.key.kid)
    thief, jwk = Issuer(clock, key), key.as_dict(private=False)
    address = "https://thief.example/jwks.json"
    headers: Mapping[str, Mapping[str, Any]] = {
        "nothing": {},
        "jwk": {"jwk": jwk},
        "jku": {"jku": address},
        "jku of the issuer": {"jku": f"{ISSUER}@thief.example/jwks.json"},
        "x5u": {"x5u": address},
        "x5c": {"x5c": [base64.b64encode(key.as_der(private=False)).decode()]},
        "x5t": {"x5t": base64url(hashlib.sha256(b"thief").digest())},
        "an unknown kid": {"kid": "thief"},
        "jwk and an unknown kid": {"jwk": jwk, "kid": "thief"},
    }
    for name, header in headers.items():
        yield f"a thief's key with {name}", _signed_as(thief, header)


def _signed_as(issuer: Issuer, header: Mapping[str, Any]) -> str:
    said = {"alg": ALGORITHMS[issuer.key.key_type], "kid": issuer.key.kid, **header}
    return signed(issuer, said, _payload(issuer))


def _headers(issuer: Issuer) -> Iterator[tuple[str, str]]:
    """Genuinely signed, with a header that says what it must not."""
    payload, good = _payload(issuer), {"alg": "EdDSA", "kid": issuer.key.kid}
    kids = ("", "ED", "ed ", "ed\0", "../../../../dev/null", "/dev/null", "ed' OR '1'='1", "*")
    urls = ("https://thief.example/ed", "file:///dev/null", "$(id)", "${jndi:ldap://x}", "e" * 5000)
    for kid in (*kids, *urls, None, 7, True, ["ed"], {"kid": "ed"}):
        yield f"kid {str(kid)[:30]!r}", signed(issuer, good | {"kid": kid}, payload)
    yield "no kid", signed(issuer, {"alg": "EdDSA"}, payload)
    yield "no alg", signed(issuer, {"kid": "ed"}, payload)
    for crit in (["b64"], ["exp"], ["alg"], [], "b64", ["crit"], [1], None):
        header = good | {"crit": crit, "b64": False, "exp": 1}
        yield f"crit {crit!r}", signed(issuer, header, payload)
    yield "b64 false", signed(issuer, good | {"crit": ["b64"], "b64": False}, payload)
    for typ in ("logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", 7, ["JWT"]):
        yield f"typ {typ!r}", signed(issuer, good | {"typ": typ}, payload)
    for text in (b"", b"null", b"[]", b"7", b'"EdDSA"', b"{", b"\xff\xfe{\0}\0", b"[" * 9000):
        yield f"the header {text[:12]!r}", signed(issuer, text, payload)
    yield "a header said in depth", signed(issuer, b'{"a":' + b"[" * 9000, payload)
    twice = b'{"alg":"none","alg":"EdDSA","kid":"ed"}'
    yield "alg said twice", signed(issuer, twice, payload)
    yield "kid said twice", signed(issuer, b'{"alg":"EdDSA","kid":"x","kid":"ed"}', payload)


def _claims(issuer: Issuer, now: int) -> Iterator[tuple[str, str]]:
    """Genuinely signed claims that are not for us, not for now, or not of their type."""
    wrong: Mapping[str, tuple[Any, ...]] = {
        "iss": ("https://other.example", ISSUER + "/", ISSUER.upper(), "", [ISSUER], {}, 7, None),
        "aud": (
            *("other", AUDIENCE.upper(), AUDIENCE + " ", [], ["other"], [[AUDIENCE]]),
            *({AUDIENCE: 1}, 7, True, "", None),
        ),
        "exp": (now - 30, now - 86_400, 0, -1, "9999999999", [now + 60], {}, True, None, 1e300),
        "iat": (now + 31, now + 86_400, str(now), [now], True, None, 1e300),
        "nbf": (now + 31, now + 86_400, str(now), [now], True, 1e300),
        "sub": ("", 7, ["m1"], {"m1": 1}, True, None, "m" * 201, "m1\0", "m1\n", "\u202em1"),
        "role": ("admin", "SERVICE", "service ", ["service"], {}, 7, True, None, "*"),
        "company": ("nobody", "", ["card"], {"card": 1}, 7, True, None, "card\0", "*", "c" * 201),
        "purposes": ("id_login", {"id_login": 1}, [["id_login"]], [7], [None], True),
        "on_behalf_of": ("nobody", "", ["card"], 7, True, "card\0"),
    }
    for name, values in wrong.items():
        for value in values:
            yield (
                f"{name} {str(value)[:30]!r} ({type(value).__name__})",
                issuer.token(**{name: value}),
            )
    for name, value in {"acr": 7, "guardian_of": ["m5"]}.items():
        yield f"a member's {name} {value!r}", issuer.member("m1", **{name: value})
    yield "a member who guards herself", issuer.member("m1", guardian_of="m1")


def _payloads(issuer: Issuer) -> Iterator[tuple[str, str]]:
    """Genuinely signed, and no claims."""
    texts = (b"", b"null", b"[]", b"7", b"true", b'"x"', b"{", b"{}", b"\xff", b"{}{}")
    for text in (*texts, b"[" * 9000, b'{"a":' * 2000, "{}".encode("utf-16")):
        yield f"the payload {text[:12]!r}", issuer.sign(text)
    genuine = _payload(issuer)
    for name, value in {"company": "bank", "role": "officer", "exp": 1, "iss": "x"}.items():
        first = orjson.dumps({name: value})[:-1] + b","
        yield f"{name} said twice, first {value!r}", issuer.sign(first + genuine[1:])
        last = b"," + orjson.dumps({name: value})[1:]
        yield f"{name} said twice, last {value!r}", issuer.sign(genuine[:-1] + last)
    yield "a claim in two spellings of JSON", issuer.sign(b'{"r\\u006fle":"officer",' + genuine[1:])
    yield "not a number", issuer.sign(genuine.replace(b'"exp":', b'"exp":NaN,"was":'))
    yield "infinite", issuer.sign(genuine.replace(b'"exp":', b'"exp":Infinity,"was":'))
    yield (
        "a number of many digits",
        issuer.sign(genuine.replace(b'"exp":', b'"exp":' + b"9" * 5000 + b',"was":')),
    )


def _shapes(issuer: Issuer, rsa_issuer: Issuer) -> Iterator[tuple[str, str]]:
    """Tokens within tokens, encrypted ones, other serialisations, and too much of one."""
    genuine = issuer.token()
    header, payload, signature = genuine.split(".")
    yield "a token within a token", issuer.sign(genuine.encode(), cty="JWT")
    yield "a token within a token, as text", issuer.sign(orjson.dumps(genuine))
    yield "a token within a claim", issuer.sign(orjson.dumps({"jwt": genuine}))
    flat = {"protected": header, "payload": payload, "signature": signature}
    yield "as JSON", orjson.dumps(flat).decode()
    yield "as general JSON", orjson.dumps({"payload": payload, "signatures": [flat]}).decode()
    yield "detached", f"{header}..{signature}"
    yield "oversized by a claim", issuer.token(padding="x" * MANY)
    yield "oversized by a header", issuer.sign(_payload(issuer), padding="x" * MANY)
    yield "oversized by its signature", genuine + "A" * MANY
    yield "nothing but dots", "." * 100
    key: RSAKey = rsa_issuer.key  # type: ignore[assignment]  # it is one
    sealed = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": key.kid}
    yield "encrypted for the public key", jwe.encrypt_compact(sealed, _payload(issuer), key)
    secret = OctKey.generate_key(256)
    dir_ = {"alg": "dir", "enc": "A128CBC-HS256", "kid": "ed"}
    yield "encrypted", jwe.encrypt_compact(dir_, _payload(issuer), secret)
