"""Who looks at the signed-in member's data, as it happens: the history (histories) going on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from models.disclosure import Entry
from models.history import Told, history_after, history_end
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers import cursors
from resolvers.catalogue import Info
from resolvers.context import Context
from resolvers.disclosed import Disclosed, disclosed
from resolvers.readership import readership
from resolvers.recorded import then_of

NAME = "accessToMyData"


@dataclass(frozen=True, slots=True)
class Access:
    """One entry, as the member is told it."""

    cursor: str
    disclosure: Disclosed


async def access_to_my_data(info: Info, after: str | None) -> AsyncIterator[Access]:
    """Tell the member who is signed in of each entry about them, from a cursor on, or from now on.

    Each notice is an answer of its own, verified and on record. Raises FORBIDDEN for everybody
    else.
    """
    context = info.context
    if context.requester.role is not Role.MEMBER:
        raise PrivacyError(ErrorCode.FORBIDDEN, "accessToMyData is for members, about themselves.")
    member, position = context.requester.subject, await _begin(context, after)
    while True:
        # Whatever is folded by now is told below; what comes meanwhile lies behind this end.
        end = context.folder.position
        while page := await history_after(context.folder, member, position):
            for each in page:
                position = each.position
                if not _is_notice(each.entry, member):
                    yield await context.anew(partial(_access, context, each))
            await context.breathe()
        position = max(position, end)
        async with context.rest():
            await context.folder.grown(position)


def _is_notice(entry: Entry, member: str) -> bool:
    """Whether it says no more than that the member was told something by such a stream.

    INVARIANT: these are not told, or the streams of one member would keep each other busy.
    """
    told = [used for part in entry.disclosures for used in part.members.values()]
    items = {path for used in told for path, _ in used.items}
    return (entry.role, entry.subject, items) == (Role.MEMBER, member, {"", NAME})


async def _access(context: Context, told: Told) -> Access:
    reader = await readership(context, NAME, None)
    then = await then_of(context, told.entry.policy_version, told.entry.at)
    await context.snapshot.renew()
    return Access(_cursor(context, told.position), disclosed(context, reader, told, then))


async def _begin(context: Context, after: str | None) -> int:
    found = cursors.open_position(context, cursors.bound_to(context, NAME), after)
    return await history_end(context.folder) if found is None else int(found.key)


def _cursor(context: Context, position: int) -> str:
    # As long whatever the number is, so that its length tells nothing of how much is on record.
    place = cursors.Position((), f"{position:020}")
    return cursors.seal_position(context, cursors.bound_to(context, NAME), place)
