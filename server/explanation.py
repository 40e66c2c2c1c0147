"""One decision with its reasons, as a person would want them read. Values are never read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import events_of
from models.row_facts import RowFacts
from policy.catalogue import Catalogue
from policy.decide import Decision, Reason, decide
from policy.errors import StartUpError
from policy.facts import ValueFacts
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import Code, Stage

MEANINGS: Mapping[Code, str] = {
    Code.SALE_FORBIDDEN: "Personal data is never sold or lent.",
    Code.UNKNOWN_CALLER: "The catalogue does not list the company at that time.",
    Code.UNKNOWN_PURPOSE: "The purpose is not registered at that time.",
    Code.NOT_PERSONAL_YET: "The event was never linked to the account by a login.",
    Code.WITHHELD_BY_LAW: "The law withholds it from the member too (art. 33(2)).",
    Code.SUBJECT_DELETED: "There is no account, or it is closed: what remains by law is left.",
    Code.CONTRACT_LAPSED: "Its contract does not run: what remains by law is left.",
    Code.RETENTION_OVER: "It is past the time it may be kept.",
    Code.PROCESSOR_SCOPE: "No contract with the controller holds this field and purpose.",
    Code.STOP_REQUEST: "The member asked for a stop, or the consent is suspended.",
    Code.PREFERENCE_OFF: "The member does not want this mail or advertising.",
    Code.NOT_RECIPIENT: "The company is not among the recipients.",
    Code.PURPOSE_NOT_COVERED: "It does not list the purpose.",
    Code.CATEGORY_NOT_COVERED: "It does not list the data category.",
    Code.SENSITIVE_NOT_COVERED: "It does not list this sensitive item.",
    Code.DOCUMENT_REPLACED: "A more specific document takes its place.",
    Code.CONSENT_MISSING: "The member did not consent.",
    Code.CONSENT_REFUSED: "The member refused.",
    Code.CONSENT_WITHDRAWN: "The member withdrew the consent.",
    Code.CONSENT_OUTDATED: "The consent does not reach this far: it is older, narrower or over.",
    Code.CONSENT_TOO_WEAK: "It takes a stronger consent than the member gave.",
    Code.GUARDIAN_REQUIRED: "At the member's age it takes a guardian's consent.",
    Code.NOT_LINKED: "The member's account is not linked with the company, nor used there of late.",
    Code.NO_TRANSACTION: "There is no order of the member with this merchant.",
    Code.NO_INCIDENT: "No incident about the member is open at the company.",
    Code.NOT_YET_ENDED: "Neither the account nor the contract has ended.",
    Code.OVERSEAS_NOT_COVERED: "Nothing admits provision to that country (art. 28).",
}

_STAGES: Mapping[Stage, str] = {
    Stage.RECIPIENT: "recipient",
    Stage.PURPOSE: "purpose",
    Stage.CATEGORY: "category",
    Stage.RESTRICTION: "restriction",
    Stage.DOCUMENT: "document",
    Stage.CONSENT: "consent",
    Stage.CONDITION: "condition",
    Stage.OVERSEAS: "country",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about each stored value of one field of one member."""

    question: Question
    member: str
    decisions: Sequence[tuple[str, ValueFacts, Decision]]
    """(row key, provenance, decision)"""


async def explain(
    connection: AsyncConnection, catalogue: Catalogue, question: Question, member: str
) -> Explanation:
    """Decide anew from the member's events. Raises StartUpError for what the catalogue lacks."""
    _known("company", question.company, catalogue.companies)
    _known("controller", question.on_behalf_of, catalogue.companies)
    _known("purpose", question.purpose, catalogue.purposes)
    _known("field", question.field, catalogue.fields)
    relation = catalogue.fields[question.field].relation
    facts = fold(await events_of(connection, member), question.at, catalogue)
    recipient = question.on_behalf_of or question.company
    row_facts = RowFacts(catalogue, recipient, question.at)
    rows = await row_facts.of(connection, relation, member)
    decisions = [(key, value, decide(catalogue, question, facts, value)) for key, value in rows]
    return Explanation(question, member, decisions)


def render(explanation: Explanation) -> Iterator[str]:
    """The explanation, line by line."""
    asked = explanation.question
    controller = f" on behalf of {asked.on_behalf_of}" if asked.on_behalf_of else ""
    yield (
        f"{asked.company}{controller} asks for {asked.field} of {explanation.member}, "
        f"for {asked.purpose}, at {asked.at:%Y-%m-%d %H:%M:%S} UTC."
    )
    if not explanation.decisions:
        yield "There is no such row of this member."
    for key, value, decision in explanation.decisions:
        yield f"{key}, acquired by {value.acquired_by}: {_outcome(decision)}"
        if not decision.disclose:
            yield from (f"  {_told(reason)}" for reason in decision.reasons)


def _outcome(decision: Decision) -> str:
    if not decision.disclose:
        return f"WITHHELD, {decision.code}."
    via = f" via {decision.via}" if decision.via else ""
    record = "; recorded as a provision to another company" if decision.record else ""
    return f"DISCLOSED by {decision.provision}{via}{record}."


def _told(reason: Reason) -> str:
    meaning = MEANINGS[reason.code] if reason.code else ""
    if reason.provision is None or reason.stage is None:
        return meaning
    return f"{reason.provision} fails at the {_STAGES[reason.stage]}: {meaning} ({reason.code})"


def _known(what: str, key: str | None, entries: Mapping[str, object]) -> None:
    if key is not None and key not in entries:
        raise StartUpError(f"There is no {what} {key}. There are {', '.join(entries)}.")
