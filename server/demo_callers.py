"""Who one can be in the demo world, in development mode."""

from collections.abc import Mapping
from dataclasses import replace

from policy.events import RAKUTEN_ID
from policy.requester import GROUP_OFFICE, Requester, Role
from policy.vocabulary import FOREVER
from server.clock import Clock
from server.settings import Settings
from server.tokens import development_token

_MEMBERS = tuple(f"m{number}" for number in range(1, 9))
_OFFICES = ("card", "ssi", GROUP_OFFICE)


def _member(key: str) -> Requester:
    return Requester(Role.MEMBER, key, None, None, (), FOREVER, acr=RAKUTEN_ID)


def _officer(company: str) -> Requester:
    return Requester(Role.OFFICER, f"{company}-officer", company, None, (), FOREVER)


DEMO: Mapping[str, Requester] = {
    **{key: _member(key) for key in _MEMBERS},
    "m1-for-m5": replace(_member("m1"), guardian_of="m5"),
    **{f"officer-{company}": _officer(company) for company in _OFFICES},
}
"""Under which name one can sign in as whom."""


def demo_token(settings: Settings, clock: Clock, name: str) -> str | None:
    """A development token of somebody of the demo world; None for nobody of it."""
    requester = DEMO.get(name)
    if requester is None:
        return None
    return development_token(settings, requester, (), clock=clock)
