"""What a member is shown before a choice, whole and in a fixed order, so that it has a hash."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Protocol

from policy.catalogue import Catalogue
from policy.coverage import coverage, processors_of
from policy.documents import Provision
from policy.vocabulary import Label

LANGUAGES = ("ja", "en")
"""The languages a notice is shown in."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of the catalogue, under its name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class AskedItem:
    """An item the member answers."""

    key: str
    name: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who would receive, and in which country (S20, regulation 17); "" where that is unknown."""

    key: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Permission:
    """What one provision would permit."""

    key: str
    items: tuple[str, ...]
    recipients: tuple[Receiver, ...]
    """As they are now."""
    processors: tuple[Receiver, ...]
    """Who acts for one of them under a contract in force (S56)."""
    categories: tuple[Named, ...]
    purposes: tuple[Named, ...]


@dataclass(frozen=True)
class Notice:
    """A version of a document as it is shown at one instant in one language."""

    document: str
    version: str
    language: str
    name: str
    text: str
    items: tuple[AskedItem, ...]
    disadvantages: tuple[str, ...]
    companions: tuple[Named, ...]
    permissions: tuple[Permission, ...]

    @property
    def processors(self) -> tuple[Receiver, ...]:
        """Everybody who acts for a recipient, once."""
        return tuple(dict.fromkeys(to for row in self.permissions for to in row.processors))

    @property
    def countries(self) -> frozenset[str]:
        """Every country it names as one that data may go to."""
        recipients = [to for row in self.permissions for to in row.recipients]
        receivers = (*recipients, *self.processors)
        return frozenset(each.country for each in receivers) - {""}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of all of it, as canonical JSON."""
        shown = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(shown.encode()).hexdigest()


def content_hash(
    catalogue: Catalogue, document: str, version: str, language: str, at: datetime
) -> str:
    """The hash of what is shown of this version at this instant: evidence of a presentation."""
    return notice(catalogue, document, version, language, at).hash


def notice(
    catalogue: Catalogue, document: str, version: str, language: str, at: datetime
) -> Notice:
    """What is shown of this version, with the recipients as they are at this instant."""
    start, _ = catalogue.epoch(at)
    return _notice(catalogue, document, version, language, start)


@lru_cache(maxsize=128)  # the same for every member, within an epoch
def _notice(
    catalogue: Catalogue, document: str, version: str, language: str, at: datetime
) -> Notice:
    shown = catalogue.documents[document]
    asked = [item for item in catalogue.items.values() if item.document == document]
    return Notice(
        document=document,
        version=version,
        language=language,
        name=_said(shown.name, language),
        text=_said(shown.version(version).text, language),
        items=tuple(
            AskedItem(item.key, _said(item.name, language), item.sensitive)
            for item in asked
            if version in item.version_bits
        ),
        disadvantages=tuple(_said(each, language) for each in shown.disadvantages),
        companions=_named(catalogue.documents, shown.companions, language),
        permissions=tuple(
            _permission(catalogue, row, language, at)
            for row in catalogue.provisions_of(document, version)
        ),
    )


def _permission(catalogue: Catalogue, row: Provision, language: str, at: datetime) -> Permission:
    covered = coverage(catalogue, row.document, row.version, row.key, at)
    receiving = {key for offer in covered.offers for key in offer.recipients}
    purposes = {key for offer in covered.offers for key in offer.purposes}
    acting = {
        key
        for offer in covered.offers
        for key in processors_of(catalogue, offer, covered.fields, at)
    }
    return Permission(
        key=row.key,
        items=row.items,
        recipients=_receivers(catalogue, receiving, language),
        processors=_receivers(catalogue, acting, language),
        categories=_named(catalogue.categories, row.categories, language),
        purposes=_named(catalogue.purposes, purposes, language),
    )


class _Entry(Protocol):
    @property
    def name(self) -> Label: ...


def _named(
    entries: Mapping[str, _Entry], keys: Collection[str], language: str
) -> tuple[Named, ...]:
    """The entries of these keys, in the catalogue's order."""
    return tuple(
        Named(key, _said(entry.name, language)) for key, entry in entries.items() if key in keys
    )


def _receivers(catalogue: Catalogue, keys: Collection[str], language: str) -> tuple[Receiver, ...]:
    return tuple(
        Receiver(key, _said(company.name, language), company.country)
        for key, company in catalogue.companies.items()
        if key in keys
    )


def _said(label: Label, language: str) -> str:
    return label.ja if language == "ja" else label.en
