"""A token opens the door only if it is genuine, for us, in time, and says who its bearer is."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.errors import ErrorCode
from policy.requester import Requester, Role
from server import identity as doors
from server.identity import Identity, Unauthenticated
from server.keys import KeyRing, given_keys
from tests.clock import Clock
from tests.issuer import AUDIENCE, ISSUER, Issuer, ed25519, p256, rsa

pytestmark = pytest.mark.anyio

KEY = ed25519()
RSA = rsa()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def door_of(issuer: Issuer, clock: Clock) -> Identity:
    return Identity(KeyRing(given_keys(*issuer.published), clock), ISSUER, AUDIENCE, clock)


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock, KEY)


@pytest.fixture
def door(issuer: Issuer, clock: Clock) -> Identity:
    return door_of(issuer, clock)


async def refused(door: Identity, *headers: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await door.requester(headers)
    assert refusal.value.code is ErrorCode.UNAUTHENTICATED
    return refusal.value.message


async def test_a_company_s_token_says_company_role_and_purposes(
    issuer: Issuer, door: Identity, clock: Clock
) -> None:
    assert await door.requester([f"Bearer {issuer.token()}"]) == Requester(
        role=Role.SERVICE,
        subject="card-backend",
        company="card",
        on_behalf_of=None,
        purposes=("own:card:*", "id_login"),
        expires_at=clock() + timedelta(hours=1),
    )


async def test_a_member_s_token_has_no_company_and_one_purpose(
    issuer: Issuer, door: Identity
) -> None:
    token = issuer.member("m1", acr="RAKUTEN_ID")
    member = await door.requester([f"Bearer {token}"])
    assert (member.company, member.subject, member.purposes) == (None, "m1", ("subject_request",))
    assert member.acr == "RAKUTEN_ID"


async def test_a_guardian_s_token_names_the_member_they_act_for(
    issuer: Issuer, door: Identity
) -> None:
    guardian = await door.requester([f"Bearer {issuer.member('m1', guardian_of='m5')}"])
    assert (guardian.subject, guardian.guardian_of) == ("m1", "m5")
    assert guardian.audience == "member:m1"
    assert "`guardian_of`" in await refused(door, f"Bearer {issuer.member('m1', guardian_of='m1')}")
    company = await door.requester([f"Bearer {issuer.token(guardian_of='m5')}"])
    assert company.guardian_of is None


async def test_a_company_in_a_member_s_token_says_nothing(issuer: Issuer, door: Identity) -> None:
    token = issuer.token(role="member", company="card", on_behalf_of="ichiba")
    member = await door.requester([f"Bearer {token}"])
    assert (member.company, member.on_behalf_of) == (None, None)


async def test_an_officer_s_token_may_be_the_group_office_s(issuer: Issuer, door: Identity) -> None:
    officer = await door.requester([f"Bearer {issuer.token(role='officer', company='*')}"])
    assert (officer.company, officer.purposes) == ("*", ("audit",))


async def test_a_processor_s_token_names_its_controller(issuer: Issuer, door: Identity) -> None:
    token = issuer.token(company="courier", on_behalf_of="ichiba")
    assert (await door.requester([f"Bearer {token}"])).on_behalf_of == "ichiba"


async def test_an_absent_list_of_purposes_is_an_empty_one(issuer: Issuer, door: Identity) -> None:
    assert (await door.requester([f"Bearer {issuer.token(purposes=None)}"])).purposes == ()


@pytest.mark.parametrize("key", [ed25519(), p256(), RSA], ids=["EdDSA", "ES256", "RS256"])
async def test_three_algorithms_are_taken(key: Any, clock: Clock) -> None:
    issuer = Issuer(clock, key)
    requester = await door_of(issuer, clock).requester([f"Bearer {issuer.token()}"])
    assert requester.company == "card"


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("",),
        ("Bearer",),
        ("Bearer ",),
        ("Basic Y2FyZDpjYXJk",),
        ("Bearer a.b",),
        ("Bearer a.b.c",),
        ("Bearer ....",),
        ("Bearer \u95a2\u6240",),
        ("Bearer " + "a" * 20_000,),
    ],
)
async def test_what_is_no_token_is_refused(door: Identity, headers: tuple[str, ...]) -> None:
    assert "Bearer" in await refused(door, *headers) or headers


async def test_two_tokens_are_refused(door: Identity, issuer: Issuer) -> None:
    header = f"Bearer {issuer.token()}"
    assert "one" in await refused(door, header, header)


async def test_alg_none_is_refused(door: Identity, issuer: Issuer) -> None:
    for alg in ("none", "None", "NONE", ""):
        header = base64url(orjson.dumps({"alg": alg, "kid": "ed"}))
        payload = base64url(orjson.dumps(issuer.claims()))
        assert "EdDSA" in await refused(door, f"Bearer {header}.{payload}.")


async def test_a_public_key_is_no_shared_secret(clock: Clock) -> None:
    issuer = Issuer(clock, RSA)
    for secret in (RSA.as_pem(), RSA.as_der(), orjson.dumps(RSA.as_dict(private=False))):
        header = base64url(orjson.dumps({"alg": "HS256", "kid": "rsa"}))
        signed = f"{header}.{base64url(orjson.dumps(issuer.claims()))}"
        forged = base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())
        assert "RS256" in await refused(door_of(issuer, clock), f"Bearer {signed}.{forged}")


async def test_a_key_signs_with_its_own_algorithm_alone(clock: Clock, issuer: Issuer) -> None:
    token = issuer.token()
    header, payload, signature = token.split(".")
    for alg in ("RS256", "ES256", "Ed25519", "PS256", "HS256"):
        header = base64url(orjson.dumps({"alg": alg, "kid": "ed"}))
        await refused(door_of(issuer, clock), f"Bearer {header}.{payload}.{signature}")


async def test_a_key_brought_along_in_the_token_is_not_used(clock: Clock, door: Identity) -> None:
    thief = Issuer(clock, ed25519())
    jwk = thief.key.as_dict(private=False)
    for header in ({"jwk": jwk}, {"jku": "https://thief.example/keys"}, {"kid": "thief"}):
        await refused(door, f"Bearer {thief.sign(orjson.dumps(thief.claims()), **header)}")


async def test_a_token_without_a_key_id_is_refused(door: Identity, issuer: Issuer) -> None:
    _, payload, signature = issuer.token().split(".")
    header = base64url(orjson.dumps({"alg": "EdDSA"}))
    await refused(door, f"Bearer {header}.{payload}.{signature}")


async def test_critical_headers_that_we_do_not_know_are_refused(
    door: Identity, issuer: Issuer
) -> None:
    payload = base64url(orjson.dumps(issuer.claims()))
    for critical in ({"crit": ["b64"], "b64": False}, {"crit": ["exp"], "exp": 1}):
        header = base64url(orjson.dumps({"alg": "EdDSA", "kid": "ed", **critical}))
        signed = f"{header}.{payload}"
        signature = base64url(KEY.get_op_key("sign").sign(signed.encode()))  # type: ignore[union-attr]  # an Ed25519 key
        await refused(door, f"Bearer {signed}.{signature}")


async def test_an_unknown_key_is_told(clock: Clock, door: Identity) -> None:
    assert "publish" in await refused(door, f"Bearer {Issuer(clock, ed25519('other')).token()}")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"iss": "https://other.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"aud": "another"}, "`sekisho`"),
        ({"aud": None}, "`sekisho`"),
        ({"aud": []}, "`sekisho`"),
        ({"aud": {"sekisho": 1}}, "`sekisho`"),
        ({"exp": None}, "`exp`"),
        ({"exp": True}, "`exp`"),
        ({"exp": "tomorrow"}, "`exp`"),
        ({"exp": 1e300}, "`exp`"),
        ({"iat": None}, "`iat`"),
        ({"nbf": "today"}, "`nbf`"),
        ({"sub": None}, "`sub`"),
        ({"sub": ""}, "`sub`"),
        ({"sub": 7}, "`sub`"),
        ({"sub": "m1\0"}, "`sub`"),
        ({"sub": "m" * 300}, "`sub`"),
        ({"role": None}, "`role`"),
        ({"role": "admin"}, "`role`"),
        ({"role": "SERVICE"}, "`role`"),
        ({"role": ["service"]}, "`role`"),
        ({"company": None}, "`company`"),
        ({"company": ["card"]}, "`company`"),
        ({"on_behalf_of": 1}, "`on_behalf_of`"),
        ({"purposes": "id_login"}, "`purposes`"),
        ({"purposes": [1]}, "`purposes`"),
        ({"role": "member", "acr": 1}, "`acr`"),
        ({"role": "officer", "company": None}, "`company`"),
    ],
)
async def test_claims_that_do_not_hold_are_named(
    door: Identity, issuer: Issuer, changed: dict[str, Any], told: str
) -> None:
    assert told in await refused(door, f"Bearer {issuer.token(**changed)}")


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b"{}"])
async def test_a_genuine_token_that_says_nothing_is_refused(
    door: Identity, issuer: Issuer, payload: bytes
) -> None:
    await refused(door, f"Bearer {issuer.sign(payload)}")


async def test_an_audience_may_stand_in_a_list(door: Identity, issuer: Issuer) -> None:
    token = issuer.token(aud=["other", AUDIENCE])
    assert (await door.requester([f"bearer {token}"])).company == "card"


async def test_an_expired_token_is_refused_though_it_is_remembered(
    door: Identity, issuer: Issuer, clock: Clock
) -> None:
    token = issuer.token(exp=int(clock().timestamp()) + 10)
    await door.requester([f"Bearer {token}"])
    clock.step(timedelta(seconds=10) + doors.LEEWAY - timedelta(seconds=1))
    await door.requester([f"Bearer {token}"])
    clock.step(timedelta(seconds=1))
    assert "expired" in await refused(door, f"Bearer {token}")


async def test_a_token_from_the_future_is_refused(
    door: Identity, issuer: Issuer, clock: Clock
) -> None:
    now = int(clock().timestamp())
    await door.requester([f"Bearer {issuer.token(iat=now + 30)}"])
    assert "not valid yet" in await refused(door, f"Bearer {issuer.token(iat=now + 31)}")
    assert "not valid yet" in await refused(door, f"Bearer {issuer.token(nbf=now + 31)}")


@given(st.lists(st.text(max_size=60), max_size=2))
async def test_no_header_does_worse_than_being_refused(headers: list[str]) -> None:
    await refused(door_of(Issuer(Clock(), KEY), Clock()), *headers)


@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "b64"]),
        st.one_of(st.none(), st.integers(0, 9), st.text(max_size=5), st.lists(st.text(max_size=3)))
        | st.sampled_from(["EdDSA", "ed", ["b64"]]),
    ),
    payload=st.binary(max_size=40),
    signature=st.binary(max_size=70),
)
async def test_no_token_does_worse_than_being_refused(
    header: dict[str, Any], payload: bytes, signature: bytes
) -> None:
    token = ".".join(map(base64url, (orjson.dumps(header), payload, signature)))
    await refused(door_of(Issuer(Clock(), KEY), Clock()), f"Bearer {token}")
