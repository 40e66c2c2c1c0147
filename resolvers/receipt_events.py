"""What happened to a consent, for its receipt: each event with its state, time and party."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from policy.catalogue import Catalogue
from policy.documents import Document, Item
from policy.events import Event, EventKind, Evidence
from policy.facts import ItemStanding
from policy.requester import GROUP_OFFICE
from policy.standing import STANDING_STATES, course
from policy.vocabulary import FOREVER, ConsentLevel, ConsentMode, ConsentState
from resolvers.jsonld import Node, entry, instant, lasting
from resolvers.terms import Terms

GUARDIAN: Node = {"@type": "dpv:GuardianOfDataSubject"}
"""Who it is, is not told: a guardian is a person of their own."""

_GIVEN = {EventKind.DEEMED: ConsentState.DEEMED, EventKind.GRANTED: ConsentState.GRANTED}
_SAID: Mapping[EventKind, ConsentState] = {
    EventKind.PRESENTED: ConsentState.PRESENTED,
    EventKind.DEFERRED: ConsentState.DEFERRED,
    EventKind.REFUSED: ConsentState.REFUSED,
    EventKind.WITHDRAWN: ConsentState.WITHDRAWN,
    EventKind.SUSPENDED: ConsentState.SUSPENDED,
    EventKind.INVALIDATED: ConsentState.INVALIDATED,
}
_BY_MEMBER = frozenset(
    {
        *_GIVEN,
        EventKind.REFUSED,
        EventKind.DEFERRED,
        EventKind.WITHDRAWN,
    }
)
"""Who speaks where an event carries no evidence: the member here, else the publisher."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the item that says something of the consent: what it led to."""

    event: Event
    state: ConsentState
    level: ConsentLevel
    renewed: bool


@dataclass(frozen=True, eq=False)
class Course:
    """The events of one item of one member."""

    catalogue: Catalogue
    terms: Terms
    item: Item
    past: Sequence[Event]
    """Everything that happened to the member, in order."""
    subject: str
    """The member, as this reader knows them."""

    @property
    def document(self) -> Document:
        return self.catalogue.documents[self.item.document]

    @property
    def asked(self) -> ConsentLevel:
        """What kind of consent the item asks for."""
        if self.item.sensitive:
            return ConsentLevel.EXPLICIT_SENSITIVE
        explicit = self.document.consent is ConsentMode.EXPLICIT
        return ConsentLevel.EXPLICIT if explicit else ConsentLevel.DEEMED

    @cached_property
    def happened(self) -> Sequence[Happened]:
        """Them in order. What did not count is left out: a receipt attests no such consent."""
        found, before = [], ItemStanding()
        for event, after in course(self.item, self.past, self.catalogue):
            state = _state(event, before, after)
            if state is not None:
                renewed = event.kind in _GIVEN and before.level > ConsentLevel.NONE
                found.append(Happened(event, state, after.level or self.asked, renewed))
            before = after
        return found

    @property
    def given_at(self) -> datetime | None:
        """When consent was given last."""
        given = [each.event.at for each in self.happened if each.event.kind in _GIVEN]
        return given[-1] if given else None

    def statuses(self) -> list[Node]:
        """Give the events as JSON-LD."""
        return [self._status(each) for each in self.happened]

    def since_then(self, state: ConsentState, since: datetime) -> Node:
        """Give the status that no event led to: read off clock, catalogue and account."""
        return {
            "@type": self.terms.states[state].status,
            "dpv:hasLegalBasis": list(self.terms.levels[self.asked].terms),
            "dpv:isIndicatedAtTime": instant(since),
            "dpv:isIndicatedBy": entry("company", self.document.publisher),
            "dpv:hasDuration": lasting(self.terms.states[state], FOREVER),
        }

    def parties(self) -> Iterator[str]:
        """Give the companies that spoke."""
        yield self.document.publisher
        for each in self.happened:
            if company := _company(each.event.evidence, self.document):
                yield company

    def _status(self, happened: Happened) -> Node:
        event, known = happened.event, self.terms.states[happened.state]
        until = event.valid_until if happened.state in STANDING_STATES else FOREVER
        evidence = event.evidence
        node: Node = {
            "@type": self.terms.renewed.terms[0] if happened.renewed else known.status,
            "dpv:hasLegalBasis": list(self.terms.levels[happened.level].terms),
            "dpv:isIndicatedAtTime": instant(event.at),
            "dpv:isIndicatedBy": self._party(event),
            "dpv:hasDuration": lasting(known, until),
        }
        if event.version is not None:
            node["dpv:hasNotice"] = entry("document", self.document.key, event.version)
        if methods := [each for each in (evidence and evidence.channel, event.acr) if each]:
            node["dpv:hasIndicationMethod"] = methods
        return node if evidence is None else {**node, **_evidence(evidence)}

    def _party(self, event: Event) -> object:
        evidence = event.evidence
        if event.guardian or (evidence is not None and evidence.role == "guardian"):
            return GUARDIAN
        if company := _company(evidence, self.document):
            return entry("company", company)
        if evidence is not None or event.kind in _BY_MEMBER:
            return self.subject
        return entry("company", self.document.publisher)


def _state(event: Event, before: ItemStanding, after: ItemStanding) -> ConsentState | None:
    """Give the state an event led to; None for one that did not count."""
    if event.kind is EventKind.REINSTATED:
        return after.state if before.state is ConsentState.SUSPENDED else None
    if event.kind in _GIVEN:
        counted = after.state is _GIVEN[event.kind] and after.consented_at == event.at
        return after.state if counted else None
    return _SAID.get(event.kind)


def _company(evidence: Evidence | None, document: Document) -> str | None:
    """Give the company for which a system or a privacy officer acted; the group's office too."""
    if evidence is None or evidence.role not in {"service", "officer"}:
        return None
    company = evidence.actor.split(":")[1]
    return document.publisher if company == GROUP_OFFICE else company


def _evidence(evidence: Evidence) -> Node:
    """What shows how it came about. Names and numbers; no person but by the pairwise id."""
    parts: Node = {
        "dct:language": evidence.language,
        "schema:sha256": evidence.content_hash,
        "dct:references": [entry("item", each) for each in evidence.shown],
        "sekisho:disadvantages": evidence.disadvantages,
        "dpv:hasService": evidence.service and entry("service", evidence.service),
        "dct:identifier": evidence.reference,
    }
    return {key: value for key, value in parts.items() if value}
