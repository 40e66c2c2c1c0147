"""Choosing: a member gives, refuses, puts off and takes back consents, item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from policy.acts import Objection, objection
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind, Evidence
from resolvers.actor import Actor, oneself
from resolvers.acts import Deed, Field, Given, Objected, act, given_in
from resolvers.payload import Info, Shape
from resolvers.presenting import Shown, shown_in


@dataclass(frozen=True, slots=True)
class Named:
    """The items that the input names, and where in it each stands."""

    keys: Sequence[str]

    @classmethod
    def by(cls, given: Given) -> Self:
        """Read `items`. Raises BAD_USER_INPUT for none and for one named twice.

        INVARIANT: nothing is ticked that the caller did not name.
        """
        keys = list(given.get("items") or ())
        if not keys or len(set(keys)) < len(keys):
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT,
                "Name in `items` each item that is meant, once: none is taken for granted.",
            )
        return cls(keys)

    def check(self, catalogue: Catalogue, document: str | None = None) -> None:
        """Raise Objected for an item that is unknown, or none of this document."""
        for key in self.keys:
            item = catalogue.items.get(key)
            if item is None or document not in {None, item.document}:
                raise Objected(Objection.UNKNOWN_ITEM, *self.field(key))

    def field(self, key: str | None) -> Field:
        """Give the place in the input."""
        return ("items", str(self.keys.index(key))) if key in self.keys else ()

    def place(self, event: Event) -> Field:
        return self.field(event.item)


async def give(info: Info) -> Shape:
    """Give the items named, or the consent to a country."""
    given = given_in(info)
    actor = await oneself(info.context)
    shown = shown_in(info.context, actor.member, given["presentation"])
    until = given.get("validUntil")
    if _only(given, "items", "country") == "country":
        if until is not None:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT,
                "A consent to a country has no term: leave `validUntil` out, and take it back.",
            )
        return await _overseas(info, actor, shown, given["country"])
    parts = {} if until is None else {"valid_until": until}
    return await _answer(info, actor, shown, EventKind.GRANTED, parts)


async def refuse(info: Info) -> Shape:
    """Refuse the items named: nothing else changes."""
    actor = await oneself(info.context)
    shown = shown_in(info.context, actor.member, given_in(info)["presentation"])
    return await _answer(info, actor, shown, EventKind.REFUSED, {})


async def defer(info: Info) -> Shape:
    """Put the answer off."""
    actor = await oneself(info.context)
    shown = shown_in(info.context, actor.member, given_in(info)["presentation"])
    return await _answer(info, actor, shown, EventKind.DEFERRED, {})


async def withdraw(info: Info) -> Shape:
    """Take back the items named, all of a document, or the consent to a country."""
    context, given = info.context, given_in(info)
    actor = await oneself(context)
    evidence = actor.evidence()
    match _only(given, "items", "document", "country"):
        case "items":
            named = Named.by(given)
            return await _withdraw_items(info, actor, evidence, named)
        case "document":
            return await _withdraw_document(info, actor, evidence, given["document"])
        case _:
            country = given["country"]

            def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
                kind = EventKind.OVERSEAS_WITHDRAWN
                return [actor.event(kind, at, evidence, country=country)]

            return await act(info, actor, Deed(propose, named=lambda _: ("country",)))


async def _answer(
    info: Info, actor: Actor, shown: Shown, kind: EventKind, parts: Mapping[str, Any]
) -> Shape:
    """Answer a presentation, item by item."""
    catalogue = info.context.catalogue
    named = Named.by(given_in(info))

    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        named.check(catalogue, shown.document)
        evidence = shown.evidence(catalogue, actor, at)
        made = actor.choice if kind is EventKind.GRANTED else actor.event
        return [
            made(kind, at, evidence, item=key, version=shown.version, **parts) for key in named.keys
        ]

    return await act(info, actor, Deed(propose, frozenset(named.keys), named=named.place))


async def _overseas(info: Info, actor: Actor, shown: Shown, country: str) -> Shape:
    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        evidence = shown.evidence(info.context.catalogue, actor, at)
        parts = {"version": shown.version, "country": country}
        return [actor.choice(EventKind.OVERSEAS_CONSENTED, at, evidence, **parts)]

    return await act(info, actor, Deed(propose, named=lambda _: ("country",)))


async def _withdraw_items(info: Info, actor: Actor, evidence: Evidence, named: Named) -> Shape:
    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        named.check(info.context.catalogue)
        kind = EventKind.WITHDRAWN
        return [actor.event(kind, at, evidence, item=key) for key in named.keys]

    return await act(info, actor, Deed(propose, frozenset(named.keys), named=named.place))


async def _withdraw_document(info: Info, actor: Actor, evidence: Evidence, document: str) -> Shape:
    """Take back whatever of it stands."""
    catalogue = info.context.catalogue
    items = [item.key for item in catalogue.items.values() if item.document == document]
    if document not in catalogue.documents:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "No document has the key in `document`: the query `{ documents { key } }` lists them.",
        )

    def propose(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        kind = EventKind.WITHDRAWN
        events = [actor.event(kind, at, evidence, item=key) for key in items]
        standing = [each for each in events if objection(catalogue, past, each) is None]
        if not events:
            raise Objected(Objection.NOTHING_TO_WITHDRAW, "document")
        return standing or events[:1]

    return await act(info, actor, Deed(propose, frozenset(items), named=lambda _: ("document",)))


def _only(given: Given, *names: str) -> str:
    """Give the one of these that the input names. Raises BAD_USER_INPUT for none and for two."""
    named = [name for name in names if given.get(name) is not None]
    if len(named) != 1:
        listed = ", ".join(f"`{name}`" for name in names)
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, f"Name exactly one of {listed}.")
    return named[0]
