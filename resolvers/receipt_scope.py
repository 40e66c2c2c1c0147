"""What a consent is about, for its receipt: one process for each provision that rests on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from policy.catalogue import Catalogue
from policy.companies import Company
from policy.coverage import Coverage, Offer, coverage, processors_of
from policy.documents import Document, Item, Provision, Version
from policy.vocabulary import (
    HOME_COUNTRY,
    CategoryClass,
    ConsentLevel,
    ConsentMode,
    Group,
    OpeningAct,
)
from resolvers.jsonld import Node, both, country, entry, once, until_event
from resolvers.terms import Terms


@dataclass(frozen=True, eq=False)
class Scope:
    """A version of a document, as one item of it was consented to, or asked for."""

    catalogue: Catalogue
    terms: Terms
    document: Document
    version: Version
    item: Item
    level: ConsentLevel
    """NONE where nothing stands: then all that was asked for is in scope."""
    consented_at: datetime | None
    notified: frozenset[str]
    """Own purposes of which the member was told."""
    at: datetime

    @cached_property
    def parts(self) -> Sequence["Part"]:
        """The provisions that rest on the item, as far as so strong a consent carries."""
        rows = self.catalogue.provisions_of(self.document.key, self.version.key)
        return [
            Part(self, row)
            for row in rows
            if self.item.key in row.items
            and (self.level is ConsentLevel.NONE or self.asked(row) <= self.level)
        ]

    def asked(self, row: Provision) -> ConsentLevel:
        """How strong a consent to this item the provision asks for."""
        return row.min_consent if row.items[0] == self.item.key else ConsentLevel.EXPLICIT

    def processes(self) -> list[Node]:
        return [part.process() for part in self.parts]

    def purposes(self) -> list[Node]:
        """Each purpose in scope, under the name by which processes speak of it."""
        keys = once(key for part in self.parts for offer in part.offers for key in offer.purposes)
        found = [self.catalogue.purposes[key] for key in keys]
        return [
            {
                "@id": entry("purpose", each.key),
                "@type": "dpv:Purpose",
                "dct:identifier": each.key,
                "dct:title": both(each.name),
                "skos:broader": list(self.terms.of_purpose(each).terms),
            }
            for each in found
        ]

    def personal_data(self) -> list[Node]:
        """Each field in scope, likewise."""
        paths = once(path for part in self.parts for path in part.covered.fields)
        return [self._datum(path) for path in paths]

    def _datum(self, path: str) -> Node:
        keys = self.catalogue.fields[path].categories
        categories = [self.catalogue.categories[key] for key in keys]
        kinds = {each.kind for each in categories}
        sensitive = CategoryClass.SENSITIVE in kinds
        return {
            "@id": entry("field", path),
            "@type": list(self.terms.sensitive.terms) if sensitive else "dpv:PersonalData",
            "dct:identifier": path,
            "dct:subject": [each.key for each in categories],
            "skos:broader": list(self.terms.of_field(path)),
        }


@dataclass(frozen=True, eq=False)
class Part:
    """One provision of the scope."""

    scope: Scope
    row: Provision

    @cached_property
    def covered(self) -> Coverage:
        held = self.scope.document.key, self.scope.version.key
        return coverage(self.scope.catalogue, *held, self.row.key, self.scope.at)

    @cached_property
    def offers(self) -> Sequence[Offer]:
        """Who may receive, and for which of the purposes that the consent carries."""
        narrowed = (
            Offer(each.recipients, tuple(key for key in each.purposes if self._carried(key)))
            for each in self.covered.offers
        )
        return [each for each in narrowed if each.purposes]

    def _carried(self, purpose: str) -> bool:
        scope, known = self.scope, self.scope.catalogue.purposes[purpose]
        if ConsentLevel.NONE < scope.level < known.min_consent:
            return False
        if known.owner is None or self.row.own_purpose is not OpeningAct.CONSENT:
            return True
        in_time = scope.consented_at is None or known.registered_at <= scope.consented_at
        return in_time or purpose in scope.notified

    @property
    def own_use(self) -> bool:
        return self.row.recipients.group is Group.ITSELF

    @property
    def custodians(self) -> Sequence[str]:
        custodian, at = self.scope.catalogue.custodian, self.scope.at
        return once(custodian(each, at) for each in self.covered.providers)

    def processors(self, offer: Offer) -> Sequence[str]:
        return processors_of(self.scope.catalogue, offer, self.covered.fields, self.scope.at)

    def process(self) -> Node:
        """What the provision permits, recipients with different purposes in processes below it."""
        terms, providers = self.scope.terms, self.covered.providers
        level = self.scope.level or self.scope.asked(self.row)
        node: Node = {
            "@type": "dpv:Process",
            "dct:identifier": self.row.key,
            "dpv:hasLegalBasis": list(terms.levels[level].terms),
            "dpv:hasPersonalData": [entry("field", path) for path in self.covered.fields],
            "dpv:hasDataController": [
                entry("company", each) for each in once((*providers, *self.custodians))
            ],
            "dpv:hasResponsibleEntity": [entry("company", each) for each in providers],
            "dpv:hasDataSource": self._sources(),
            "dpv:hasStorageCondition": self._storage(),
            "dpv:hasContext": list(self._contexts()),
        }
        if necessity := terms.documents[ConsentMode(self.scope.document.consent)].necessity:
            node["dpv:hasNecessity"] = necessity
        if self.scope.document.service:
            node["dpv:hasService"] = entry("service", self.scope.document.service)
        if others := [each for each in self.row.items if each != self.scope.item.key]:
            node["dct:requires"] = [entry("item", each) for each in others]
        offered = [self._offered(each) for each in self.offers]
        below = offered[0] if len(offered) == 1 else {"dpv:hasProcess": offered}
        return {key: value for key, value in {**node, **below}.items() if value != []}

    def _offered(self, offer: Offer) -> Node:
        processors = self.processors(offer)
        rules = [self._rule(each) for each in (*offer.recipients, *processors) if self._goes(each)]
        used_for = [self.scope.catalogue.purposes[key] for key in offer.purposes]
        operations = self.scope.terms.operations
        done = [*operations["OWN" if self.own_use else "PROVIDED"].terms]
        done += [*operations["ABROAD"].terms] if rules else []
        done += [each for one in used_for for each in self.scope.terms.of_purpose(one).processing]
        node: Node = {
            "@type": "dpv:Process",
            "dpv:hasRecipient": [entry("company", each) for each in offer.recipients],
            "dpv:hasDataProcessor": [entry("company", each) for each in processors],
            "dpv:hasPurpose": [entry("purpose", each) for each in offer.purposes],
            "dpv:hasProcessing": once(done),
            "dpv:hasRule": rules,
        }
        return {key: value for key, value in node.items() if value != []}

    def _goes(self, recipient: str) -> bool:
        """Whether the data leave the country for this one, who does not hold them already."""
        company = self.scope.catalogue.companies[recipient]
        return company.country != HOME_COUNTRY and recipient not in self.custodians

    def _rule(self, recipient: str) -> Node:
        """On what provision to a party abroad rests (art. 28)."""
        company = self.scope.catalogue.companies[recipient]
        said = self.scope.terms.abroad[self._basis(company)]
        node: Node = {
            "@type": "dpv:Obligation",
            "dpv:hasRecipient": entry("company", recipient),
            "dct:description": both(said.label),
        }
        return {**node, "dpv:hasLocation": country(company.country)} if company.country else node

    def _basis(self, company: Company) -> str:
        if not company.country:
            return "UNKNOWN"
        if company.country in self.scope.catalogue.designated_countries:
            return "DESIGNATED"
        measured = company.measures is not None and self.scope.at in company.measures.interval
        return "MEASURES" if measured else "CONSENT"

    def _sources(self) -> list[Node]:
        """Where the data come from; another company's come to a recipient from their holder."""
        found: dict[str, list[str]] = {}
        for key in self.row.categories:
            if source := self.scope.terms.sources.get(key):
                found.setdefault(source.source, []).extend(source.processing)
        return [
            {"@type": kind, "dpv:hasProcessing": once(processing)}
            for kind, processing in found.items()
        ]

    def _storage(self) -> list[Node]:
        known = [self.scope.catalogue.companies[each].country for each in self.custodians]
        retention = until_event(self.scope.terms.retention.label)
        return [
            {
                "@type": "dpv:StorageLocation",
                "dpv:hasLocation": [country(each) for each in once(known) if each],
            },
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": retention},
        ]

    def _contexts(self) -> Iterator[Node]:
        """Under what circumstances alone it permits anything."""
        wanted = [each.value for each in self.row.requires]
        if self.row.recipients.group is Group.ROW_COMPANY:
            wanted.append(Group.ROW_COMPANY.value)
        for each in wanted:
            if said := self.scope.terms.contexts.get(each):
                yield {"@type": "dpv:Context", "dct:description": both(said.label)}
