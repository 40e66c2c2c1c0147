"""The catalogue as it is asked for: companies, categories, purposes, documents, and their ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import strawberry

from policy.catalogue import Category, Purpose
from policy.companies import Company, Service
from policy.documents import Document, Item, Provision, Version
from policy.errors import ErrorCode, PrivacyError
from policy.naming import purposes_of
from policy.vocabulary import CompanyKind, GroupTie, IdStatus
from resolvers.context import Context
from resolvers.seal import Seal

AUDIENCE = "catalogue"
"""Everybody knows the catalogue's objects under the same ids."""

Info = strawberry.Info[Context, None]


@dataclass(frozen=True, slots=True)
class Edition:
    """One version together with its document."""

    document: Document
    version: Version


Thing = Company | Service | Category | Purpose | Document | Edition | Provision | Item

_KINDS: dict[type[Thing], str] = {
    Company: "Company",
    Service: "Service",
    Category: "DataCategory",
    Purpose: "Purpose",
    Document: "PolicyDocument",
    Edition: "PolicyVersion",
    Provision: "Provision",
    Item: "ConsentItem",
}


def kind_of(thing: Thing) -> str:
    """Give the GraphQL type of an object of the catalogue."""
    return _KINDS[type(thing)]


def node_id(root: strawberry.Parent[Thing], info: Info) -> str:
    """Give the object's opaque id, the same for every caller."""
    return _sealed(info.context.seal, kind_of(root), _key(root))


def _key(thing: Thing) -> str:
    match thing:
        case Edition():
            return f"{thing.document.key}/{thing.version.key}"
        case Provision():
            return f"{thing.document}/{thing.version}/{thing.key}"
        case _:
            return thing.key


@lru_cache(maxsize=4096)
def _sealed(seal: Seal, kind: str, key: str) -> str:
    return seal.node_id(AUDIENCE, kind, key)


def node(context: Context, kind: str, key: str) -> Thing | None:
    """Give the object whose id holds kind and key; None if the catalogue has it no more."""
    catalogue = context.catalogue
    things: Mapping[str, Mapping[str, Thing]] = {
        "Company": catalogue.companies,
        "Service": catalogue.services,
        "DataCategory": catalogue.categories,
        "Purpose": catalogue.purposes,
        "PolicyDocument": catalogue.documents,
        "ConsentItem": catalogue.items,
    }
    match kind:
        case "PolicyVersion":
            return _found(key, (e for each in documents(context) for e in editions(each)))
        case "Provision":
            return _found(key, catalogue.provisions)
        case _:
            return things.get(kind, {}).get(key)


def _found(key: str, things: Iterable[Thing]) -> Thing | None:
    return next((each for each in things if _key(each) == key), None)


def editions(document: Document) -> Sequence[Edition]:
    """Give the versions of a document, oldest first."""
    return [Edition(document, version) for version in document.versions]


def company(context: Context, key: str) -> Company | None:
    """Give the company with this key."""
    return context.catalogue.companies.get(key)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What companies are looked for: all that is not None must hold now."""

    kind: CompanyKind | None = None
    group_tie: GroupTie | None = None
    insurance_group: bool | None = None
    id_status: IdStatus | None = None
    adopts: str | None = None
    country: str | None = None

    def hold_for(self, company: Company, now: datetime) -> bool:
        return (
            self.kind in {None, company.kind}
            and self.group_tie in {None, company.tie(now)}
            and self.insurance_group in {None, company.insures(now)}
            and self.id_status in {None, company.id_at(now)}
            and (self.adopts is None or company.adopted(self.adopts, now))
            and self.country in {None, company.country}
        )


def companies(context: Context, criteria: Criteria) -> Sequence[Company]:
    """Give the companies listed now that meet the criteria, in the catalogue's order."""
    now, every = context.asked_at, context.catalogue.companies.values()
    return [each for each in every if now in each.listed and criteria.hold_for(each, now)]


def data_categories(context: Context) -> Sequence[Category]:
    """Give every data category, in the catalogue's order."""
    return list(context.catalogue.categories.values())


def purposes(context: Context, company: str | None = None) -> Sequence[Purpose]:
    """Give the purposes registered now; with a company, those a provision in force names it for.

    Raises BAD_USER_INPUT where no company has this key.
    """
    catalogue, now = context.catalogue, context.asked_at
    if company is None:
        return [each for each in catalogue.purposes.values() if each.registered_at <= now]
    if company not in catalogue.companies:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "No company of the catalogue has the key in `company`: "
            "the query `{ companies { key } }` lists them.",
        )
    return purposes_named(context, purposes_of(catalogue, company, now))


def purposes_named(context: Context, keys: Iterable[str]) -> Sequence[Purpose]:
    """Give these purposes in the catalogue's order."""
    wanted = frozenset(keys)
    return [each for key, each in context.catalogue.purposes.items() if key in wanted]


def documents(context: Context) -> Sequence[Document]:
    """Give every policy document, in the catalogue's order."""
    return list(context.catalogue.documents.values())
