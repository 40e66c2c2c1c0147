"""The rule of domain.md 3.3, 3.4 and 3.7 once more: naive, by quantifiers, from raw events.

Slow on purpose, and sharing nothing with `policy` but its plain data: what every reading of the
rule in the product is held against.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from policy.catalogue import Catalogue
from policy.documents import Provision
from policy.events import Event, EventKind
from policy.facts import ValueFacts
from policy.vocabulary import Code, CompanyKind, DocumentScope, RowFact, Veto
from tests.reference_case import Asked, Case, holds, version_in_force
from tests.reference_conditions import admitted, foreign
from tests.reference_stages import (
    STAGES,
    applies,
    document_of,
    first_failure,
    provided,
    wanted_level,
)


class Answer(NamedTuple):
    """ALLOW with its basis, or DENY with its code; `record`: art. 29 and 30 ask for one."""

    allow: bool
    code: Code | None
    provision: str | None
    record: bool


def allow(provision: str, *, record: bool) -> Answer:
    return Answer(allow=True, code=None, provision=provision, record=record)


def deny(code: Code) -> Answer:
    return Answer(allow=False, code=code, provision=None, record=False)


def reference(
    catalogue: Catalogue, question: Asked, events: Sequence[Event], value: ValueFacts
) -> Answer:
    """Steps 0 to 9. `events` are one member's, in the order of their recording."""
    past = tuple(sorted((e for e in events if e.at <= question.at), key=lambda e: e.at))
    case = Case(catalogue, question, past, value)
    if code := nobody_may_ask(case) or nobodys_value(case):
        return deny(code)
    if about_self(case):
        # Step 2: self access, minus what art. 33(2) withholds; past deletion and retention too.
        if case.f.withheld_from_subject:
            return deny(Code.WITHHELD_BY_LAW)
        known = value.acquired_by in catalogue.companies
        return allow("SELF", record=False) if known else deny(Code.NOT_RECIPIENT)
    if code := gone(case) or out_of_mandate(case) or vetoed(case):
        return deny(code)
    return by_provisions(case)


def about_self(case: Case) -> bool:
    """actor = m, for subject_request."""
    return case.question.subject_self and case.question.purpose == "subject_request"


def never(catalogue: Catalogue, question: Asked) -> bool:
    """NOT_PERMITTED (after 3.3): no π in force passes stages 1-4 for any value f could have."""
    for value in any_provenance(catalogue, catalogue.fields[question.field].relation):
        case = Case(catalogue, question, (), value)
        if nobody_may_ask(case) or out_of_mandate(case):
            return True
        if any(not any(test(case, row) for test in STAGES[:4]) for row in candidates(case)):
            return False
    return True


def any_provenance(catalogue: Catalogue, relation: str) -> Iterator[ValueFacts]:
    """Every acquirer, service, row company and kind that a value of this relation can have."""
    carries = catalogue.relations[relation].facts.__contains__
    acquirers = catalogue.relations[relation].acquirers or catalogue.companies
    services = [None, *catalogue.services] if carries(RowFact.SERVICE) else [None]
    companies = list(catalogue.companies) if carries(RowFact.ROW_COMPANY) else [None]
    kinds = {kind for every in catalogue.sensitive_lists.values() for kind in every.kinds}
    for o, service, company, kind in product(acquirers, services, companies, [None, *kinds]):
        lists = {key for key, every in catalogue.sensitive_lists.items() if kind in every.kinds}
        of_kind = frozenset(lists if carries(RowFact.KIND) else ())
        yield ValueFacts(o, service, lists=of_kind, row_company=company, screened=True)


def nobody_may_ask(case: Case) -> Code | None:
    """Step 0. authenticated(c) ∧ active(c,t) = listed at t; registered(p,t)."""
    caller = case.catalogue.companies.get(case.c)
    purpose = case.catalogue.purposes.get(case.question.purpose)
    if not about_self(case) and (caller is None or not holds(caller.listed, case.t)):
        return Code.UNKNOWN_CALLER
    if purpose is None or purpose.registered_at > case.t:
        return Code.UNKNOWN_PURPOSE
    return None


def nobodys_value(case: Case) -> Code | None:
    """Step 2. link_state(v) = ANONYMOUS → DENY, for the member too (S12). No member: no access."""
    if not case.value.linked:
        return Code.NOT_PERSONAL_YET
    return None if case.past else Code.SUBJECT_DELETED


def gone(case: Case) -> Code | None:
    """Step 3. DELETED, then LAPSED → p ∈ retention_limited* ∧ c = h (S18, S70); then retention."""
    what_remains = case.p.limited and case.c == case.h
    contract = case.value.contract
    runs = contract is None or (contract.lapse_at is not None and case.t < contract.lapse_at)
    if case.deleted and not what_remains:
        return Code.SUBJECT_DELETED
    if not runs and not what_remains:
        return Code.CONTRACT_LAPSED
    return Code.RETENTION_OVER if case.value.retention_until <= case.t else None


def out_of_mandate(case: Case) -> Code | None:
    """Step 4. A processor acts under one contract (c, c') in force at t; others name nobody."""
    named = case.question.on_behalf_of
    if case.company(case.c).kind is not CompanyKind.PROCESSOR:
        return None if named is None else Code.PROCESSOR_SCOPE
    mandated = any(
        (contract.processor, contract.controller) == (case.c, named)
        and holds(contract.in_force, case.t)
        and case.f.path in contract.fields
        and case.p.key in contract.purposes
        for contract in case.catalogue.contracts
    )
    return None if mandated else Code.PROCESSOR_SCOPE


def vetoed(case: Case) -> Code | None:
    """Step 5. Art. 35 stops, then mail, then ads: any of them denies (S35, 3.7-8)."""
    parties = {case.c, case.controller, case.h}
    if any(stopped(case, x, k) for x in parties for k in case.categories | {"*"}):
        return Code.STOP_REQUEST
    wish = case.last({EventKind.MAIL_PREFERENCE}, lambda e: e.company == case.controller)
    wanted = None if wish is None else wish.wanted
    ads = case.last({EventKind.ADS_PREFERENCE})
    unwanted = {
        Veto.MAIL_OPT_IN: wanted is not True,
        Veto.MAIL_REFUSED: wanted is False,
        Veto.ADS_OPT_OUT: ads is not None and ads.wanted is False,
    }
    return Code.PREFERENCE_OFF if any(unwanted[veto] for veto in case.p.vetoes) else None


def stopped(case: Case, company: str, category: str) -> bool:
    """A stop of this category ("*": of all) at this company was requested and not lifted since."""

    def concerns(event: Event) -> bool:
        lifts_all = event.kind is EventKind.STOP_LIFTED and not event.categories
        named = category in (event.categories or ("*",))
        return event.company == company and (named or lifts_all)

    latest = case.last({EventKind.STOP_REQUESTED, EventKind.STOP_LIFTED}, concerns)
    return latest is not None and latest.kind is EventKind.STOP_REQUESTED


def candidates(case: Case) -> Iterator[Provision]:
    """Step 6. Every active π of the version of each document in force at t with o ∈ π.providers."""
    all_restrictive = case.categories <= case.f.restricted
    for provision in case.catalogue.provisions:
        document = document_of(case, provision)
        version = version_in_force(document, case.t)
        in_force = version is not None and version.key == provision.version
        other_service = document.scope is DocumentScope.SERVICE and not applies(case, document)
        names_none = not case.categories & set(provision.categories)
        left_out = all_restrictive and names_none
        of_force = provision.active and in_force and not other_service and not left_out
        if of_force and provided(case, provision):
            yield provision


def by_provisions(case: Case) -> Answer:
    """Steps 7 to 9: one π must satisfy everything; else the code of the π that came furthest."""
    tried = [(provision, first_failure(case, provision)) for provision in candidates(case)]
    passed = [provision for provision, failure in tried if failure is None]
    if passed:
        basis = min(
            passed,
            key=lambda row: (-document_of(case, row).scope, -wanted_level(case, row), row.key),
        )
        # 9: also for an overseas processor admitted by consent alone.
        by_consent_alone = any(not admitted(case, x) for x in foreign(case))
        return allow(basis.key, record=case.controller != case.h or by_consent_alone)
    failed = [
        (-failure[0], -document_of(case, provision).scope, provision.key, failure[1])
        for provision, failure in tried
        if failure is not None
    ]
    return deny(min(failed)[-1] if failed else Code.NOT_RECIPIENT)
