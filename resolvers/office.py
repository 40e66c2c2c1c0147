"""What privacy officers do about a consent, each time with a reason."""

from collections.abc import Sequence
from datetime import datetime

from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind
from policy.requester import GROUP_OFFICE
from resolvers.actor import officer
from resolvers.acts import Deed, act, checked, given_in
from resolvers.consenting import Named
from resolvers.context import Context
from resolvers.payload import Info, Shape


async def suspend(info: Info) -> Shape:
    """Hold the items named, while a request is examined (art. 35)."""
    return await _decide(info, EventKind.SUSPENDED)


async def reinstate(info: Info) -> Shape:
    """Let the items named stand again as before."""
    return await _decide(info, EventKind.REINSTATED)


async def invalidate(info: Info) -> Shape:
    """Declare the items named void."""
    return await _decide(info, EventKind.INVALIDATED)


async def _decide(info: Info, kind: EventKind) -> Shape:
    given, catalogue = given_in(info), info.context.catalogue
    named = Named.by(given)
    reason = given["reason"] if not given["reason"].strip() else checked(given["reason"], "reason")
    _check_office(info.context, named)
    actor = await officer(info.context, given["memberId"])
    evidence = actor.evidence(reference=reason)

    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        named.check(catalogue)
        return [actor.event(kind, at, evidence, item=key) for key in named.keys]

    return await act(info, actor, Deed(propose, frozenset(named.keys), named=named.place))


def _check_office(context: Context, named: Named) -> None:
    """Raise FORBIDDEN for an item of a document that is not the office's company's."""
    office, catalogue = context.requester.company or "", context.catalogue
    others = [key for key in named.keys if not _answers_for(catalogue, office, key, context)]
    if others:
        raise PrivacyError(
            ErrorCode.FORBIDDEN,
            "A privacy officer decides about documents that their company published or adopts; "
            "the group's office (`*`) about all.",
        )


def _answers_for(catalogue: Catalogue, office: str, key: str, context: Context) -> bool:
    item = catalogue.items.get(key)
    if office == GROUP_OFFICE or item is None:
        return True
    document, company = catalogue.documents[item.document], catalogue.companies.get(office)
    adopts = company is not None and company.adopted(document.key, context.asked_at)
    return document.publisher == office or adopts
