"""Acts: what a mutation does, in one transaction, once under its idempotency key."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import category

import orjson

from models.acts import Act, Also, Done, Once, perform
from policy.acts import OBJECTIONS, Objection, objection
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event
from resolvers.actor import Actor
from resolvers.context import Context
from resolvers.payload import Info, Outcome, Payload, Shape, UserError
from resolvers.site import Site, root_of

Given = Mapping[str, Any]
Propose = Callable[[Sequence[Event], datetime], Sequence[Event]]
Field = tuple[str, ...]

_ABOUT: Mapping[Objection, Field] = {
    **dict.fromkeys((Objection.NO_ACCOUNT, Objection.ACCOUNT_CLOSED, Objection.ACCOUNT_OPEN), ()),
    **dict.fromkeys((Objection.NOT_GUARDIAN, Objection.WRONG_ACTOR), ()),
    **dict.fromkeys((Objection.NOT_PRESENTED, Objection.PRESENTATION_OUTDATED), ("presentation",)),
    Objection.NOT_IN_FORCE: ("presentation",),
    Objection.REASON_MISSING: ("reason",),
    Objection.TERM_OVER: ("validUntil",),
    Objection.UNKNOWN_CATEGORY: ("categories",),
}
"""What is not about the item, company or country that an event names, wherever that stands."""

_KEY = re.compile(r"[!-~]{1,200}")


class Objected(Exception):
    """What stands against an act before any event of it is proposed."""

    def __init__(self, objection: Objection, *field: str) -> None:
        super().__init__()
        self.error = user_error(objection, field)


@dataclass(frozen=True, slots=True)
class Deed:
    """What shall happen, which items it is about, and which part of the input names an event."""

    propose: Propose
    changed: frozenset[str] = frozenset()
    also: Also | None = None
    named: Callable[[Event], Field] = lambda _: ()
    beside: Callable[[datetime], Mapping[str, object]] | None = None
    """What the answer shows besides, as of the act."""


def given_in(info: Info) -> Given:
    """Give the argument `input`, coerced; what was left out is not in it."""
    root = root_of(info)
    given: Given = Site.of(info).arguments(info.context, root)["input"]
    return given


async def act(info: Info, actor: Actor, deed: Deed) -> Shape:
    """Do it, or say what stands against it; then answer from what is there."""
    payload, context = Payload.of(info), info.context
    if not actor.trusted:
        return await payload.read(actor, Outcome(errors=[user_error(Objection.NOT_GUARDIAN)]))
    once, errors = _once(info, actor), tuple[UserError, ...]()
    whose = _without_objections(context.catalogue) if actor.blind else _of_somebody
    propose = whose(deed.propose)
    asked = Act(actor.member, propose, deed.also)
    # Which versions of the catalogue are live is learned before anything is written, not after.
    async with context.snapshot.reading():
        pass
    # A connection that is held while another is waited for would in the end be waited for itself.
    await context.snapshot.renew()
    try:
        done = await perform(context.database, context.catalogue, asked, context.clock, once)
    except Objected as objected:
        done, errors = Done(context.clock()), (objected.error,)
    else:
        errors = () if actor.blind else _errors(done, deed)
    await context.wrote(max(done.at, context.asked_at))
    then = done.before or done.at
    beside = deed.beside(then) if deed.beside is not None and not errors else None
    return await payload.read(actor, Outcome(deed.changed, errors, beside))


def user_error(objection: Objection, field: Field = ()) -> UserError:
    """Give the objection as the caller is told it."""
    return UserError(objection.value, OBJECTIONS[objection], ["input", *field] if field else None)


def checked(value: str, name: str, at_most: int = 200) -> str:
    """Give a text of the caller's. Raises BAD_USER_INPUT where it is none to be kept."""
    if not 0 < len(value.strip()) <= len(value) <= at_most or not _kept(value):
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            f"`{name}` must be a text of 1 to {at_most} characters, without control characters.",
        )
    return value


def _kept(value: str) -> bool:
    # Spaces beside ASCII's, as the full-width one of Japanese texts, are no control characters.
    return all(each.isprintable() or each == "\n" or category(each) == "Zs" for each in value)


def _errors(done: Done, deed: Deed) -> tuple[UserError, ...]:
    if done.objection is None:
        return ()
    found, event = Objection(done.objection[0]), done.objection[1]
    return (user_error(found, _ABOUT[found] if found in _ABOUT else deed.named(event)),)


def _of_somebody(propose: Propose) -> Propose:
    """Propose nothing of whom nobody knows: the first event of a member is no act of theirs."""

    def known(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        if not past:
            raise Objected(Objection.NO_ACCOUNT)
        return propose(past, at)

    return known


def _without_objections(catalogue: Catalogue) -> Callable[[Propose], Propose]:
    """Propose only what counts, so that the answer does not tell what the member decided."""

    def of(propose: Propose) -> Propose:
        def counting(past: Sequence[Event], at: datetime) -> Sequence[Event]:
            kept: list[Event] = []
            for event in propose(past, at):
                if past and objection(catalogue, [*past, *kept], event) is None:
                    kept.append(event)
            return kept

        return counting

    return of


def _once(info: Info, actor: Actor) -> Once | None:
    """Give the idempotency key, in the scope of subject, company and mutation."""
    given = dict(given_in(info))
    key = given.pop("idempotencyKey", None)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "`idempotencyKey` must have 1 to 200 printable ASCII characters and no space.",
        )
    context: Context = info.context
    said = orjson.dumps([actor.member, given], option=orjson.OPT_SORT_KEYS, default=str).decode()
    return Once(
        subject=context.requester.subject,
        company=context.requester.company or "",
        mutation=info.field_name,
        key=key,
        digest=context.seal.digest("idempotency", said),
    )
