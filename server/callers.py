"""Who asks and for what, as the request's head says: worked out once, while it stays true."""

from dataclasses import dataclass
from datetime import datetime

from policy.requester import Requester
from resolvers.eyes import Eyes, eyes_at
from server.checkpoint import Checkpoint
from server.identity import Verified, check_listed
from server.purposes import purpose_of
from server.said import Said
from server.versions import Held

SPELT_AT_MOST = 64
"""Purposes of one token, as they were spelt."""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """A verified requester with a purpose it may name, within one epoch."""

    requester: Requester
    purpose: str | None
    """None where a company named none."""
    eyes: Eyes | None
    """None where there is no purpose to see for."""
    held: Held
    """The versions of the catalogue by which that is so."""
    since: datetime
    until: datetime


def caller_of(here: Checkpoint, said: Said, verified: Verified, at: datetime) -> Caller:
    """Who asks at `at`, and for what. Raises Unauthenticated, and what refuses the purpose."""
    # INVARIANT: kept with the verified token, and forgotten with it.
    known, spelt = verified.callers, tuple(said.purposes)
    caller: Caller | None = known.get(spelt)
    if (
        caller is None
        or caller.held is not here.versions.held
        or not caller.since <= at < caller.until
    ):
        caller = _caller(here, said, verified.requester, at)
        if len(known) >= SPELT_AT_MOST:
            known.clear()
        known[spelt] = caller
    return caller


def _caller(here: Checkpoint, said: Said, requester: Requester, at: datetime) -> Caller:
    """Hold what the token and the head say against the catalogue."""
    held = here.versions.held
    check_listed(requester, here.catalogue, at)
    purpose = purpose_of(said.purposes, requester, here.catalogue, at)
    eyes = None if purpose is None else eyes_at(requester, purpose, held.grants, at)
    return Caller(requester, purpose, eyes, held, *held.grants.epoch(at))
