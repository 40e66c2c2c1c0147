"""What could open a field to a caller, told from its grant alone; nobody's data is looked at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy.catalogue import Catalogue
from policy.conditions import Test
from policy.grant import Alternative, Asker, Grant
from policy.member_tests import (
    Active,
    AdsAllowed,
    ConsentedTo,
    Deleted,
    Explicit,
    IncidentOpen,
    Known,
    Linked,
    MailNotRefused,
    MailWanted,
    NotStopped,
    OverseasConsented,
    Published,
    Reaches,
    Self,
    Stands,
    Used,
)
from policy.row_tests import (
    AcquiredBy,
    AcquisitionConsented,
    ConsentedToRow,
    ContractEnded,
    ContractRuns,
    Listed,
    LoggedIn,
    OfService,
    Ordered,
    Retained,
    RowCompanyIs,
    Screened,
)
from policy.vocabulary import ConsentLevel, Reason


class Availability(StrEnum):
    """Whether a caller can be shown a field for its purpose, before anybody is asked about."""

    ALWAYS = "ALWAYS"
    PER_MEMBER = "PER_MEMBER"
    NEVER = "NEVER"


class Needed(StrEnum):
    """What must have happened, or what a row must be, before a provision opens it."""

    CONSENT = "CONSENT"
    OVERSEAS_CONSENT = "OVERSEAS_CONSENT"
    ACQUISITION_CONSENT = "ACQUISITION_CONSENT"
    MAIL_WANTED = "MAIL_WANTED"
    LINKED = "LINKED"
    USED = "USED"
    ORDERED = "ORDERED"
    INCIDENT = "INCIDENT"
    PURPOSE_PUBLISHED = "PURPOSE_PUBLISHED"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    CONTRACT_ENDED = "CONTRACT_ENDED"
    LISTED = "LISTED"
    SCREENED = "SCREENED"
    LOGGED_IN = "LOGGED_IN"
    OWN_ROW = "OWN_ROW"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a way in takes: a consent item, or another condition."""

    condition: Needed
    item: str | None = None
    level: ConsentLevel | None = None
    """Of a consent: how strong it must be."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A provision that could open the field, with one thing it takes; None where it takes none."""

    key: str
    document: str | None
    need: Need | None


NEEDED: Mapping[type[Test], Needed | None] = {
    Stands: Needed.CONSENT,
    OverseasConsented: Needed.OVERSEAS_CONSENT,
    AcquisitionConsented: Needed.ACQUISITION_CONSENT,
    MailWanted: Needed.MAIL_WANTED,
    Linked: Needed.LINKED,
    Used: Needed.USED,
    Ordered: Needed.ORDERED,
    IncidentOpen: Needed.INCIDENT,
    Published: Needed.PURPOSE_PUBLISHED,
    Deleted: Needed.ACCOUNT_CLOSED,
    ContractEnded: Needed.CONTRACT_ENDED,
    Listed: Needed.LISTED,
    Screened: Needed.SCREENED,
    LoggedIn: Needed.LOGGED_IN,
    RowCompanyIs: Needed.OWN_ROW,
    # said with the consent's own entry, or by the provision's providers
    **dict.fromkeys((Explicit, Reaches, ConsentedTo, ConsentedToRow, AcquiredBy, OfService)),
    # holds until the member, the law or time ends it
    **dict.fromkeys((Known, Self, Active, ContractRuns, Retained)),
    **dict.fromkeys((NotStopped, MailNotRefused, AdsAllowed)),
}
"""Each test of the rule → what it asks to be brought about; None for what nobody need do."""


def availability(catalogue: Catalogue, asker: Asker, grant: Grant) -> Availability:
    """ALWAYS only for members about themselves, where nothing is left to ask of them or a row."""
    if grant.reason is Reason.NOT_PERMITTED:
        return Availability.NEVER
    acquirers = catalogue.relations[grant.relation].acquirers or frozenset(catalogue.companies)
    constant = asker.subject_self and any(
        all(_holds_of_everybody(test, acquirers) for test in way.tests)
        for way in grant.alternatives
    )
    return Availability.ALWAYS if constant else Availability.PER_MEMBER


def _holds_of_everybody(test: Test, acquirers: frozenset[str]) -> bool:
    """Whether the test is true of each member who asks, and of each row a relation can have."""
    if isinstance(test, AcquiredBy):
        return test.companies >= acquirers
    return isinstance(test, Known | Self)


def openings(catalogue: Catalogue, grant: Grant) -> tuple[Opening, ...]:
    """Give what would open the field, each once; the entries of one provision belong together.

    The most specific provision comes first. Ways of one provision that differ by who acquired the
    value are told as one: what each of them takes.
    """
    return tuple(dict.fromkeys(each for way in grant.alternatives for each in _of(catalogue, way)))


def _of(catalogue: Catalogue, way: Alternative) -> Iterator[Opening]:
    needs: Iterable[Need | None] = dict.fromkeys(_needs(catalogue, way)) or (None,)
    yield from (Opening(way.key, way.document, need) for need in needs)


def _needs(catalogue: Catalogue, way: Alternative) -> Iterator[Need]:
    for test in way.tests:
        needed = NEEDED[type(test)]
        if isinstance(test, Stands):
            level = _level(catalogue, test.item, explicit=Explicit(test.item) in way.tests)
            yield Need(Needed.CONSENT, test.item, level)
        elif needed is not None:
            yield Need(needed)


def _level(catalogue: Catalogue, item: str, *, explicit: bool) -> ConsentLevel:
    if catalogue.items[item].sensitive:
        return ConsentLevel.EXPLICIT_SENSITIVE
    return ConsentLevel.EXPLICIT if explicit else ConsentLevel.DEEMED
