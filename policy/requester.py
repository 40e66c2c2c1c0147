"""Who asks: what a verified token says of its bearer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

GROUP_OFFICE = "*"
"""The company of the group's privacy office."""


class Role(StrEnum):
    """The claim `role` of a token."""

    SERVICE = "service"
    ANALYST = "analyst"
    MEMBER = "member"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Requester:
    """Who bears the token. `company` is None for members."""

    role: Role
    subject: str
    company: str | None
    on_behalf_of: str | None
    purposes: tuple[str, ...]
    """The allow-list as the token states it (policy.allow_list)."""
    expires_at: datetime
    acr: str | None = None
    guardian_of: str | None = None
    """The member in whose place a guardian acts; `me` stays the bearer."""

    @property
    def audience(self) -> str:
        """The party for whom node ids and cursors are made: two audiences cannot join on them."""
        match self.role:
            case Role.MEMBER:
                return f"member:{self.subject}"
            case Role.OFFICER:
                return f"officer:{self.company}"
            case _ if self.on_behalf_of:
                return f"processor:{self.company}:{self.on_behalf_of}"
            case _:
                return f"company:{self.company}"
