"""One decision with its reasons, made anew at any past instant. Values are never read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import events_of
from models.row_facts import RowFacts
from models.tables import RELATIONS
from models.view import ACCOUNT
from policy.catalogue import Catalogue, Purpose
from policy.companies import Company
from policy.decide import Decision, Reason, decide
from policy.documents import Provision
from policy.errors import ErrorCode, PrivacyError
from policy.facts import MemberFacts, ValueFacts
from policy.requester import GROUP_OFFICE, Role
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import SUBJECT_REQUEST, Code, CompanyKind, Stage
from resolvers.context import Context
from resolvers.documents import provision_at
from resolvers.meanings import meaning_of
from resolvers.onlooking import check_named
from resolvers.replay import MYSELF
from resolvers.subject import member_key, read_about

Info = GraphQLResolveInfo[Context]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about each stored value of one field of one member."""

    question: Question
    member: str
    decisions: Sequence[tuple[str, ValueFacts, Decision]]
    """(row key, provenance, decision)"""


async def explanation_of(
    connection: AsyncConnection, catalogue: Catalogue, question: Question, member: str
) -> Explanation:
    """Decide anew from the member's events until then. What is named must be in the catalogue."""
    relation = catalogue.fields[question.field].relation
    facts = fold(await events_of(connection, member), question.at, catalogue)
    recipient = _recipient(catalogue, question)
    rows = await RowFacts(catalogue, recipient, question.at).of(connection, relation, member)
    decisions = [(key, value, decide(catalogue, question, facts, value)) for key, value in rows]
    return Explanation(question, member, decisions)


def _recipient(catalogue: Catalogue, question: Question) -> str | None:
    """For whom the company would get it: only a processor gets it for somebody else."""
    company = catalogue.companies[question.company or ""]
    by_processor = company.kind is CompanyKind.PROCESSOR
    return (question.on_behalf_of if by_processor else None) or question.company


@dataclass(frozen=True, slots=True)
class ExplainedReason:
    """How far one provision came; one without a provision stands before them all."""

    provision: Provision | None
    stage: Stage | None
    code: Code | None
    meaning: str | None


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """The verdict about one stored value."""

    row_id: str | None
    acquired_by: Company
    disclose: bool
    code: Code | None
    meaning: str | None
    provision: Provision | None
    via: str | None
    record: bool
    reasons: Sequence[ExplainedReason]


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation as its reader is told it."""

    member_id: str
    field: str
    company: Company
    on_behalf_of: Company | None
    purpose: Purpose
    at: datetime
    values: Sequence[ExplainedValue]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose view of what is to be explained, as it came in."""

    member_id: str
    field: str
    company: str
    purpose: str
    on_behalf_of: str | None
    at: datetime | None


async def explain(info: Info, asked: Asked) -> Explained:
    """Explain to an officer, or to the member, what a company would see and why.

    Raises FORBIDDEN for companies, and for a company's officer about another company;
    PURPOSE_UNKNOWN and BAD_USER_INPUT for what nobody knows. It is a read about a member, recorded
    as such.
    """
    context = info.context
    if context.requester.role not in {Role.MEMBER, Role.OFFICER}:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "Explanations are for privacy officers, and for members."
        )
    question, office = _question(context, asked), _office(context)
    if office is not None:
        _check_own(context.catalogue, question, office)
    member = member_key(context, asked.member_id)
    async with context.snapshot.reading() as connection:
        await read_about(connection, context, member, question.field)
        found = await explanation_of(connection, context.catalogue, question, member)
        if office is not None:
            found = await _for_the_office(connection, context, found, office)
    if context.requester.role is Role.MEMBER:
        found = _for_the_member(context, found)
    return _told(info, asked.member_id, found)


def _for_the_member(context: Context, found: Explanation) -> Explanation:
    """Leave out the values the member may not see themself: not even their number is told."""
    own = MYSELF.question(SUBJECT_REQUEST, found.question.field, context.asked_at)
    shown = [
        (row, value, decision)
        for row, value, decision in found.decisions
        if decide(context.catalogue, own, MemberFacts(), value).disclose
    ]
    return replace(found, decisions=shown)


def _office(context: Context) -> str | None:
    """Give the company whose officer asks; None for the member and for the group's office."""
    requester = context.requester
    of_one = requester.role is Role.OFFICER and requester.company != GROUP_OFFICE
    return requester.company if of_one else None


def _check_own(catalogue: Catalogue, question: Question, office: str) -> None:
    """Raise FORBIDDEN unless the office's own company would get it, itself or by a processor."""
    if office not in {question.company, _recipient(catalogue, question)}:
        raise PrivacyError(
            ErrorCode.FORBIDDEN,
            "A company's privacy officer asks what its own company would see: name it in "
            "`company`, or in `onBehalfOf` where a processor acts for it.",
        )


async def _for_the_office(
    connection: AsyncConnection, context: Context, found: Explanation, office: str
) -> Explanation:
    """Leave out the values that are none of the company's business: not even their number is told.

    Its business is what it acquired or holds now, and what is disclosed to it, then and now.
    A verdict about any other row would tell of that row: its acquirer, its merchant, its kind.
    """
    catalogue, open_now = context.catalogue, await _open_now(connection, context, found)
    shown = [
        (row, value, decision)
        for row, value, decision in found.decisions
        if office in {value.acquired_by, catalogue.custodian(value.acquired_by, context.asked_at)}
        or (decision.disclose and row in open_now)
    ]
    return replace(found, decisions=shown)


async def _open_now(
    connection: AsyncConnection, context: Context, found: Explanation
) -> frozenset[str]:
    """Give the rows that are disclosed at the instant of asking.

    Rows are those of today: what was open once must not tell of a row acquired after it was shut.
    """
    now = replace(found.question, at=context.asked_at)
    today = await explanation_of(connection, context.catalogue, now, found.member)
    return frozenset(row for row, _, decision in today.decisions if decision.disclose)


def _question(context: Context, asked: Asked) -> Question:
    """Give the question. Raises PrivacyError for each thing in it that the catalogue lacks."""
    catalogue, at = context.catalogue, asked.at or context.asked_at
    check_named(catalogue, asked.company, asked.purpose, asked.on_behalf_of)
    known = catalogue.fields.get(asked.field)
    if known is None or known.relation not in RELATIONS:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "`field` must be a personal field, by its path from Member, such as `orders.items`: "
            "the query `{ myAccess { field } }` lists them.",
        )
    if at > context.asked_at:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT, "`at` is still to come: name an instant that has been."
        )
    return Question(asked.company, asked.on_behalf_of, asked.purpose, asked.field, at)


def _told(info: Info, member_id: str, found: Explanation) -> Explained:
    question, catalogue = found.question, info.context.catalogue
    kind = _kind_of_row(info, catalogue.fields[question.field].relation)
    return Explained(
        member_id=member_id,
        field=question.field,
        company=catalogue.companies[question.company or ""],
        on_behalf_of=catalogue.companies.get(question.on_behalf_of or ""),
        purpose=catalogue.purposes[question.purpose],
        at=question.at,
        values=[_value(info.context, question, kind, *each) for each in found.decisions],
    )


def _kind_of_row(info: Info, relation: str) -> str | None:
    """Give the GraphQL type of a relation's rows; None for the account's own values."""
    member = info.schema.type_map["Member"]
    if relation == ACCOUNT or not isinstance(member, GraphQLObjectType):
        return None
    kind: GraphQLNamedType = get_named_type(member.fields[relation].type)
    if isinstance(kind, GraphQLObjectType) and "nodes" in kind.fields:
        kind = get_named_type(kind.fields["nodes"].type)
    return kind.name


def _value(  # noqa: PLR0913, PLR0917 (one stored value and what was decided about it)
    context: Context,
    question: Question,
    kind: str | None,
    row: str,
    value: ValueFacts,
    decision: Decision,
) -> ExplainedValue:
    catalogue, audience = context.catalogue, context.requester.audience
    reasons = [_reason(catalogue, question, reason) for reason in decision.reasons]
    return ExplainedValue(
        row_id=None if kind is None else context.seal.node_id(audience, kind, row),
        acquired_by=catalogue.companies[value.acquired_by],
        disclose=decision.disclose,
        code=decision.code,
        meaning=meaning_of(decision.code),
        provision=reasons[0].provision if decision.disclose else None,
        via=decision.via,
        record=decision.record,
        reasons=reasons,
    )


def _reason(catalogue: Catalogue, question: Question, reason: Reason) -> ExplainedReason:
    provision = provision_at(catalogue, reason.document, reason.provision or "", question.at)
    return ExplainedReason(provision, reason.stage, reason.code, meaning_of(reason.code))
