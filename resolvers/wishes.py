"""What a member wants of whom: links, mail, advertising, stops, and the end of the account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind
from policy.requester import Role
from resolvers.actor import Actor, in_own_name, oneself
from resolvers.acts import Deed, act, checked, given_in
from resolvers.payload import Info, Shape

ACCOUNT_ID_AT_MOST = 200


async def link(info: Info) -> Shape:
    """Link the account at a company: by the company, under its own id of it, or by the member.

    INVARIANT: members state no account id. Whether one is taken is somebody else's secret.
    """
    context, given = info.context, given_in(info)
    actor = await in_own_name(context, given.get("memberId"))
    company, account = given.get("company"), given.get("accountId")
    if context.requester.role is Role.MEMBER:
        if company is None or account is not None:
            raise _refused("Members name the `company`; it states its own `accountId`.")
        return await _do(info, actor, EventKind.LINKED, "company", company=company)
    if account is None or company not in {None, context.requester.company}:
        raise _refused("A company's system states the `accountId`, of its own company alone.")
    return await _do(
        info,
        actor,
        EventKind.LINKED,
        company=context.requester.company,
        account_id=checked(account, "accountId", ACCOUNT_ID_AT_MOST),
    )


async def unlink(info: Info) -> Shape:
    """Undo the link, and every use of the ID there."""
    company = given_in(info)["company"]
    return await _by_oneself(info, EventKind.UNLINKED, "company", company=company)


async def mail(info: Info) -> Shape:
    """Say whether a sender's mail is wanted."""
    given = given_in(info)
    parts = {"company": given["sender"], "wanted": given["wanted"]}
    return await _by_oneself(info, EventKind.MAIL_PREFERENCE, "sender", **parts)


async def ads(info: Info) -> Shape:
    """Say whether advertising made for oneself is wanted."""
    wanted = given_in(info)["wanted"]
    return await _by_oneself(info, EventKind.ADS_PREFERENCE, wanted=wanted)


async def stop(info: Info) -> Shape:
    """Have a company stop, with some categories or with all (art. 35)."""
    given = given_in(info)
    categories = tuple(dict.fromkeys(given.get("categories") or ()))
    parts = {"company": given["company"], "categories": categories}
    return await _by_oneself(info, EventKind.STOP_REQUESTED, "company", **parts)


async def close(info: Info) -> Shape:
    """Close the account: every consent ends with it."""
    actor = await oneself(info.context)
    evidence = actor.evidence()

    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        return [actor.event(EventKind.ACCOUNT_CLOSED, at, evidence)]

    return await act(info, actor, Deed(propose, frozenset(info.context.catalogue.items)))


async def _by_oneself(info: Info, kind: EventKind, *named: str, **parts: Any) -> Shape:
    return await _do(info, await oneself(info.context), kind, *named, **parts)


async def _do(info: Info, actor: Actor, kind: EventKind, *named: str, **parts: Any) -> Shape:
    """One event, about which the input says so much."""
    evidence = actor.evidence()

    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        return [actor.event(kind, at, evidence, **parts)]

    return await act(info, actor, Deed(propose, named=lambda _: named))


def _refused(message: str) -> PrivacyError:
    return PrivacyError(ErrorCode.BAD_USER_INPUT, message)
