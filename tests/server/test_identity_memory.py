"""A verified token is remembered for a while, and no longer than it may be."""

from datetime import timedelta
from typing import Any

import pytest

from server import identity as doors
from server.identity import Identity, Unauthenticated
from server.keys import COOLDOWN, KeyRing, given_keys
from tests.clock import Clock
from tests.issuer import AUDIENCE, ISSUER, Issuer, ed25519

pytestmark = pytest.mark.anyio


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


def door_of(issuer: Issuer, clock: Clock) -> Identity:
    return Identity(KeyRing(given_keys(*issuer.published), clock), ISSUER, AUDIENCE, clock)


async def refused(door: Identity, header: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await door.requester([header])
    return refusal.value.message


async def test_a_verified_token_is_forgotten_when_the_keys_change(
    issuer: Issuer, clock: Clock
) -> None:
    published = list(issuer.published)

    async def source() -> list[Any]:
        return published

    door = Identity(KeyRing(source, clock), ISSUER, AUDIENCE, clock)
    token, successor = issuer.token(), Issuer(clock, ed25519("next"))
    await door.requester([f"Bearer {token}"])
    published[:] = successor.published
    await door.requester([f"Bearer {token}"])  # the change is not known yet
    clock.step(COOLDOWN)
    await door.requester([f"Bearer {successor.token()}"])
    assert "publish" in await refused(door, f"Bearer {token}")


async def test_what_follows_from_a_token_is_forgotten_with_it_when_the_keys_change(
    issuer: Issuer, clock: Clock
) -> None:
    published, successor = list(issuer.published), Issuer(clock, ed25519("next"))

    async def source() -> list[Any]:
        return published

    door = Identity(KeyRing(source, clock), ISSUER, AUDIENCE, clock)
    header = [f"Bearer {issuer.token()}"]
    (await door.verified(header, clock())).callers["a purpose"] = "a caller"
    assert (await door.verified(header, clock())).callers
    published.extend(successor.published)
    clock.step(COOLDOWN)
    await door.requester([f"Bearer {successor.token()}"])
    assert not (await door.verified(header, clock())).callers


async def test_a_verified_token_is_taken_at_its_word_for_a_minute_at_most(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = door_of(issuer, clock)
    token = issuer.token()
    await door.requester([f"Bearer {token}"])
    monkeypatch.setattr(door, "_issuer", "https://another.example")
    clock.step(doors.REMEMBERED - timedelta(seconds=1))
    await door.requester([f"Bearer {token}"])
    clock.step(timedelta(seconds=1))
    assert "issuer" in await refused(door, f"Bearer {token}")


async def test_what_is_remembered_is_bounded(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "CAPACITY", 2)
    door = door_of(issuer, clock)
    for number in range(5):
        await door.requester([f"Bearer {issuer.token(sub=f'backend-{number}')}"])
    assert len(door._remembered) == 2  # noqa: SLF001 (there is no other way to see it)
