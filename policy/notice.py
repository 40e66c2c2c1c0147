"""What a member is shown before a choice, whole and in a fixed order, so that it has a hash."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from policy.catalogue import Catalogue
from policy.companies import Company
from policy.documents import Provision
from policy.scopes import providers_of, recipients_of
from policy.vocabulary import Group, Label

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
    scope: Group
    """Who receives, in the words of the catalogue; ROW_COMPANY: the company the row is about."""
    recipients: tuple[Receiver, ...]
    """As they are now."""
    categories: tuple[Named, ...]
    purposes: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
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
    processors: tuple[Receiver, ...]
    """Who acts for a provider or a recipient under a contract in force (S56)."""

    @property
    def countries(self) -> frozenset[str]:
        """Every country it names as one that data may go to."""
        receivers = [each for row in self.permissions for each in row.recipients]
        return frozenset(each.country for each in (*receivers, *self.processors)) - {""}

    @property
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
    shown = catalogue.documents[document]
    rows = catalogue.provisions_of(document, version)
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
        companions=tuple(
            Named(key, _said(catalogue.documents[key].name, language)) for key in shown.companions
        ),
        permissions=tuple(_permission(catalogue, row, language, at) for row in rows),
        processors=_processors(catalogue, rows, language, at),
    )


def _permission(catalogue: Catalogue, row: Provision, language: str, at: datetime) -> Permission:
    published_at = catalogue.documents[row.document].version(row.version).published_at
    receiving = recipients_of(catalogue, row, at)
    named = set(row.purposes.exact)
    for parent in row.purposes.with_children:
        named |= catalogue.children(parent, published_at)
    if row.purposes.own:
        owners = {company.key for company in receiving}
        named |= {
            purpose.key
            for purpose in catalogue.purposes.values()
            if purpose.owner in owners and purpose.registered_at <= at
        }
    purposes = [catalogue.purposes[key] for key in sorted(named - row.purposes.but)]
    categories = [catalogue.categories[key] for key in sorted(row.categories)]
    return Permission(
        key=row.key,
        items=row.items,
        scope=row.recipients.group,
        recipients=_receivers(receiving, language),
        categories=tuple(Named(each.key, _said(each.name, language)) for each in categories),
        purposes=tuple(Named(each.key, _said(each.name, language)) for each in purposes),
    )


def _processors(
    catalogue: Catalogue, rows: Iterable[Provision], language: str, at: datetime
) -> tuple[Receiver, ...]:
    parties = {
        company.key
        for row in rows
        for company in (*providers_of(catalogue, row, at), *recipients_of(catalogue, row, at))
    }
    acting = {
        contract.processor
        for contract in catalogue.contracts
        if contract.controller in parties and at in contract.in_force
    }
    return _receivers([catalogue.companies[key] for key in acting], language)


def _receivers(companies: Iterable[Company], language: str) -> tuple[Receiver, ...]:
    ordered = sorted(companies, key=lambda company: company.key)
    return tuple(Receiver(each.key, _said(each.name, language), each.country) for each in ordered)


def _said(label: Label, language: str) -> str:
    return label.ja if language == "ja" else label.en
