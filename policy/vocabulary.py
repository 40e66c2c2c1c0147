"""The words of the rule: every closed list that catalogue, facts and decisions draw from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

FOREVER = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC, year=1970)
TICK = timedelta(microseconds=1)
YEAR = timedelta(days=365)
"""12 months (domain.md 3.7-1): the life of a use of the ID and of a review of measures."""

HOME_COUNTRY = "JP"


@dataclass(frozen=True, slots=True)
class Interval:
    """[start, end) in UTC; an event at t counts at t (domain.md 3.7-1)."""

    start: datetime
    end: datetime = FOREVER

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Label:
    """A name in the two languages of the product."""

    ja: str
    en: str


class CompanyKind(StrEnum):
    """Domain.md 2.1."""

    PARENT = "PARENT"
    COMMERCE = "COMMERCE"
    FINTECH = "FINTECH"
    TELECOM = "TELECOM"
    MEDIA_AD = "MEDIA_AD"
    INSURANCE_HOLDING = "INSURANCE_HOLDING"
    INSURER = "INSURER"
    SSI = "SSI"
    INSURANCE_AGENCY = "INSURANCE_AGENCY"
    MERCHANT = "MERCHANT"
    PROCESSOR = "PROCESSOR"
    EXTERNAL = "EXTERNAL"


class GroupTie(StrEnum):
    """How a company belongs to the group; AFFILIATE counts for A, not for B (S40)."""

    PARENT = "PARENT"
    CONSOLIDATED_SUBSIDIARY = "CONSOLIDATED_SUBSIDIARY"
    AFFILIATE = "AFFILIATE"
    NONE = "NONE"


class IdStatus(StrEnum):
    """Whether a company's services accept the group's ID; PLANNED is nobody's recipient (S49)."""

    NONE = "NONE"
    PLANNED = "PLANNED"
    LIVE = "LIVE"


class CategoryClass(StrEnum):
    """A label of domain.md 2.2; the rule reads only the fields' `restricted`."""

    ORDINARY = "ORDINARY"
    RESTRICTED = "RESTRICTED"
    RESTRICTED_SECRET = "RESTRICTED_SECRET"  # noqa: S105 (a class of data, not a password)
    CONDITIONAL = "CONDITIONAL"
    SENSITIVE = "SENSITIVE"
    OPERATIONAL = "OPERATIONAL"


SENSITIVE = "sensitive"
"""The category whose absence is SENSITIVE_NOT_COVERED and which also asks for a sensitive list."""


SUBJECT_REQUEST = "subject_request"
"""The purpose of members about themselves."""
AUDIT = "audit"
"""The purpose of privacy officers."""
EVERY_CATEGORY = "*"
"""In place of a data category, where a member stopped the use of all."""
SYSTEM_PURPOSES = frozenset({SUBJECT_REQUEST, AUDIT, "statutory_disclosure"})
"""Registered like any other, and listed by no provision (domain.md 3.7-7)."""


class ConsentLevel(IntEnum):
    """Strength of the basis, in rising order (domain.md 3.3)."""

    NONE = 0
    NOTICE = 1
    DEEMED = 2
    EXPLICIT = 3
    EXPLICIT_SENSITIVE = 4


class ConsentMode(StrEnum):
    """How a document comes to bind: by first use, by an explicit act, by publication."""

    DEEMED = "DEEMED"
    EXPLICIT = "EXPLICIT"
    NOTICE = "NOTICE"


class DocumentMode(StrEnum):
    """Whether a specific document adds to the general one or takes its place (S4)."""

    SUPPLEMENT = "SUPPLEMENT"
    REPLACE = "REPLACE"


class DocumentScope(IntEnum):
    """Specificity of a document, in rising order (domain.md 3.4)."""

    GROUP = 1
    INSURANCE_GROUP = 2
    COMPANY = 3
    SERVICE = 4


class Group(StrEnum):
    """Scope predicates of domain.md 2.1, evaluated at the time of the question."""

    ADOPTERS = "ADOPTERS"
    GROUP_A = "GROUP_A"
    OTHERS_A = "OTHERS_A"
    GROUP_B = "GROUP_B"
    GROUP_B_NON_INS = "GROUP_B_NON_INS"
    INS_GROUP = "INS_GROUP"
    INS_UNDERWRITERS = "INS_UNDERWRITERS"
    MERCHANTS = "MERCHANTS"
    COMPANIES = "COMPANIES"
    ITSELF = "ITSELF"
    ROW_COMPANY = "ROW_COMPANY"


class Requirement(StrEnum):
    """Stage 7 conditions a provision can carry."""

    LINKED = "LINKED"
    USED = "USED"
    ORDERED = "ORDERED"
    INCIDENT = "INCIDENT"
    MEMBER_DELETED = "MEMBER_DELETED"
    CONTRACT_ENDED = "CONTRACT_ENDED"
    ACQUISITION_CONSENT = "ACQUISITION_CONSENT"


class OpeningAct(StrEnum):
    """Before what an own purpose must have been published (Q13, domain.md 3.7-6)."""

    LINK = "LINK"
    USE = "USE"
    CONSENT = "CONSENT"
    PUBLICATION = "PUBLICATION"


class Veto(StrEnum):
    """Which of the member's preferences a purpose must heed (domain.md 3.3 step 5)."""

    MAIL_OPT_IN = "MAIL_OPT_IN"
    MAIL_REFUSED = "MAIL_REFUSED"
    ADS_OPT_OUT = "ADS_OPT_OUT"


class RowFact(StrEnum):
    """Facts beside its acquirer that rows of a relation can carry and the rule reads."""

    SERVICE = "service"
    CONTRACT = "contract"
    MERCHANT = "merchant"
    LINK_STATE = "link_state"
    KIND = "kind"
    ACQUISITION_CONSENT = "acquisition_consent"
    SCREENED = "screened"
    RETENTION = "retention"
    ROW_COMPANY = "row_company"


class LinkState(StrEnum):
    """Whether a login linked what a device told (S12)."""

    ANONYMOUS = "ANONYMOUS"
    LINKED = "LINKED"


class ConsentState(StrEnum):
    """Standing of one consent item (domain.md 3.1).

    EXPIRED, SUPERSEDED and ENDED are read off clock, catalogue and account (policy.states); the
    fold of an item's own events gives none of them.
    """

    NONE = "NONE"
    PRESENTED = "PRESENTED"
    DEEMED = "DEEMED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    DEFERRED = "DEFERRED"
    WITHDRAWN = "WITHDRAWN"
    SUSPENDED = "SUSPENDED"
    INVALIDATED = "INVALIDATED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    ENDED = "ENDED"


class AgeGroup(StrEnum):
    """The member's age at a consent event, as coarse as rule Q16 needs it."""

    CHILD = "CHILD"
    """Under 16: a guardian is needed for every grant."""
    YOUTH = "YOUTH"
    """16 or 17: a guardian is needed for sensitive data and for recipients abroad."""
    ADULT = "ADULT"
    UNKNOWN = "UNKNOWN"
    """Counts as adult for provisions that say so (A-USE), for nothing else."""


class Reach(StrEnum):
    """How far a consent event carries (domain.md 3.7-5)."""

    USE_ONLY = "USE_ONLY"
    """Age unknown: only for provisions marked `unknown_age`."""
    HOME = "HOME"
    """Recipients in Japan, nothing sensitive."""
    WIDE = "WIDE"
    """Sensitive provisions, and recipients or processors abroad."""


class Code(StrEnum):
    """Fine deny codes of domain.md 3.3, for the member and officers alone."""

    SALE_FORBIDDEN = "SALE_FORBIDDEN"
    UNKNOWN_CALLER = "UNKNOWN_CALLER"
    UNKNOWN_PURPOSE = "UNKNOWN_PURPOSE"
    NOT_PERSONAL_YET = "NOT_PERSONAL_YET"
    WITHHELD_BY_LAW = "WITHHELD_BY_LAW"
    SUBJECT_DELETED = "SUBJECT_DELETED"
    CONTRACT_LAPSED = "CONTRACT_LAPSED"
    RETENTION_OVER = "RETENTION_OVER"
    PROCESSOR_SCOPE = "PROCESSOR_SCOPE"
    STOP_REQUEST = "STOP_REQUEST"
    PREFERENCE_OFF = "PREFERENCE_OFF"
    NOT_RECIPIENT = "NOT_RECIPIENT"
    PURPOSE_NOT_COVERED = "PURPOSE_NOT_COVERED"
    CATEGORY_NOT_COVERED = "CATEGORY_NOT_COVERED"
    SENSITIVE_NOT_COVERED = "SENSITIVE_NOT_COVERED"
    DOCUMENT_REPLACED = "DOCUMENT_REPLACED"
    CONSENT_MISSING = "CONSENT_MISSING"
    CONSENT_REFUSED = "CONSENT_REFUSED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CONSENT_OUTDATED = "CONSENT_OUTDATED"
    CONSENT_TOO_WEAK = "CONSENT_TOO_WEAK"
    GUARDIAN_REQUIRED = "GUARDIAN_REQUIRED"
    NOT_LINKED = "NOT_LINKED"
    NO_TRANSACTION = "NO_TRANSACTION"
    NO_INCIDENT = "NO_INCIDENT"
    NOT_YET_ENDED = "NOT_YET_ENDED"
    OVERSEAS_NOT_COVERED = "OVERSEAS_NOT_COVERED"


class Reason(StrEnum):
    """Coarse reasons, all that a recipient ever learns (design.md section 6)."""

    NOT_PERMITTED = "NOT_PERMITTED"
    NOT_OPEN = "NOT_OPEN"


class Stage(IntEnum):
    """How far a provision came before it failed (domain.md 3.3 step 7)."""

    RECIPIENT = 1
    PURPOSE = 2
    CATEGORY = 3
    RESTRICTION = 4
    DOCUMENT = 5
    CONSENT = 6
    CONDITION = 7
    OVERSEAS = 8
