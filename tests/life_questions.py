"""What companies ask about a member in the course of a life, and what the decision says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from policy.catalogue import Catalogue
from policy.decide import decide
from policy.events import Event
from policy.facts import Contract, ValueFacts
from policy.grant import Asker
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import FOREVER, Requirement
from tests.populations import Stored
from tests.publications import NEW_ROW
from tests.reference_case import version_in_force
from tests.reference_consent import consent_of
from tests.reference_standing import STANDS, case_of
from tests.small_world import ASKED, GROUP, HEALTH, POLICY

Opened = Mapping[int, str]
"""Question → the provision that opens its value."""


@dataclass(frozen=True)
class Asked:
    """One company asks for one value for one purpose."""

    company: str
    controller: str | None
    purpose: str
    path: str
    value: ValueFacts
    stored: bool = False
    """Whether each member has a row of it in the database, which is asked too."""
    of_version: str | None = None
    """The provision that opens it, in a later version alone."""

    @property
    def relation(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def asker(self) -> Asker:
        return Asker(self.company, self.controller)

    def at(self, at: datetime) -> Question:
        return Question(self.company, self.controller, self.purpose, self.path, at)


def _in_the_database() -> Iterator[Asked]:
    policy = replace(POLICY, contract=Contract("1"), retention_until=FOREVER)
    health = replace(HEALTH, contract=Contract("1"), retention_until=FOREVER)
    product = "insurancePolicies.product"
    yield Asked("rakuten_group", None, "service_provision", "fullName", GROUP)
    yield Asked("card", None, "own:card:service", "fullName", GROUP)
    yield Asked("card", None, "own:card:service", "loginName", GROUP)
    yield Asked("ssi", None, "own:ssi:service", "fullName", GROUP)
    brand = "paymentMethods.cardBrand"
    yield Asked("card", None, "own:card:service", brand, GROUP, of_version="A-4-1-2")
    yield Asked("mobile", None, "own:mobile:service", "customerRecords.name", policy)
    yield Asked("mobile", None, "own:mobile:service", product, policy, of_version="B-2")
    yield Asked("life", None, "service_provision", product, policy)
    yield Asked("ssi", None, "ads_marketing", product, policy)
    yield Asked("life", None, "ins_product_rnd", "healthRecords.value", health)
    yield Asked("ssi", None, "ins_product_rnd", "healthRecords.value", health)


BESIDES = {
    ("rakuten_group", "external_matching_ads"),
    ("rakuten_group", "direct_mail"),
    ("rakuten_group", "retention_limited"),
    ("asia_sg", "own:asia_sg:service"),
    ("shop_tea", "merchant_mail"),
    ("courier", "inquiry_response"),
}
"""What is decided only: by whom and for what."""


def _asked() -> Iterator[Asked]:
    yield from (replace(asked, stored=True) for asked in _in_the_database())
    policy = replace(POLICY, retention_until=FOREVER)
    brand = "paymentMethods.cardBrand"
    yield Asked("mobile", None, "own:mobile:service", brand, policy, of_version=NEW_ROW)
    for company, controller, purpose, path, value in ASKED:
        if (company, purpose) in BESIDES:
            kept = replace(value, retention_until=FOREVER)
            yield Asked(company, controller, purpose, path, kept)


QUESTIONS: Sequence[Asked] = tuple(_asked())
STORED = tuple(number for number, asked in enumerate(QUESTIONS) if asked.stored)


def opened(catalogue: Catalogue, events: Sequence[Event], at: datetime) -> Opened:
    """Which of the questions are answered with the value, and by what."""
    member = fold(events, at, catalogue)
    decided = {
        number: decide(catalogue, asked.at(at), member, asked.value).provision
        for number, asked in enumerate(QUESTIONS)
    }
    return {number: key for number, key in decided.items() if key is not None}


def rows_of(member: str) -> Iterator[Stored]:
    """A row of each relation that is asked about in the database."""
    values = {QUESTIONS[number].relation: QUESTIONS[number].value for number in STORED}
    for relation, value in values.items():
        key = f"{relation}-{member}" if relation else member
        of_member = replace(value, contract=value.contract and Contract(key))
        yield Stored(member, relation, key, of_member)


def items_of_row(catalogue: Catalogue, key: str) -> frozenset[str]:
    """The items that a provision rests on."""
    return frozenset(item for row in catalogue.provisions if row.key == key for item in row.items)


def requirements(catalogue: Catalogue, key: str) -> frozenset[Requirement]:
    rows = (row for row in catalogue.provisions if row.key == key)
    return frozenset(requirement for row in rows for requirement in row.requires)


def consents_of(catalogue: Catalogue, events: Sequence[Event]) -> Mapping[str, str]:
    """Item that stands → the version consented to."""
    case = case_of(catalogue, events)
    standing = {item: consent_of(case, item) for item in catalogue.items}
    return {item: each.version or "" for item, each in standing.items() if each.state in STANDS}


def consented_to(catalogue: Catalogue, events: Sequence[Event], number: int, key: str) -> bool:
    """Whether the very versions consented to hold this provision, with the field asked for."""
    consents = consents_of(catalogue, events)
    return all(
        _holds(catalogue, number, key, consents.get(item)) for item in items_of_row(catalogue, key)
    )


def in_force(catalogue: Catalogue, number: int, key: str, at: datetime) -> bool:
    """Whether the version in force holds this provision, with the field asked for."""
    documents = {row.document for row in catalogue.provisions if row.key == key}
    versions = [version_in_force(catalogue.documents[each], at) for each in documents]
    return any(_holds(catalogue, number, key, each.key) for each in versions if each)


def awaited(catalogue: Catalogue, number: int, at: datetime) -> frozenset[str]:
    """The items of what is new for this question; none before the version that brings it."""
    key = QUESTIONS[number].of_version
    new = key is not None and in_force(catalogue, number, key, at)
    return items_of_row(catalogue, key) if key and new else frozenset()


def superseded(catalogue: Catalogue, events: Sequence[Event], at: datetime) -> set[str]:
    """The items that stand by a version after which a material one has come into force."""
    found = set()
    for item, key in consents_of(catalogue, events).items():
        versions = catalogue.documents[catalogue.items[item].document].versions
        later = versions[[version.key for version in versions].index(key) + 1 :]
        if any(version.material and version.in_force.start <= at for version in later):
            found.add(item)
    return found


def _holds(catalogue: Catalogue, number: int, key: str, version: str | None) -> bool:
    """Whether a version has the provision with some category of the field."""
    path = QUESTIONS[number].path
    return any(
        category in row.categories
        and (row.categories[category] is None or path in (row.categories[category] or ()))
        for row in catalogue.provisions
        if (row.key, row.version) == (key, version)
        for category in catalogue.fields[path].categories
    )
