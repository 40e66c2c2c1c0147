"""The personal entries: each plans its whole selection, reads it in one snapshot, and answers.

They are the only resolvers of personal types; below them every field reads its response key.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from graphql import GraphQLResolveInfo
from strawberry import Info

from models.criteria import Below
from models.disclosure import RETURNED, Opened, Use
from models.judged import Redacted
from models.redacted import member_by_account as select_by_account
from models.redacted import member_by_key, members_by_keys, page_of_members
from models.view import Paths, View
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers import catalogue
from resolvers.answer import Shape
from resolvers.asking import account_company, eyes_of, refuse_officers
from resolvers.context import Context
from resolvers.plan import Wanted
from resolvers.planner import Planner
from resolvers.reading import Binds, Found, Reading, Select
from resolvers.seal import Unsealed
from resolvers.subject import member_key

IDS_AT_MOST = 100
ACCOUNT_ID = "linkedCompanies.accountId"

EntryInfo = Info[Context, None]
T = TypeVar("T")


async def member(info: EntryInfo, id: str) -> Shape | None:  # noqa: A002 (the argument's name)
    """Give the member behind a node id, or None: hidden and unknown answer alike."""
    return await _one(info, member_by_key, {"member": member_key(info.context, id)})


async def me(info: EntryInfo) -> Shape | None:
    """Give the signed-in member themself; a company is no member."""
    requester = info.context.requester
    if requester.role is not Role.MEMBER:
        return None
    return await _one(info, member_by_key, {"member": requester.subject})


async def member_by_account(info: EntryInfo, account_id: str) -> Shape | None:
    """Give the visible member behind the caller company's own account id.

    The id is compared where `linkedCompanies.accountId` may be withheld: it is the company's own
    number for an account that stands linked. That it was looked at is on record.
    """
    company = account_company(info.context)

    def select(view: View, paths: Paths, below: tuple[Below, ...]) -> Redacted:
        return select_by_account(view, company, paths, below)

    return await _one(info, select, {"account_id": account_id}, ACCOUNT_ID)


async def members(info: EntryInfo) -> Shape:
    """Give a page of the members visible to the caller."""
    context = info.context
    refuse_officers(context)
    planner = _planner(info)
    plan = planner.members()
    asked, counted = plan.asked, bool(plan.totals)
    size = asked.page.size if plan.shows_entries else 0

    def select(view: View, paths: Paths, below: tuple[Below, ...]) -> Redacted:
        return page_of_members(view, paths, below, asked.listing, asked.used, counted)

    binds = {**asked.binds, "limit": size + 1 if size else 0}
    reading = Reading(context, planner.eyes, Wanted.by(plan.objects()))
    found = await reading.members(select, binds, asked)
    total = _total(found) if counted else None
    shown = [row for row in found.rows if found.layout.of(row, "member_key") is not None]
    if total is not None or (asked.counted and not shown):
        # Nobody on a page that was searched is a number told, too.
        found.answer.tally.count(asked.counted, total or 0)
    shape = found.answer.page(plan, shown, found.layout, total)
    context.disclosures.append(found.answer.tally.disclosure())
    return _placed(info, shape)


async def node(info: EntryInfo, id: str) -> object | None:  # noqa: A002 (the argument's name)
    """Give the object behind a node id: a member as in `member`, or one of the catalogue."""
    (found,) = await nodes(info, [id])
    return _placed(info, found)


async def nodes(info: EntryInfo, ids: Sequence[str]) -> Sequence[object | None]:
    """Give the objects behind node ids in this order, all members among them read at once.

    Raises BAD_USER_INPUT for more than a hundred, and for one that is no id of the caller's.
    """
    if len(ids) > IDS_AT_MOST:
        message = f"Ask for at most {IDS_AT_MOST} ids at once."
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, message)
    context = info.context
    things = [_thing(context, id_) for id_ in ids]
    keys = {each for each in things if isinstance(each, str)}
    shapes = await _several(info, sorted(keys)) if keys else {}
    return _placed(info, [shapes.get(each) if isinstance(each, str) else each for each in things])


def by_response_key(
    source: dict[str, object], info: GraphQLResolveInfo[Context], **_: Any
) -> object:
    """Resolve a field below a personal entry: its plan has put the value under its key."""
    return source[str(info.path.key)]


async def _one(
    info: EntryInfo, select: Select, binds: Binds, looked_at: str | None = None
) -> Shape | None:
    shapes = await _read(info, select, binds, looked_at)
    return _placed(info, next(iter(shapes.values()), None))


async def _several(info: EntryInfo, keys: Sequence[str]) -> dict[str, Shape]:
    return await _read(info, members_by_keys, {"members": keys})


async def _read(
    info: EntryInfo, select: Select, binds: Binds, looked_at: str | None = None
) -> dict[str, Shape]:
    """Give the members that are visible of those selected, by what was looked at; by key."""
    context, planner = info.context, _planner(info)
    plan = planner.entry()
    found = await Reading(context, planner.eyes, Wanted.by([plan])).members(select, binds)
    shapes = {
        str(found.layout.of(row, "member_key")): found.answer.member(plan, found.layout, row)
        for row in found.rows
    }
    for key in shapes if looked_at else ():
        found.answer.tally.used(key, str(looked_at), Use.FILTER, [Opened(RETURNED)])
    context.disclosures.append(found.answer.tally.disclosure())
    return shapes


def _placed(info: EntryInfo, answer: T) -> T:
    """Give the answer, remembered where places in it are asked for."""
    if info.context.places is not None:
        info.context.places.roots[str(info.path.key)] = answer
    return answer


def _total(found: Found) -> int:
    """Give the number that every tuple of a counted page carries."""
    number = found.layout.of(found.rows[0], "total")
    return number if isinstance(number, int) else 0


def _planner(info: EntryInfo) -> Planner:
    raw = info._raw_info  # noqa: SLF001 (strawberry offers no public way to it)
    return Planner.of(raw, eyes_of(info.context))


def _thing(context: Context, token: str) -> object | None:
    """Give an object of the catalogue (None: it is there no more), or a member's key."""
    try:
        kind, key = context.seal.open_node_id(catalogue.AUDIENCE, token)
    except (Unsealed, ValueError):
        return member_key(context, token)
    return catalogue.node(context, kind, key)
