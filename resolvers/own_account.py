"""What a member writes about themself, whom they report, and who may act in their place."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.own_words import CONTACT, add_inquiry, update_contact
from policy.acts import Objection
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind
from policy.standing import has_account
from resolvers.actor import guardian_to_be, oneself
from resolvers.acts import Deed, Objected, act, checked, given_in
from resolvers.payload import Info, Shape

REPORT_AT_MOST = 4000


async def contact(info: Info) -> Shape:
    """Change the account's own contact data; null takes a value out."""
    given = given_in(info)
    values = {path: given[path] for path in CONTACT if path in given}
    if not values:
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "Say what is to be changed, and to what.")
    for path, value in values.items():
        if value is not None:
            checked(value, path)
    actor = await oneself(info.context)

    async def also(connection: AsyncConnection) -> None:
        await update_contact(connection, actor.member, values)

    return await act(info, actor, Deed(_nothing_of_an_open_account, also=also))


async def report(info: Info) -> Shape:
    """Hand in what somebody did in a company's name (S38)."""
    context, given = info.context, given_in(info)
    body, actor = checked(given["report"], "report", REPORT_AT_MOST), await oneself(context)
    company = context.catalogue.companies.get(given["company"])
    taken_at: list[datetime] = []

    def propose(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        if company is None or at not in company.listed:
            raise Objected(Objection.UNKNOWN_COMPANY, "company")
        taken_at.append(at)
        return _nothing_of_an_open_account(past, at)

    async def also(connection: AsyncConnection) -> None:
        await add_inquiry(
            connection,
            key=f"report-{context.decision_id}",
            member=actor.member,
            company=given["company"],
            body=body,
            at=taken_at[-1],
        )

    contact_point = None if company is None else company.contact_point
    beside = {"contactPoint": contact_point}
    return await act(info, actor, Deed(propose, also=also, beside=lambda _: beside))


async def register_guardian(info: Info) -> Shape:
    """Put on record that the bearer acts for the member whom the token names."""
    actor, guardian = await guardian_to_be(info.context), info.context.requester.subject
    evidence, kind = actor.evidence(), EventKind.GUARDIAN_REGISTERED

    def propose(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        event = actor.choice(kind, at, evidence, guardian_key=guardian)
        there = any((e.kind, e.guardian_key) == (kind, guardian) for e in past)
        return [] if there else [event]

    return await act(info, actor, Deed(propose))


def _nothing_of_an_open_account(past: Sequence[Event], _at: datetime) -> Sequence[Event]:
    """Propose no event: what is written is no fact that the rule reads."""
    if any(event.kind is EventKind.ACCOUNT_CLOSED for event in past):
        raise Objected(Objection.ACCOUNT_CLOSED)
    if not has_account(past):
        raise Objected(Objection.NO_ACCOUNT)
    return ()
