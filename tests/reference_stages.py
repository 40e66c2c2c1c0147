"""The stages of domain.md 3.3 step 7 for the reference rule: each says why a provision fails."""

from collections.abc import Callable

from policy.documents import Document, Party, Provision
from policy.vocabulary import (
    HOME_COUNTRY,
    SENSITIVE,
    Code,
    CompanyKind,
    ConsentLevel,
    ConsentState,
    DocumentMode,
    DocumentScope,
    Group,
    GroupTie,
    IdStatus,
    Reach,
)
from tests.reference_case import Case, holds, id_status_of, tie_of, version_in_force
from tests.reference_conditions import condition, overseas
from tests.reference_consent import consent_of


def document_of(case: Case, provision: Provision) -> Document:
    return case.catalogue.documents[provision.document]


def named_categories(case: Case, provision: Provision) -> frozenset[str]:
    """π.categories(f): what π lists whole, or narrowed to fields with f among them."""
    return frozenset(
        category
        for category, fields in provision.categories.items()
        if fields is None or case.f.path in fields
    )


def in_group(case: Case, group: Group, x: str, document: Document) -> bool:
    """The scope predicates of 2.1, d's own group definition (S40), at t."""
    company = case.company(x)
    tie = tie_of(company, case.t)
    adopts = any(holds(when, case.t) for when in company.adopts.get(document.key, ()))
    insures = any(holds(when, case.t) for when in company.insurance_group)
    live = id_status_of(company, case.t) is IdStatus.LIVE
    in_a = tie in {GroupTie.PARENT, GroupTie.CONSOLIDATED_SUBSIDIARY, GroupTie.AFFILIATE}
    in_b = tie in {GroupTie.PARENT, GroupTie.CONSOLIDATED_SUBSIDIARY}
    return {
        Group.ADOPTERS: adopts,
        Group.GROUP_A: in_a,
        Group.OTHERS_A: in_a and not adopts and live,
        Group.GROUP_B: in_b,
        Group.GROUP_B_NON_INS: in_b and not insures,
        Group.INS_GROUP: insures,
        Group.INS_UNDERWRITERS: insures and company.kind in {CompanyKind.INSURER, CompanyKind.SSI},
        Group.MERCHANTS: company.kind is CompanyKind.MERCHANT,
        Group.ITSELF: x == case.h,
        Group.ROW_COMPANY: x == case.value.row_company,
    }[group]


def belongs(case: Case, party: Party, x: str, document: Document) -> bool:
    """x is of the party's group and passes each of its narrowings."""
    if party.group is Group.COMPANIES:
        of_group = x in party.companies
    else:
        of_group = in_group(case, party.group, x, document)
    return (
        of_group
        and (not party.kinds or case.company(x).kind in party.kinds)
        and x not in party.but
        and (not party.publisher or x == document.publisher)
        and (not party.other or x not in {case.h, case.o})
    )


def provided(case: Case, provision: Provision) -> bool:
    """o ∈ π.providers (frozen scope, Q18)."""
    return belongs(case, provision.providers, case.o, document_of(case, provision))


def recipient(case: Case, provision: Provision) -> Code | None:
    """1. c' ∈ π.recipients at t; PLANNED is nobody's (S49), nor is the former custodian o ≠ h."""
    x = case.controller
    planned = id_status_of(case.company(x), case.t) is IdStatus.PLANNED
    former = x == case.o != case.h
    document = document_of(case, provision)
    reached = not planned and not former and belongs(case, provision.recipients, x, document)
    return None if reached else Code.NOT_RECIPIENT


def purpose(case: Case, provision: Provision) -> Code | None:
    """2. p ∈ closure(π.purposes at d.published); own means the recipient's (S25); S45."""
    purposes, p = provision.purposes, case.p
    version = next(v for v in document_of(case, provision).versions if v.key == provision.version)
    child = p.parent in purposes.with_children and p.registered_at <= version.published_at
    listed = p.key in purposes.exact | purposes.with_children or child
    own = purposes.own and p.owner == case.controller
    kind = case.company(case.controller).kind
    others = {purpose.reserved_for for purpose in case.catalogue.purposes.values()}
    reserved = p.reserved_for is kind if p.reserved_for else kind not in others
    covered = ((listed and p.key not in purposes.but) or own) and reserved
    return None if covered else Code.PURPOSE_NOT_COVERED


def category(case: Case, provision: Provision) -> Code | None:
    """3. cats(v) ∩ π.categories(f) ≠ ∅: ANY."""
    shared = case.categories & named_categories(case, provision)
    return None if shared else Code.CATEGORY_NOT_COVERED


def restriction(case: Case, provision: Provision) -> Code | None:
    """4. restrictive(v) ⊆ π.categories(f); sensitive(v) ⇒ f ∈ π.sensitive_list (S75)."""
    if case.f.until_screened and not case.value.screened:
        return Code.SENSITIVE_NOT_COVERED  # 3.7-11: closed to companies until screened
    missing = case.f.restricted - named_categories(case, provision)
    if missing:
        return Code.SENSITIVE_NOT_COVERED if SENSITIVE in missing else Code.CATEGORY_NOT_COVERED
    if SENSITIVE not in case.f.restricted:
        return None
    if case.f.by_kind:
        listed = any(key in case.value.lists for key in provision.sensitive_lists)
    else:
        lists = case.catalogue.sensitive_lists
        listed = any(case.f.path in lists[key].fields for key in provision.sensitive_lists)
    return None if listed else Code.SENSITIVE_NOT_COVERED


def replaced(case: Case, provision: Provision) -> Code | None:
    """5. A REPLACE document of v's service or of o, more specific than d, is in force (3.4)."""
    own = document_of(case, provision)
    displaced = any(
        other.mode is DocumentMode.REPLACE
        and other.scope > own.scope
        and version_in_force(other, case.t) is not None
        and applies(case, other)
        for other in case.catalogue.documents.values()
    )
    return Code.DOCUMENT_REPLACED if displaced else None


def applies(case: Case, document: Document) -> bool:
    """Whether a document for one service or one company is about v."""
    if document.scope is DocumentScope.SERVICE:
        return case.value.service is not None and case.value.service == document.service
    return document.scope is DocumentScope.COMPANY and case.o == document.publisher


def wanted_level(case: Case, provision: Provision) -> ConsentLevel:
    """max(π.min_consent, p's own minimum)."""
    return max(provision.min_consent, case.p.min_consent)


def consent(case: Case, provision: Provision) -> Code | None:
    """6. Each item of π in turn: state, guardian, level, scope of the consented version."""
    if not provision.items:
        met = case.p.min_consent <= provision.min_consent
        return None if met else Code.CONSENT_TOO_WEAK
    second = max(ConsentLevel.EXPLICIT, case.p.min_consent)
    levels = [wanted_level(case, provision)] + [second] * (len(provision.items) - 1)
    codes = (
        item_fails(case, provision, item, level)
        for item, level in zip(provision.items, levels, strict=True)
    )
    return next((code for code in codes if code), None)


STATE_CODES = {
    ConsentState.NONE: Code.CONSENT_MISSING,
    ConsentState.PRESENTED: Code.CONSENT_MISSING,
    ConsentState.DEFERRED: Code.CONSENT_MISSING,
    ConsentState.INVALIDATED: Code.CONSENT_MISSING,
    ConsentState.REFUSED: Code.CONSENT_REFUSED,
    ConsentState.WITHDRAWN: Code.CONSENT_WITHDRAWN,
    ConsentState.SUSPENDED: Code.STOP_REQUEST,
}


def item_fails(case: Case, provision: Provision, item: str, level: ConsentLevel) -> Code | None:
    standing = consent_of(case, item)
    if standing.state in STATE_CODES:
        return STATE_CODES[standing.state]
    if standing.valid_until <= case.t:
        return Code.CONSENT_OUTDATED
    if not reaches(case, provision, standing.reaches):
        return Code.GUARDIAN_REQUIRED
    if standing.level < level:
        return Code.CONSENT_TOO_WEAK
    return None if consented_to(case, provision, standing.version) else Code.CONSENT_OUTDATED


def reaches(case: Case, provision: Provision, reaches: frozenset[Reach]) -> bool:
    """3.7-5: sensitive rows and every recipient or processor abroad ask for more."""
    sensitive = SENSITIVE in provision.categories
    abroad = any(case.company(x).country != HOME_COUNTRY for x in (case.c, case.controller))
    needed = Reach.WIDE if sensitive or abroad else Reach.HOME
    as_adult = provision.unknown_age and not sensitive and Reach.USE_ONLY in reaches
    return needed in reaches or as_adult


def consented_to(case: Case, provision: Provision, version: str | None) -> bool:
    """3.7-4: that version must hold the same π and reach the same recipient, purpose and value."""
    return any(
        old.active
        and (old.document, old.version, old.key) == (provision.document, version, provision.key)
        and provided(case, old)
        and not any(test(case, old) for test in (recipient, purpose, category, restriction))
        for old in case.catalogue.provisions
    )


STAGES: tuple[Callable[[Case, Provision], Code | None], ...] = (
    recipient,
    purpose,
    category,
    restriction,
    replaced,
    consent,
    condition,
    overseas,
)


def first_failure(case: Case, provision: Provision) -> tuple[int, Code] | None:
    """The first stage at which π fails, with its code; None where it passes all eight."""
    for stage, test in enumerate(STAGES, start=1):
        if code := test(case, provision):
            return stage, code
    return None
