"""An explanation as a person would want it read, line by line."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.disclosure import RETURNED, Disclosure, Entry, MemberDisclosure, Opened, Use
from policy.catalogue import Catalogue
from policy.decide import Decision, Reason
from policy.errors import StartUpError
from policy.requester import GROUP_OFFICE, Role
from policy.situation import Question
from policy.vocabulary import AUDIT, Stage
from resolvers.explanation import Explanation, explanation_of
from resolvers.meanings import MEANINGS

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


async def explain(
    connection: AsyncConnection, catalogue: Catalogue, question: Question, member: str
) -> Explanation:
    """Explain. Raises StartUpError for what the catalogue lacks, naming what it has."""
    _known("company", question.company, catalogue.companies)
    _known("controller", question.on_behalf_of, catalogue.companies)
    _known("purpose", question.purpose, catalogue.purposes)
    _known("field", question.field, catalogue.fields)
    return await explanation_of(connection, catalogue, question, member)


def entry_of(
    explanation: Explanation, catalogue: Catalogue, decision_id: str, at: datetime
) -> Entry:
    """The ledger's entry of what is told: that there is something in the field, or nothing."""
    looked_at = (explanation.question.field, Use.COUNT)
    about = MemberDisclosure.of(0, {looked_at: frozenset({Opened(RETURNED)})})
    return Entry(
        decision_id=decision_id,
        company=GROUP_OFFICE,
        on_behalf_of=None,
        role=Role.OFFICER,
        subject="sekisho explain",
        purpose=AUDIT,
        reference=None,
        at=at,
        policy_version=catalogue.version,
        disclosures=(Disclosure(members={explanation.member: about}),),
    )


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
