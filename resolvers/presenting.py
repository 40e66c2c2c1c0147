"""Being told: what is shown before a choice, the seal that says what it was, and first use."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from policy.acts import Objection, bound_by_use
from policy.catalogue import Catalogue
from policy.documents import Document, Item
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind, Evidence
from policy.notice import Notice, notice
from policy.vocabulary import ConsentMode, IdStatus
from resolvers.actor import Actor, birth_date, in_own_name, system
from resolvers.acts import Deed, Objected, act, given_in
from resolvers.catalogue import Edition
from resolvers.context import Context
from resolvers.payload import Info, Shape
from resolvers.seal import Seal, Unsealed
from resolvers.subject import not_an_id

_CHANNEL = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_PRESENTATION = "presentation"


@dataclass(frozen=True, slots=True)
class Presentation:
    """What was shown, whole, and the id with which it is answered."""

    id: str
    document: Document
    version: Edition
    items: Sequence[Item]
    notice: Notice
    contact_point: str
    presented_at: datetime

    @property
    def content_hash(self) -> str:
        return self.notice.hash


@dataclass(frozen=True, slots=True)
class Shown:
    """What a presentation's id says was shown."""

    document: str
    version: str
    language: str
    content_hash: str
    channel: str | None
    presenter: str
    """For whom the id was made: no two of them can compare theirs."""

    def evidence(self, catalogue: Catalogue, actor: Actor, at: datetime) -> Evidence:
        """Give the evidence of an act that answers it. Raises Objected if it is gone."""
        document = catalogue.documents.get(self.document)
        if document is None or self.version not in {each.key for each in document.versions}:
            raise Objected(Objection.PRESENTATION_OUTDATED, "presentation")
        shown = notice(catalogue, self.document, self.version, self.language, at)
        return actor.evidence(
            channel=self.channel,
            language=self.language,
            content_hash=self.content_hash,
            shown=tuple(item.key for item in shown.items),
            disadvantages=len(shown.disadvantages),
        )

    def sealed(self, seal: Seal, member: str) -> str:
        """Give the id: whoever presented it, the member it was shown to can answer it."""
        said = [
            self.document,
            self.version,
            self.language,
            self.content_hash,
            self.channel,
            self.presenter,
        ]
        return seal.make(_PRESENTATION, member, orjson.dumps(said).decode())


def shown_in(context: Context, member: str, token: str) -> Shown:
    """Open the id of a presentation to this member. Raises BAD_USER_INPUT for any other text."""
    try:
        return Shown(*orjson.loads(context.seal.open(_PRESENTATION, member, token)))
    except Unsealed:
        raise not_an_id() from None


async def present(info: Info) -> Shape:
    """Put on record that a document was shown, in the version in force, and give what to show."""
    context, given = info.context, given_in(info)
    actor = await in_own_name(context, given.get("memberId"))
    document = context.catalogue.documents.get(given["document"])
    if document is None:
        raise _unknown("document", "documents { key }")
    channel = given.get("channel")
    if channel is not None and not _CHANNEL.fullmatch(channel):
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "`channel` is a word such as WEB, APP or BRANCH: at most 40 capitals, digits and _.",
        )
    showing = _Showing(context, actor, document, given["language"].value, channel)
    return await act(
        info, actor, Deed(showing.propose, frozenset(showing.items), beside=showing.beside)
    )


@dataclass(frozen=True, slots=True)
class _Showing:
    """One document shown to one member in one language."""

    context: Context
    actor: Actor
    document: Document
    language: str
    channel: str | None

    @property
    def items(self) -> Sequence[str]:
        every = self.context.catalogue.items.values()
        return [item.key for item in every if item.document == self.document.key]

    def propose(self, _past: Sequence[Event], at: datetime) -> Sequence[Event]:
        shown = self._shown(at)
        evidence = shown.evidence(self.context.catalogue, self.actor, at)
        return [
            self.actor.event(EventKind.PRESENTED, at, evidence, item=item, version=shown.version)
            for item in evidence.shown
        ]

    def beside(self, at: datetime) -> Mapping[str, object]:
        catalogue, shown = self.context.catalogue, self._shown(at)
        told = notice(catalogue, shown.document, shown.version, shown.language, at)
        version = self.document.version(shown.version)
        presentation = Presentation(
            id=shown.sealed(self.context.seal, self.actor.member),
            document=self.document,
            version=Edition(self.document, version),
            items=[catalogue.items[item.key] for item in told.items],
            notice=told,
            contact_point=catalogue.companies[self.document.publisher].contact_point,
            presented_at=at,
        )
        return {"presentation": presentation}

    def _shown(self, at: datetime) -> Shown:
        version = self.document.version_at(at)
        if self.document.consent is ConsentMode.NOTICE:
            raise Objected(Objection.NOT_ASKED, "document")
        if version is None:
            raise Objected(Objection.NOT_IN_FORCE, "document")
        key, catalogue = self.document.key, self.context.catalogue
        told = notice(catalogue, key, version.key, self.language, at)
        presenter = self.context.requester.audience
        return Shown(key, version.key, self.language, told.hash, self.channel, presenter)


async def first_use(info: Info) -> Shape:
    """Record that the member used a service of the caller's company, and what that binds."""
    context, given = info.context, given_in(info)
    actor = await system(context, given["memberId"])
    service = context.catalogue.services.get(given["service"])
    if service is None or service.owner != context.requester.company:
        raise _unknown("service", "company(key: …) { services { key } }", "of your company ")
    owner = context.catalogue.companies[service.owner]
    # What a use is deemed to give rests on the member's age; nothing else that systems do does.
    actor = replace(actor, born=await birth_date(context, actor.member))

    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        if owner.id_at(at) is not IdStatus.LIVE:
            raise Objected(Objection.NOT_LIVE, "service")
        evidence = actor.evidence(service=service.key)
        used = actor.event(EventKind.USED, at, evidence, company=owner.key)
        return [used, *_deemed(context.catalogue, actor, evidence, at)]

    return await act(info, actor, Deed(propose))


def _deemed(
    catalogue: Catalogue, actor: Actor, evidence: Evidence, at: datetime
) -> Sequence[Event]:
    """Give the consents that this use would be deemed to give, in the versions in force."""
    bound = bound_by_use(catalogue, evidence.service or "", at)
    versions = {document.key: document.version_at(at) for document in bound}
    return [
        actor.choice(EventKind.DEEMED, at, evidence, item=item.key, version=version.key)
        for item in catalogue.items.values()
        if (version := versions.get(item.document)) is not None
    ]


def _unknown(name: str, query: str, of: str = "") -> PrivacyError:
    return PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        f"No {name} {of}has the key in `{name}`: the query `{{ {query} }}` lists them.",
    )
