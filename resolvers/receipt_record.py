"""The consent record of a receipt: header, notice, processing, parties and events of TS 27560."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from policy.catalogue import Catalogue
from policy.companies import Company
from policy.documents import Document, Version
from policy.events import EventKind
from policy.notice import LANGUAGES, content_hash
from policy.standing import STANDING_STATES
from policy.vocabulary import FOREVER, HOME_COUNTRY, ConsentState
from resolvers.consents import Consent
from resolvers.context import Context
from resolvers.jsonld import Node, both, country, entry, instant, lasting, once
from resolvers.receipt_events import Course
from resolvers.receipt_scope import Scope
from resolvers.seal import Seal
from resolvers.terms import Terms

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#"

_READ_OFF = frozenset(
    {ConsentState.NONE, ConsentState.EXPIRED, ConsentState.SUPERSEDED, ConsentState.ENDED}
)
"""States that no event says, but its absence, clock, catalogue or account."""

Roles = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class Desk:
    """Where receipts are issued: from what, and when."""

    catalogue: Catalogue
    terms: Terms
    seal: Seal
    at: datetime
    epoch: datetime
    """Since when nothing dated in the catalogue has changed."""
    decision_id: str

    @classmethod
    def of(cls, context: Context) -> Self:
        """Give the desk of a request."""
        return cls(
            catalogue=context.catalogue,
            terms=context.terms,
            seal=context.seal,
            at=context.asked_at,
            epoch=context.grants.epoch(context.asked_at)[0],
            decision_id=context.decision_id,
        )


class Record:
    """One consent, as its reader may know it."""

    def __init__(self, desk: Desk, consent: Consent) -> None:
        self.desk, self.consent = desk, consent
        self.catalogue, self.terms, self.at = desk.catalogue, desk.terms, desk.at
        self.document = self.catalogue.documents[consent.item.document]
        id_ = desk.seal.node_id(consent.audience, "Member", consent.member)
        self.member, self.subject = id_, entry("member", id_)
        self.course = Course(
            self.catalogue, self.terms, consent.item, consent.past, subject=self.subject
        )
        self.own = [each for each in consent.past if each.item == consent.item.key]
        """What happened to the item itself."""
        told = {each.purpose for each in consent.past if each.kind is EventKind.NOTIFIED}
        self.scope = Scope(
            catalogue=self.catalogue,
            terms=self.terms,
            document=self.document,
            version=self._version(),
            item=consent.item,
            level=consent.level,
            consented_at=self.course.given_at if consent.level else None,
            notified=frozenset(each for each in told if each),
            at=desk.epoch,
        )

    def node(self) -> Node:
        """All of it, in the order of the standard."""
        seal, consent = self.desk.seal, self.consent
        number = seal.uuid(consent.audience, "ConsentRecord", consent.member, consent.item.key)
        return {
            "@id": f"urn:uuid:{number}",
            "@type": "dpv:ConsentRecord",
            "dct:identifier": number,
            "dct:conformsTo": f"{SCHEMA}record",
            "dct:title": both(consent.item.name),
            "dpv:hasDataSubject": {
                "@id": self.subject,
                "@type": "dpv:DataSubject",
                "dct:identifier": self.member,
            },
            **self._notice_fields(),
            "dpv:hasProcess": self.scope.processes(),
            **self._law_fields(),
            "dpv:hasEntity": self._entities(),
            **self._event_fields(),
            "@included": [*self.scope.purposes(), *self.scope.personal_data()],
        }

    def _version(self) -> Version:
        """Give the version that the consent is about: given to, or shown, or to be shown."""
        shown = [each.version for each in self.own if each.version]
        keys = {each.key: each for each in self.document.versions}
        own = self.consent.version.version.key if self.consent.version else None
        named = (keys.get(each) for each in (own, *reversed(shown)) if each)
        in_force = self.document.version_at(self.at)
        return next((each for each in named if each), in_force or self.document.versions[-1])

    def _notice_fields(self) -> Node:
        """Fields `privacy_notice` and `language`."""
        keys = once((self.scope.version.key, *(each.version for each in self.own if each.version)))
        versions = [each for each in self.document.versions if each.key in keys]
        shown_in = once(e.evidence.language for e in self.own if e.evidence and e.evidence.language)
        companions = [self.catalogue.documents[key] for key in self.document.companions]
        return {
            "dpv:hasNotice": [
                *(self._notice(self.document, each) for each in versions),
                *(self._companion(each) for each in companions),
            ],
            "dct:language": shown_in or list(LANGUAGES),
        }

    def _notice(self, document: Document, version: Version) -> Node:
        """A version, each language with the hash of what was shown last in it.

        Where that is not on record, of what stood there in each language.
        """
        about = (each for each in self.own if each.version == version.key)
        shown = [each for each in about if each.kind is EventKind.PRESENTED]
        at = shown[-1].at if shown else self.at
        said = (each.evidence for each in shown if each.evidence)
        hashes = {each.language: each.content_hash for each in said if each.content_hash}
        stood = {
            language: content_hash(self.catalogue, document.key, version.key, language, at)
            for language in LANGUAGES
        }
        return {
            **self._named(document, version),
            "dct:description": both(version.text),
            "dct:issued": instant(version.published_at),
            "dct:hasFormat": [
                {"dct:language": language, "schema:sha256": digest}
                for language, digest in (hashes or stood).items()
            ],
            "dct:relation": [entry("document", each) for each in document.companions],
        }

    def _companion(self, document: Document) -> Node:
        """A document to be read beside it, in the version in force."""
        version = document.version_at(self.at) or document.versions[-1]
        return {**self._named(document, version), "@id": entry("document", document.key)}

    def _named(self, document: Document, version: Version) -> Node:
        return {
            "@id": entry("document", document.key, version.key),
            "@type": self.terms.documents[document.consent].notice,
            "dct:identifier": document.key,
            "schema:version": version.key,
            "dct:title": both(document.name),
        }

    def _law_fields(self) -> Node:
        """Fields `jurisdiction`, `withdrawal_method` and `privacy_rights`."""
        contact = f"mailto:{self.catalogue.companies[self.document.publisher].contact_point}"
        return {
            "dpv:hasJurisdiction": country(HOME_COUNTRY),
            "dpv:hasApplicableLaw": list(self.terms.law.terms),
            "dpv:hasConsentControl": {
                "@type": "dpv:WithdrawConsent",
                "dct:description": both(self.terms.withdrawal.label),
                "dpv:isExercisedAt": [entry("mutation", "withdrawConsent"), contact],
            },
            "dpv:hasRight": [
                {
                    "@type": "dpv:DataSubjectRight",
                    "dct:title": both(each.label),
                    "dpv:isExercisedAt": contact,
                }
                for each in self.terms.rights
            ],
        }

    def _entities(self) -> list[Node]:
        """Fields of every party that the record speaks of."""
        roles = self._roles()
        known = self.catalogue.companies
        return [_entity(known[key], of) for key, of in roles.items() if key in known]

    def _roles(self) -> Roles:
        roles: dict[str, list[str]] = defaultdict(list)
        for part in self.scope.parts:
            for key in (*part.covered.providers, *part.custodians):
                roles[key].append("dpv:DataController")
            for offer in part.offers:
                for key in offer.recipients:
                    roles[key] += ["dpv:Recipient"]
                    roles[key] += [] if part.own_use else ["dpv:ThirdParty"]
                for key in part.processors(offer):
                    roles[key] += ["dpv:Recipient", "dpv:DataProcessor"]
        for key in self.course.parties():
            roles[key] += []
        return roles

    def _event_fields(self) -> Node:
        """The events, and where the consent stands after them."""
        consent, statuses = self.consent, self.course.statuses()
        state, since = consent.state, consent.since or self.at
        if state in _READ_OFF:
            statuses.append(self.course.since_then(state, since))
        known = self.terms.states[state]
        term = consent.valid_until if state in STANDING_STATES else None
        now = {
            "@type": known.status,
            "dpv:isIndicatedAtTime": instant(since),
            "dpv:hasDuration": lasting(known, term or FOREVER),
        }
        return {"dpv:hasConsentStatus": statuses, "dpv:hasStatus": now}


def _entity(company: Company, roles: Iterable[str]) -> Node:
    node: Node = {
        "@id": entry("company", company.key),
        "@type": once(("dpv:Organisation", *roles)),
        "dct:identifier": company.key,
        "dpv:hasName": both(company.name),
        "dpv:hasAddress": company.address,
        "dpv:hasContact": company.contact_point,
    }
    return {**node, "dpv:hasLocation": country(company.country)} if company.country else node
