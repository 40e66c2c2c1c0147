"""What comes before any provision: state gates, the processor's contract, the member's vetoes."""

from collections.abc import Iterator

from policy.conditions import Condition, Test
from policy.member_tests import (
    Active,
    AdsAllowed,
    Known,
    MailNotRefused,
    MailWanted,
    NotStopped,
    Self,
)
from policy.row_tests import ContractRuns, LoggedIn, Retained
from policy.situation import Situation
from policy.vocabulary import Code, Veto


def gates(situation: Situation) -> Iterator[Condition]:
    """State steps 0 to 5 of domain.md 3.3 in order. The first two are settled by the request.

    INVARIANT: nobody asks for what comes after a condition that is settled as failed. What is not
    registered has no purpose to look at.
    """
    yield _gate(Code.UNKNOWN_CALLER, situation.caller is not None)
    yield _gate(Code.UNKNOWN_PURPOSE, situation.purpose_registered)
    if situation.question.shown_to_subject:
        yield _gate(Code.WITHHELD_BY_LAW, not situation.field.withheld_from_subject)
    yield _gate(Code.NOT_PERSONAL_YET, LoggedIn())
    yield _gate(Code.SUBJECT_DELETED, Known())
    if not (situation.purpose.limited and situation.question.company == situation.custodian):
        yield _gate(Code.SUBJECT_DELETED, Active())
        yield _gate(Code.CONTRACT_LAPSED, ContractRuns())
    yield _gate(Code.RETENTION_OVER, Retained())
    yield _gate(Code.PROCESSOR_SCOPE, _mandated(situation))
    yield from _vetoes(situation)


def self_conditions(situation: Situation) -> tuple[Condition, ...]:
    """State self access: everything personal, minus what art. 33(2) withholds (Q15)."""
    return (
        _gate(Code.UNKNOWN_PURPOSE, situation.purpose_registered),
        _gate(Code.NOT_PERSONAL_YET, LoggedIn()),
        _gate(Code.SUBJECT_DELETED, Known()),
        _gate(Code.SUBJECT_DELETED, Self()),
        _gate(Code.WITHHELD_BY_LAW, not situation.field.withheld_from_subject),
        _gate(Code.NOT_RECIPIENT, situation.acquirer in situation.catalogue.companies),
    )


def _gate(code: Code, test: bool | Test) -> Condition:  # noqa: FBT001 (settled or open)
    return Condition(None, code, test)


def _mandated(situation: Situation) -> bool:
    """Whether a processor has one contract in force for field and purpose; others name nobody."""
    question = situation.question
    if not situation.is_processor:
        return question.on_behalf_of is None
    return any(
        contract.processor == question.company
        and contract.controller == question.on_behalf_of
        and question.at in contract.in_force
        and question.field in contract.fields
        and question.purpose in contract.purposes
        for contract in situation.catalogue.contracts
    )


def _vetoes(situation: Situation) -> Iterator[Condition]:
    """Deny-overrides: they bind own use, retention and processors alike (domain.md 3.7-8)."""
    parties = (situation.question.company, situation.controller, situation.custodian)
    companies = frozenset(company for company in parties if company is not None)
    categories = frozenset(situation.field.categories)
    yield _gate(Code.STOP_REQUEST, NotStopped(companies, categories))
    sender = situation.controller or ""
    vetoes = situation.purpose.vetoes
    if Veto.MAIL_OPT_IN in vetoes:
        yield _gate(Code.PREFERENCE_OFF, MailWanted(sender))
    if Veto.MAIL_REFUSED in vetoes:
        yield _gate(Code.PREFERENCE_OFF, MailNotRefused(sender))
    if Veto.ADS_OPT_OUT in vetoes:
        yield _gate(Code.PREFERENCE_OFF, AdsAllowed())
