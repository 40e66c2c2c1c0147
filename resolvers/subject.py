"""The member a question is about: named by a node id, known to the caller, put on record."""

from sqlalchemy.ext.asyncio import AsyncConnection

from models.condition_sql import parameters
from models.disclosure import Use
from models.judged import APART
from models.redacted import known_member
from policy.errors import ErrorCode, PrivacyError
from resolvers.asking import view_of
from resolvers.context import Context
from resolvers.operands import in_a_url
from resolvers.seal import Unsealed
from resolvers.tally import Tally, last_seq


def member_key(context: Context, token: str) -> str:
    """Open a member's id of the caller's audience. Raises BAD_USER_INPUT, one text for all."""
    if context.refuse_operands:
        raise in_a_url("An id")
    try:
        kind, key = context.seal.open_node_id(context.requester.audience, token)
    except (Unsealed, ValueError):
        kind, key = "", ""
    if kind != "Member":
        raise not_an_id()
    return key


async def read_about(
    connection: AsyncConnection, context: Context, member: str, field: str
) -> None:
    """Put on record that an officer, or the member, reads about this field of this member.

    A verdict tells that something is there, or not: the field counts as counted.

    Raises BAD_USER_INPUT, as for no id at all, where the caller knows no such member.
    """
    requester, view = context.requester, view_of(context)
    known = known_member(view)
    binds = parameters(context.asked_at, requester.subject) | {"member": member}
    row = (await connection.execute(known.main, binds, execution_options=APART)).first()
    if row is None:
        raise not_an_id()
    tally = Tally(view)
    tally.member(member, last_seq(known.layout, row))
    tally.returned(member, field, Use.COUNT)
    context.disclosures.append(tally.disclosure())


def not_an_id() -> PrivacyError:
    """Refuse whatever this audience was never given."""
    return PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        "This is no id that you can fetch: ids are made for one audience, "
        "and members and catalogue entries are fetched by theirs.",
    )
