"""The personal entries: each plans its whole selection, reads it in one snapshot, and answers.

They are the only resolvers of personal types; below them every field reads its response key.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphql import GraphQLResolveInfo
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry import Info

from models.grant_sql import parameters
from models.redacted import (
    Paths,
    Redacted,
    View,
    member_by_key,
    page_of_members,
    rows_of_members,
)
from models.redacted import (
    member_by_account as select_by_account,
)
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers import catalogue
from resolvers.answer import Answer, Row, Rows, Shape
from resolvers.asking import account_company, refuse_officers, view_of
from resolvers.context import Context
from resolvers.cursors import open_cursor
from resolvers.plan import MEMBERS_AT_MOST, Connection, Planner, page_bounds
from resolvers.seal import Unsealed
from resolvers.tally import Tally

Select = Callable[[View, Paths, Paths], Redacted]
EntryInfo = Info[Context, None]


async def member(info: EntryInfo, id: str) -> Shape | None:  # noqa: A002 (the argument's name)
    """Give the member behind a node id, or None: hidden and unknown answer alike."""
    kind, key = _opened(info.context, id)
    if kind != "Member":
        raise _not_an_id()
    return await _one(info, member_by_key, {"member": key})


async def me(info: EntryInfo) -> Shape | None:
    """Give the signed-in member themself; a company is no member."""
    requester = info.context.requester
    if requester.role is not Role.MEMBER:
        return None
    return await _one(info, member_by_key, {"member": requester.subject})


async def member_by_account(info: EntryInfo, account_id: str) -> Shape | None:
    """Give the visible member behind the caller company's own account id."""
    _refuse_operand(info.context)
    company = account_company(info.context)

    def select(view: View, paths: Paths, lists: Paths) -> Redacted:
        return select_by_account(view, company, paths, lists)

    return await _one(info, select, {"account_id": account_id})


async def members(info: EntryInfo, first: int | None, after: str | None) -> Shape:
    """Give a page of the members visible to the caller, by key."""
    context = info.context
    refuse_officers(context)
    view = view_of(context)
    bounds = page_bounds({"first": first, "after": after}, MEMBERS_AT_MOST)
    plan = _planner(info).connection(bounds)
    start = open_cursor(context, plan.relation, bounds.after)
    statement = page_of_members(view, plan.paths, _lists(plan.connections))
    binds = {"after": start, "limit": bounds.first + 1}
    async with context.database.read() as connection:
        found = await _fetch(connection, statement, context, binds)
        shown = found[: bounds.first]
        answer = await _answer(connection, context, view, plan.connections, shown)
    shape = answer.page(plan, found, statement[1])
    context.disclosures.append(answer.tally.disclosure())
    return shape


async def node(info: EntryInfo, id: str) -> object | None:  # noqa: A002 (the argument's name)
    """Give the object behind a node id: a member as in `member`, or one of the catalogue."""
    try:
        kind, key = info.context.seal.open_node_id(catalogue.AUDIENCE, id)
    except (Unsealed, ValueError):
        return await member(info, id)
    return catalogue.node(info.context, kind, key)


def by_response_key(
    source: dict[str, object], info: GraphQLResolveInfo[Context], **_: Any
) -> object:
    """Resolve a field below a personal entry: its plan has put the value under its key."""
    return source[str(info.path.key)]


async def _one(info: EntryInfo, select: Select, binds: dict[str, object]) -> Shape | None:
    context = info.context
    view, plan = view_of(context), _planner(info).entry()
    statement = select(view, plan.paths, _lists(plan.connections))
    async with context.database.read() as connection:
        found = await _fetch(connection, statement, context, binds)
        answer = await _answer(connection, context, view, plan.connections, found)
    shape = answer.member(plan, statement[1], found[0]) if found else None
    context.disclosures.append(answer.tally.disclosure())
    return shape


async def _answer(
    connection: AsyncConnection,
    context: Context,
    view: View,
    below: Iterable[Connection],
    found: Sequence[Row],
) -> Answer:
    """Read the rows below the members found, one statement per connection, in their snapshot."""
    keys = [str(row[0]) for row in found]
    children: dict[Connection, Rows] = {}
    for plan in dict.fromkeys(below):
        start = open_cursor(context, plan.relation, plan.bounds.after)
        statement = rows_of_members(view, plan.relation, plan.paths)
        binds = {"members": keys, "after": start, "limit": plan.bounds.first + 1}
        of_member: dict[str, list[Row]] = defaultdict(list)
        for row in await _fetch(connection, statement, context, binds):
            of_member[str(row[0])].append(row)
        children[plan] = Rows(statement[1], of_member)
    return Answer(context, view, Tally(view), children)


async def _fetch(
    connection: AsyncConnection, statement: Redacted, context: Context, binds: dict[str, object]
) -> Sequence[Row]:
    values = parameters(context.asked_at, context.requester.subject) | binds
    return (await connection.execute(statement[0], values)).all()


def _planner(info: EntryInfo) -> Planner:
    return Planner(info._raw_info)  # noqa: SLF001 (strawberry offers no public way to it)


def _lists(connections: Iterable[Connection]) -> Paths:
    return tuple(dict.fromkeys(each.relation for each in connections))


def _opened(context: Context, token: str) -> tuple[str, str]:
    """Open a node id of this caller's audience. Raises BAD_USER_INPUT, one text for all."""
    _refuse_operand(context)
    try:
        kind, key = context.seal.open_node_id(context.requester.audience, token)
    except (Unsealed, ValueError) as fault:
        raise _not_an_id() from fault
    return kind, key


def _not_an_id() -> PrivacyError:
    return PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        "This is no id that you can fetch: ids are made for one audience, "
        "and members and catalogue entries are fetched by theirs.",
    )


def _refuse_operand(context: Context) -> None:
    if context.refuse_operands:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "An id in a GET request lands in proxy logs; send this query with POST.",
        )
