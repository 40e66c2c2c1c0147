"""What one provision takes, stage by stage (domain.md 3.3 step 7)."""

from collections.abc import Callable, Iterator, Mapping

from policy.companies import Company
from policy.conditions import Condition, RowTest, StateCode, Test
from policy.documents import Document, Item, Provision
from policy.member_tests import (
    Deleted,
    Explicit,
    IncidentOpen,
    Linked,
    OverseasConsented,
    Published,
    Reaches,
    Stands,
    Used,
)
from policy.row_tests import (
    AcquisitionConsented,
    ContractEnded,
    Listed,
    Ordered,
    RowCompanyIs,
    Screened,
    consented_to,
)
from policy.scopes import belongs
from policy.situation import Situation
from policy.vocabulary import (
    HOME_COUNTRY,
    SENSITIVE,
    Code,
    CompanyKind,
    ConsentLevel,
    Group,
    IdStatus,
    OpeningAct,
    Reach,
    Requirement,
    Stage,
)


def conditions(
    situation: Situation, document: Document, provision: Provision
) -> Iterator[Condition]:
    """State the eight stages in order; a provision comes as far as the first that fails."""
    yield from _scoping(situation, document, provision)
    yield Condition(Stage.DOCUMENT, Code.DOCUMENT_REPLACED, not situation.replaced(document))
    yield from _consents(situation, document, provision)
    yield from _requirements(situation, provision)
    yield from overseas(situation)


def _scoping(situation: Situation, document: Document, provision: Provision) -> Iterator[Condition]:
    """1 to 4: what the provision reaches at all. They are asked of the consented version too."""
    yield from addressing(situation, document, provision)
    yield from covering(situation, provision)


def addressing(
    situation: Situation, document: Document, provision: Provision
) -> tuple[Condition, ...]:
    """1 and 2: to whom, and what for, whatever the field: stated once for all of them."""
    key = provision.document, provision.version, provision.key
    if key not in situation.addressed:
        received = _receives(situation, document, provision)
        covered = purpose_covered(situation, document, provision)
        situation.addressed[key] = (
            Condition(Stage.RECIPIENT, Code.NOT_RECIPIENT, received),
            Condition(Stage.PURPOSE, Code.PURPOSE_NOT_COVERED, covered),
        )
    return situation.addressed[key]


def covering(situation: Situation, provision: Provision) -> Iterator[Condition]:
    """3 and 4: which fields, whoever asks and whoever acquired the value."""
    covered = _category_covered(situation, provision)
    yield Condition(Stage.CATEGORY, Code.CATEGORY_NOT_COVERED, covered)
    yield from _restrictions(situation, provision)


def _receives(situation: Situation, document: Document, provision: Provision) -> bool | Test:
    """1: c' is a recipient now. PLANNED companies and former custodians never are (S49, S26)."""
    party, acquirer = provision.recipients, situation.acquirer
    company = situation.catalogue.companies.get(situation.controller or "")
    if company is None or company.id_at(situation.at) is IdStatus.PLANNED:
        return False
    holder = situation.custodian
    if company.key == acquirer and acquirer != holder:
        return False
    if party.other and company.key in {acquirer, holder}:
        return False
    if not belongs(company, party, document, situation.at):
        return False
    if party.group is Group.ROW_COMPANY:
        return RowCompanyIs(company.key)
    return party.group is not Group.ITSELF or company.key == holder


def purpose_covered(situation: Situation, document: Document, provision: Provision) -> bool:
    """2: the purpose is listed, as the version knew it when published (S14, S45)."""
    purpose, listed = situation.purpose, provision.purposes
    controller = situation.catalogue.companies.get(situation.controller or "")
    if controller is None or not _reserved_fits(situation, controller.kind):
        return False
    if purpose.owner is not None:
        return listed.own and purpose.owner == controller.key
    if purpose.key in listed.but:
        return False
    published_at = document.version(provision.version).published_at
    return purpose.key in listed.exact or any(
        purpose.falls_under(parent, published_at) for parent in listed.with_children
    )


def _reserved_fits(situation: Situation, kind: CompanyKind) -> bool:
    """Whether a purpose kept for one kind of company meets that kind, and the kind nothing else."""
    wanted = situation.purpose.reserved_for
    return kind is wanted if wanted else kind not in situation.catalogue.kinds_reserved_for


def _category_covered(situation: Situation, provision: Provision) -> bool:
    """3: at least one category of the value is covered (ANY, Q6)."""
    field = situation.field
    return any(provision.covers(category, field.path) for category in field.categories)


def _restrictions(situation: Situation, provision: Provision) -> Iterator[Condition]:
    """4: each restrictive category must itself be covered, sensitive values by an explicit list."""
    field, stage = situation.field, Stage.RESTRICTION
    if field.until_screened:
        yield Condition(stage, Code.SENSITIVE_NOT_COVERED, Screened())
    missing = {key for key in field.restricted if not provision.covers(key, field.path)}
    code = Code.SENSITIVE_NOT_COVERED if SENSITIVE in missing else Code.CATEGORY_NOT_COVERED
    yield Condition(stage, code, not missing)
    if SENSITIVE in field.restricted:
        yield Condition(stage, Code.SENSITIVE_NOT_COVERED, _listed(situation, provision))


def _listed(situation: Situation, provision: Provision) -> bool | Test:
    if situation.field.by_kind:
        return Listed(provision.sensitive_lists) if provision.sensitive_lists else False
    lists = situation.catalogue.sensitive_lists
    return any(situation.field.path in lists[key].fields for key in provision.sensitive_lists)


def _consents(
    situation: Situation, document: Document, provision: Provision
) -> Iterator[Condition]:
    """6: each item in turn: state, guardian, level, scope of the consented version."""
    stage, own_minimum = Stage.CONSENT, situation.purpose.min_consent
    if not provision.items:
        strong_enough = own_minimum <= provision.min_consent
        yield Condition(stage, Code.CONSENT_TOO_WEAK, strong_enough)
    for position, key in enumerate(provision.items):
        item = situation.catalogue.items[key]
        asked = provision.min_consent if position == 0 else ConsentLevel.EXPLICIT
        yield Condition(stage, StateCode(key), Stands(key))
        yield Condition(stage, Code.GUARDIAN_REQUIRED, Reaches(key, _reaches(situation, provision)))
        yield Condition(stage, Code.CONSENT_TOO_WEAK, _strong(item, max(asked, own_minimum)))
        scope = _scope(situation, document, provision, key)
        yield Condition(stage, Code.CONSENT_OUTDATED, scope)


def _reaches(situation: Situation, provision: Provision) -> frozenset[Reach]:
    return reaches_needed(provision, abroad=situation.abroad)


def reaches_needed(provision: Provision, *, abroad: bool) -> frozenset[Reach]:
    """Give the reaches of which one suffices (domain.md 3.7-5)."""
    sensitive = SENSITIVE in provision.categories
    enough = {Reach.WIDE if abroad or sensitive else Reach.HOME}
    if provision.unknown_age and not sensitive:
        enough.add(Reach.USE_ONLY)
    return frozenset(enough)


def _strong(item: Item, wanted: ConsentLevel) -> bool | Test:
    if wanted <= ConsentLevel.DEEMED:
        return True
    if wanted is ConsentLevel.EXPLICIT_SENSITIVE and not item.sensitive:
        return False
    return Explicit(item.key)


def _scope(situation: Situation, document: Document, provision: Provision, item: str) -> Test:
    """Give the versions whose own row of this provision reaches as far (domain.md 3.7-4).

    What the provision in force asks of a row is asked before, and no version asks it again.
    """
    before = _scoped(situation, document, provision)
    scopes = []
    for version in document.versions:
        for row in situation.catalogue.provisions_of(document.key, version.key):
            if row.key == provision.key and situation.provided_by(row):
                tests = before if row is provision else _scoped(situation, document, row)
                if False not in tests:
                    more = (test for test in tests if test not in before)
                    asked = tuple(test for test in more if isinstance(test, RowTest))
                    scopes.append((version.key, asked))
    return consented_to(item, scopes)


def _scoped(situation: Situation, document: Document, row: Provision) -> list[bool | Test]:
    return [each.test for each in _scoping(situation, document, row)]


_REQUIRED: Mapping[Requirement, tuple[Code, Callable[[str], Test]]] = {
    Requirement.LINKED: (Code.NOT_LINKED, Linked),
    Requirement.USED: (Code.NOT_LINKED, Used),
    Requirement.ORDERED: (Code.NO_TRANSACTION, Ordered),
    Requirement.INCIDENT: (Code.NO_INCIDENT, IncidentOpen),
    Requirement.MEMBER_DELETED: (Code.NOT_YET_ENDED, lambda _: Deleted()),
    Requirement.CONTRACT_ENDED: (Code.NOT_YET_ENDED, lambda _: ContractEnded()),
    Requirement.ACQUISITION_CONSENT: (Code.CONSENT_MISSING, lambda _: AcquisitionConsented()),
}
"""In the order in which they are asked; each test is about the recipient, or about nobody."""


def _requirements(situation: Situation, provision: Provision) -> Iterator[Condition]:
    """7: facts about link, order, incident, end, acquisition, and the own purpose's publication."""
    recipient, stage = situation.controller or "", Stage.CONDITION
    for requirement, (code, test) in _REQUIRED.items():
        if requirement in provision.requires:
            yield Condition(stage, code, test(recipient))
    purpose, act = situation.purpose, provision.own_purpose
    if purpose.owner is not None and act is not OpeningAct.PUBLICATION:
        item = provision.items[0] if provision.items else None
        yield Condition(
            stage,
            Code.CONSENT_OUTDATED,
            act is not None and Published(purpose.key, purpose.registered_at, act, recipient, item),
        )


def overseas(situation: Situation) -> Iterator[Condition]:
    """8: art. 28 holds for everybody abroad who would get the value and does not hold it."""
    for company in situation.parties:
        if company.country == HOME_COUNTRY or company.key == situation.custodian:
            continue
        yield Condition(Stage.OVERSEAS, Code.OVERSEAS_NOT_COVERED, _admitted(situation, company))


def _admitted(situation: Situation, company: Company) -> bool | Test:
    """Whether art. 28 lets the value go there; to an unknown country never (Q23)."""
    measured = company.measures is not None and situation.at in company.measures.interval
    if not company.country:
        return False
    if measured or company.country in situation.catalogue.designated_countries:
        return True
    return OverseasConsented(company.country)
