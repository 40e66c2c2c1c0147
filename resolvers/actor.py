"""Who acts about whom: a member, a guardian, a company's system, a privacy officer."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.condition_sql import parameters
from models.event_log import events_of
from models.redacted import known_member
from models.view import View
from policy.act_rules import is_guardian
from policy.age import age_group
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind, Evidence
from policy.grant import Asker
from policy.requester import Role
from policy.vocabulary import SUBJECT_REQUEST, AgeGroup
from resolvers.context import Context
from resolvers.subject import member_key, not_an_id, read_about


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the evidence of the act names them, and the member it is about."""

    name: str
    member: str
    acr: str | None = None
    born: date | None = None
    guardian: bool = False
    trusted: bool = True
    """False for whoever says to be a guardian and is not registered as one."""
    blind: bool = False
    """A company's system, which learns nothing of what the member decided."""

    def evidence(self, **parts: Any) -> Evidence:
        """Give the evidence of an act of theirs."""
        return Evidence(self.name, **parts)

    def event(self, kind: EventKind, at: datetime, evidence: Evidence, **parts: Any) -> Event:
        """Give an act of theirs as an event, with their session and what it has to say of them."""
        if self.guardian:
            parts = {"guardian": True, "age": self.age(at)} | parts
        return Event(kind, at, acr=self.acr, evidence=evidence, **parts)

    def choice(self, kind: EventKind, at: datetime, evidence: Evidence, **parts: Any) -> Event:
        """Give a consent of theirs, which also rests on their age."""
        return self.event(kind, at, evidence, **{"age": self.age(at)} | parts)

    def age(self, at: datetime) -> AgeGroup:
        """Give the member's age, as coarse as the rule needs it."""
        return age_group(self.born, at)


async def oneself(context: Context) -> Actor:
    """Give the member, or the guardian in their place. Raises FORBIDDEN for anybody else."""
    requester = context.requester
    if requester.role is not Role.MEMBER:
        raise _forbidden("Only members decide about themselves: this takes a member's token.")
    ward = requester.guardian_of
    member = ward or requester.subject
    born = await birth_date(context, member)
    if ward is None:
        return Actor(f"member:{member}", member, requester.acr, born)
    actor = Actor(f"guardian:{requester.subject}", ward, requester.acr, born, guardian=True)
    async with context.snapshot.reading() as connection:
        past = await events_of(connection, ward)
    trusted = is_guardian(requester.subject, past, actor.age(context.asked_at))
    return actor if trusted else _untrusted(actor)


async def guardian_to_be(context: Context) -> Actor:
    """Give whoever the token names as a guardian, registered or not. Raises FORBIDDEN."""
    requester = context.requester
    ward = requester.guardian_of
    if requester.role is not Role.MEMBER or ward is None:
        raise _forbidden("This takes a member's token that says `guardian_of`.")
    born = await birth_date(context, ward)
    return Actor(f"guardian:{requester.subject}", ward, requester.acr, born)


async def in_own_name(context: Context, member_id: str | None) -> Actor:
    """Give a member for themself, or a company's system about the member that it names.

    Raises FORBIDDEN for anybody else, BAD_USER_INPUT for an id that is not the member's.
    """
    if context.requester.role is Role.MEMBER:
        actor = await oneself(context)
        if member_id is not None and member_key(context, member_id) != actor.member:
            raise not_an_id()
        return actor
    return await system(context, member_id)


async def system(context: Context, member_id: str | None) -> Actor:
    """Give a company's system in its own name. Raises FORBIDDEN for others, BAD_USER_INPUT."""
    requester = context.requester
    if requester.role is not Role.SERVICE:
        raise _forbidden("This is for companies' systems, in their own name: role `service`.")
    if requester.on_behalf_of is not None:
        raise _forbidden("A processor records nothing in its own name: its controller does.")
    if member_id is None:
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "Say in `memberId` whom it is about.")
    return Actor(f"service:{requester.company}", member_key(context, member_id), blind=True)


async def officer(context: Context, member_id: str) -> Actor:
    """Give a privacy officer, and put on record that they look at this member's consents.

    Raises FORBIDDEN for anybody else, BAD_USER_INPUT for a member their company does not know.
    """
    requester = context.requester
    if requester.role is not Role.OFFICER:
        raise _forbidden("This is for privacy officers.")
    member = member_key(context, member_id)
    async with context.snapshot.reading() as connection:
        await read_about(connection, context, member, "consents")
    return Actor(f"officer:{requester.company}:{requester.subject}", member)


async def birth_date(context: Context, member: str) -> date | None:
    """Give the member's day of birth, as self access opens it. The caller is not told."""
    epoch, _ = context.grants.epoch(context.asked_at)
    own = View(context.grants, Asker(None, subject_self=True), SUBJECT_REQUEST, epoch)
    known = known_member(own, ("birthDate",))
    binds = parameters(context.asked_at, member) | {"member": member}
    found = await context.snapshot.fetch(known.main, binds)
    born = known.layout.of(found[0], "birthDate") if found else None
    return born if isinstance(born, date) else None


def _untrusted(actor: Actor) -> Actor:
    return Actor(actor.name, actor.member, actor.acr, guardian=True, trusted=False)


def _forbidden(message: str) -> PrivacyError:
    return PrivacyError(ErrorCode.FORBIDDEN, message)
