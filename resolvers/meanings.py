"""What each code of a decision means, as a person would want it read."""

from collections.abc import Mapping

from policy.vocabulary import Code

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


def meaning_of(code: Code | None) -> str | None:
    return None if code is None else MEANINGS[code]
