"""Why an act is not taken: every rule that can stand against one, under a stable code."""

from collections.abc import Mapping
from enum import StrEnum


class Objection(StrEnum):
    """What stands against an act of a member, a service or an officer."""

    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    UNKNOWN_COMPANY = "UNKNOWN_COMPANY"
    UNKNOWN_CATEGORY = "UNKNOWN_CATEGORY"
    UNKNOWN_COUNTRY = "UNKNOWN_COUNTRY"
    UNKNOWN_PURPOSE = "UNKNOWN_PURPOSE"
    WRONG_ACTOR = "WRONG_ACTOR"
    NOT_GUARDIAN = "NOT_GUARDIAN"
    NO_ACCOUNT = "NO_ACCOUNT"
    ACCOUNT_OPEN = "ACCOUNT_OPEN"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    NOT_ASKED = "NOT_ASKED"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    NOT_PRESENTED = "NOT_PRESENTED"
    PRESENTATION_OUTDATED = "PRESENTATION_OUTDATED"
    ITEM_APART = "ITEM_APART"
    SESSION_TOO_WEAK = "SESSION_TOO_WEAK"
    NOT_DEEMABLE = "NOT_DEEMABLE"
    GUARDIAN_REQUIRED = "GUARDIAN_REQUIRED"
    TERM_OVER = "TERM_OVER"
    NOTHING_TO_WITHDRAW = "NOTHING_TO_WITHDRAW"
    NOTHING_TO_SUSPEND = "NOTHING_TO_SUSPEND"
    NOT_SUSPENDED = "NOT_SUSPENDED"
    NOTHING_TO_INVALIDATE = "NOTHING_TO_INVALIDATE"
    REASON_MISSING = "REASON_MISSING"
    NOT_LIVE = "NOT_LIVE"
    NOT_LINKED = "NOT_LINKED"
    ALREADY_LINKED = "ALREADY_LINKED"


OBJECTIONS: Mapping[Objection, str] = {
    Objection.UNKNOWN_ITEM: "There is no such consent item.",
    Objection.UNKNOWN_COMPANY: "There is no such company.",
    Objection.UNKNOWN_CATEGORY: "There is no such data category.",
    Objection.UNKNOWN_COUNTRY: "The notice names no recipient in this country.",
    Objection.UNKNOWN_PURPOSE: "There is no such purpose.",
    Objection.WRONG_ACTOR: "Nobody in this role can do this.",
    Objection.NOT_GUARDIAN: "Only a registered guardian acts for a member who is not of age.",
    Objection.NO_ACCOUNT: "The member has no account.",
    Objection.ACCOUNT_OPEN: "The member has an account already.",
    Objection.ACCOUNT_CLOSED: "The account is closed: what was consented to has ended.",
    Objection.NOT_ASKED: "The document is a notice: it asks for no answer.",
    Objection.NOT_IN_FORCE: "This version of the document is not in force.",
    Objection.NOT_PRESENTED: "This version has not been presented to the member.",
    Objection.PRESENTATION_OUTDATED: (
        "What was presented is not what stands to be answered now: present it again."
    ),
    Objection.ITEM_APART: "A sensitive item is consented to by itself.",
    Objection.SESSION_TOO_WEAK: "This consent takes a session signed in with the group's ID.",
    Objection.NOT_DEEMABLE: "This is not deemed to be consented to by this use.",
    Objection.GUARDIAN_REQUIRED: "At the member's age, this takes a guardian.",
    Objection.TERM_OVER: "The term of this consent is over already.",
    Objection.NOTHING_TO_WITHDRAW: "There is no consent to take back.",
    Objection.NOTHING_TO_SUSPEND: "There is no consent to suspend.",
    Objection.NOT_SUSPENDED: "The consent is not suspended.",
    Objection.NOTHING_TO_INVALIDATE: "There is no consent to declare void.",
    Objection.REASON_MISSING: "A privacy officer states the decision or request this rests on.",
    Objection.NOT_LIVE: "The company's services do not accept the group's ID.",
    Objection.NOT_LINKED: "There is no link to this company and no use of the ID there.",
    Objection.ALREADY_LINKED: "There is such a link already.",
}
"""What each code says, in English."""
