"""One case per kind of date of a member: events of the log, and dates on rows and contracts."""

from policy.events import Event, EventKind
from policy.vocabulary import TICK, YEAR, Code
from tests.instants import ABROAD, AT_CARD, AT_MOBILE, FIRST, SECOND, THIRD, Ask, Case
from tests.instants_events import (
    ASKED,
    LINKED,
    MEMBER,
    NEWCOMER,
    TO_THE_GROUP,
    ads,
    closed,
    decided,
    deemed,
    granted,
    incident,
    linked,
    mail,
    notified,
    overseas,
    stop,
    unlinked,
    used,
)

OF_THE_ACCOUNT = Ask("rakuten_group", "service_provision", "fullName")
NEW_AT_CARD = Ask("card", "own:card:analysis", "fullName")
"""For a purpose that was published after everybody's links."""
AT_SSI = Ask("ssi", "own:ssi:service", "fullName")
SERVICING = Ask("ssi", "policy_servicing", "insurancePolicies.product", of="ssi")
DISPUTE = Ask("ssi", "retention_dispute", "insurancePolicies.product", of="ssi")

CONSENT = (
    Case(
        "a member nobody knew is known from the first event",
        Ask("card", "own:card:service", "customerRecords.name", of="card"),
        (Code.SUBJECT_DELETED, Event(EventKind.ACCOUNT_OPENED, FIRST), "C-OWN"),
    ),
    Case(
        "first use opens and a refusal closes",
        OF_THE_ACCOUNT,
        (
            Code.CONSENT_MISSING,
            deemed("A", FIRST),
            "A-USE",
            decided(EventKind.REFUSED, "A", SECOND),
            Code.CONSENT_REFUSED,
        ),
        NEWCOMER,
    ),
    Case(
        "a grant opens and a withdrawal closes",
        AT_MOBILE,
        (
            Code.CONSENT_MISSING,
            granted("B.group", FIRST),
            "B-2",
            decided(EventKind.WITHDRAWN, "B.group", SECOND),
            Code.CONSENT_WITHDRAWN,
        ),
        ASKED,
    ),
    Case(
        "a grant for a term ends with its term",
        AT_MOBILE,
        (
            Code.CONSENT_MISSING,
            granted("B.group", FIRST, valid_until=SECOND),
            "B-2",
            SECOND,
            Code.CONSENT_OUTDATED,
        ),
        ASKED,
    ),
    Case(
        "a second item's term ends what rests on both",
        Ask("life", "ins_product_rnd", "healthRecords.value", of="ssi"),
        ("B-SENS-1", FIRST, Code.CONSENT_OUTDATED),
        (*ASKED, granted("B.sensitive"), granted("B.ins_group", valid_until=FIRST)),
    ),
    Case(
        "a suspension closes until the reinstatement and an invalidation closes for good",
        OF_THE_ACCOUNT,
        (
            "A-USE",
            decided(EventKind.SUSPENDED, "A", FIRST),
            Code.STOP_REQUEST,
            decided(EventKind.REINSTATED, "A", SECOND),
            "A-USE",
            decided(EventKind.INVALIDATED, "A", THIRD),
            Code.CONSENT_MISSING,
        ),
        MEMBER,
    ),
)

LINKS = (
    Case(
        "a link opens at its instant and an unlink closes it",
        AT_CARD,
        (
            Code.NOT_LINKED,
            linked("card", FIRST),
            "A-4-1-2",
            unlinked("card", SECOND),
            Code.NOT_LINKED,
        ),
        MEMBER,
    ),
    Case(
        "a use opens for 365 days to the tick",
        AT_CARD,
        (Code.NOT_LINKED, used("card", FIRST), "A-4-1-2", FIRST + YEAR + TICK, Code.NOT_LINKED),
        MEMBER,
    ),
    Case(
        "a use of the ID at the insurer opens for 365 days to the tick",
        AT_SSI,
        (Code.NOT_LINKED, used("ssi", FIRST), "B-IN", FIRST + YEAR + TICK, Code.NOT_LINKED),
        MEMBER,
    ),
    Case(
        "an unlink ends a use before its year is over",
        AT_SSI,
        (Code.NOT_LINKED, used("ssi", FIRST), "B-IN", unlinked("ssi", SECOND), Code.NOT_LINKED),
        MEMBER,
    ),
    Case(
        "a use after publication opens an own purpose newer than the link for 365 days to the tick",
        NEW_AT_CARD,
        (
            Code.CONSENT_OUTDATED,
            used("card", FIRST),
            "A-4-1-2",
            FIRST + YEAR + TICK,
            Code.CONSENT_OUTDATED,
        ),
        LINKED,
    ),
    Case(
        "a notification opens an own purpose newer than the link",
        NEW_AT_CARD,
        (Code.CONSENT_OUTDATED, notified("own:card:analysis", FIRST), "A-4-1-2"),
        LINKED,
    ),
)

WISHES = (
    Case(
        "mail is open from the wish for it until the wish against it",
        Ask("rakuten_group", "direct_mail", "loginEmail"),
        (
            Code.PREFERENCE_OFF,
            mail("rakuten_group", FIRST, wanted=True),
            "A-USE",
            mail("rakuten_group", SECOND, wanted=False),
            Code.PREFERENCE_OFF,
        ),
        MEMBER,
    ),
    Case(
        "mail refused closes a recipient's own advertising until it is wanted again",
        Ask("card", "own:card:marketing", "fullName"),
        (
            "A-4-1-2",
            mail("card", FIRST, wanted=False),
            Code.PREFERENCE_OFF,
            mail("card", SECOND, wanted=True),
            "A-4-1-2",
        ),
        LINKED,
    ),
    Case(
        "the opt-out from advertising closes until it is taken back",
        Ask("rakuten_group", "ad_targeting", "fullName"),
        ("A-USE", ads(FIRST, wanted=False), Code.PREFERENCE_OFF, ads(SECOND, wanted=True), "A-USE"),
        MEMBER,
    ),
    Case(
        "a stop of everything closes until it is lifted",
        AT_CARD,
        (
            "A-4-1-2",
            stop(EventKind.STOP_REQUESTED, "card", FIRST),
            Code.STOP_REQUEST,
            stop(EventKind.STOP_LIFTED, "card", SECOND),
            "A-4-1-2",
        ),
        LINKED,
    ),
    Case(
        "a stop of one category at the holder closes until it is lifted",
        AT_CARD,
        (
            "A-4-1-2",
            stop(EventKind.STOP_REQUESTED, "rakuten_group", FIRST, "profile"),
            Code.STOP_REQUEST,
            stop(EventKind.STOP_LIFTED, "rakuten_group", SECOND, "profile"),
            "A-4-1-2",
        ),
        LINKED,
    ),
    Case(
        "consent to a country opens it and its withdrawal closes it",
        ABROAD,
        (
            Code.OVERSEAS_NOT_COVERED,
            overseas(EventKind.OVERSEAS_CONSENTED, FIRST),
            "B-2",
            overseas(EventKind.OVERSEAS_WITHDRAWN, SECOND),
            Code.OVERSEAS_NOT_COVERED,
        ),
        TO_THE_GROUP,
    ),
    Case(
        "an incident opens what it needs until it is closed",
        Ask("bank", "fraud_detect", "loginName"),
        (
            Code.NO_INCIDENT,
            incident(EventKind.INCIDENT_OPENED, FIRST),
            "A-4-1-3",
            incident(EventKind.INCIDENT_CLOSED, SECOND),
            Code.NO_INCIDENT,
        ),
        (*NEWCOMER, granted("A")),
    ),
)

ENDINGS = (
    Case(
        "an account that closes ends every ordinary purpose",
        OF_THE_ACCOUNT,
        ("A-USE", closed(FIRST), Code.SUBJECT_DELETED),
        MEMBER,
    ),
    Case(
        "an account that closes opens the limited purposes",
        Ask("rakuten_group", "retention_fee", "fullName"),
        (Code.NOT_YET_ENDED, closed(FIRST), "A-RET"),
        MEMBER,
    ),
    Case(
        "an account that closes opens the limited purposes for a policy still running",
        DISPUTE,
        (Code.NOT_YET_ENDED, closed(FIRST), "B-RET"),
        MEMBER,
    ),
    Case(
        "a contract that lapses ends every ordinary purpose",
        SERVICING,
        ("B0-USE", FIRST, Code.CONTRACT_LAPSED),
        MEMBER,
        lapse_at=FIRST,
    ),
    Case(
        "a contract that lapses opens the limited purposes",
        DISPUTE,
        (Code.NOT_YET_ENDED, FIRST, "B-RET"),
        MEMBER,
        lapse_at=FIRST,
    ),
    Case(
        "a value closes when its retention is over",
        SERVICING,
        ("B0-USE", FIRST, Code.RETENTION_OVER),
        MEMBER,
        row={"retention_until": FIRST},
    ),
    Case(
        "a lapsed contract's value closes for limited purposes too when its retention is over",
        DISPUTE,
        (Code.NOT_YET_ENDED, FIRST, "B-RET", SECOND, Code.RETENTION_OVER),
        MEMBER,
        row={"retention_until": SECOND},
        lapse_at=FIRST,
    ),
    Case(
        "no end that closes a value to companies closes it to the member",
        Ask(None, "subject_request", "insurancePolicies.product", of="ssi"),
        ("SELF", FIRST, "SELF", SECOND, "SELF", closed(THIRD), "SELF"),
        MEMBER,
        row={"retention_until": SECOND},
        lapse_at=FIRST,
    ),
    Case(
        "a sensitive value opens with the consent to its acquisition",
        Ask("ssi", "underwriting_ops", "healthRecords.value", of="ssi"),
        (Code.CONSENT_MISSING, FIRST, "B0-SENS"),
        MEMBER,
        row={"acquisition_consent_at": FIRST},
    ),
    Case(
        "an order opens to its merchant when it is placed",
        Ask("shop_tea", "merchant_fulfil", "orders.items", of="ichiba"),
        (Code.NO_TRANSACTION, FIRST, "A-MERCH"),
        MEMBER,
        row={"at": FIRST},
    ),
)

CASES = (*CONSENT, *LINKS, *WISHES, *ENDINGS)
