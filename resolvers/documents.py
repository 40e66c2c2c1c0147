"""What is told of policy documents: their versions, provisions and consent items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from strawberry import Parent

from policy.catalogue import Catalogue, Category, Purpose
from policy.companies import Company, Service
from policy.documents import Document, Item, Party, Provision, PurposeSet
from policy.vocabulary import FOREVER, CompanyKind, Label, Requirement
from resolvers.catalogue import Edition, Info, editions

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Coverage:
    """A category a provision covers, and the field paths it is narrowed to (None: all of it)."""

    category: Category
    fields: Sequence[str] | None


def publisher(root: Parent[Document], info: Info) -> Company:
    return info.context.catalogue.companies[root.publisher]


def service(root: Parent[Document], info: Info) -> Service | None:
    return info.context.catalogue.services.get(root.service or "")


def companions(root: Parent[Document], info: Info) -> Sequence[Document]:
    return [info.context.catalogue.documents[key] for key in root.companions]


def versions(root: Parent[Document]) -> Sequence[Edition]:
    return editions(root)


def version_in_force(root: Parent[Document], info: Info) -> Edition | None:
    version = root.version_at(info.context.asked_at)
    return None if version is None else Edition(root, version)


def items(root: Parent[Document], info: Info) -> Sequence[Item]:
    return [each for each in info.context.catalogue.items.values() if each.document == root.key]


def provisions_in_force(root: Parent[Document], info: Info) -> Sequence[Provision]:
    version = root.version_at(info.context.asked_at)
    return [] if version is None else _provisions(info, root.key, version.key)


def edition_key(root: Parent[Edition]) -> str:
    return root.version.key


def edition_document(root: Parent[Edition]) -> Document:
    return root.document


def published_at(root: Parent[Edition]) -> datetime:
    return root.version.published_at


def in_force_from(root: Parent[Edition]) -> datetime:
    return root.version.in_force.start


def in_force_until(root: Parent[Edition]) -> datetime | None:
    end = root.version.in_force.end
    return None if end == FOREVER else end


def text(root: Parent[Edition]) -> Label:
    return root.version.text


def material(root: Parent[Edition]) -> bool:
    return root.version.material


def provisions(root: Parent[Edition], info: Info) -> Sequence[Provision]:
    return _provisions(info, root.document.key, root.version.key)


def _provisions(info: Info, document: str, version: str) -> Sequence[Provision]:
    """Give all of them, those not in use too."""
    rows = info.context.catalogue.provisions
    return [each for each in rows if (each.document, each.version) == (document, version)]


def provision_at(
    catalogue: Catalogue, document: str | None, key: str, at: datetime
) -> Provision | None:
    """Give the row of this provision that the document's version in force holds; None for none."""
    held = catalogue.documents.get(document or "")
    version = held.version_at(at) if held else None
    if held is None or version is None:
        return None
    rows = catalogue.provisions_of(held.key, version.key)
    return next((row for row in rows if row.key == key), None)


def provision_document(root: Parent[Provision], info: Info) -> Document:
    return info.context.catalogue.documents[root.document]


def coverage(root: Parent[Provision], info: Info) -> Sequence[Coverage]:
    return [
        Coverage(category, None if paths is None else sorted(paths))
        for key, category in info.context.catalogue.categories.items()
        if key in root.categories
        for paths in (root.categories[key],)
    ]


def requirements(root: Parent[Provision]) -> Sequence[Requirement]:
    return [each for each in Requirement if each in root.requires]


def provision_items(root: Parent[Provision], info: Info) -> Sequence[Item]:
    return [info.context.catalogue.items[key] for key in root.items]


def sensitive_lists(root: Parent[Provision]) -> Sequence[str]:
    return sorted(root.sensitive_lists)


def item_document(root: Parent[Item], info: Info) -> Document:
    return info.context.catalogue.documents[root.document]


def companies(root: Parent[Party], info: Info) -> Sequence[Company]:
    return _ordered(info.context.catalogue.companies, root.companies)


def kinds(root: Parent[Party]) -> Sequence[CompanyKind]:
    return [each for each in CompanyKind if each in root.kinds]


def companies_except(root: Parent[Party], info: Info) -> Sequence[Company]:
    return _ordered(info.context.catalogue.companies, root.but)


def exact(root: Parent[PurposeSet], info: Info) -> Sequence[Purpose]:
    return _ordered(info.context.catalogue.purposes, root.exact)


def with_children(root: Parent[PurposeSet], info: Info) -> Sequence[Purpose]:
    return _ordered(info.context.catalogue.purposes, root.with_children)


def purposes_except(root: Parent[PurposeSet], info: Info) -> Sequence[Purpose]:
    return _ordered(info.context.catalogue.purposes, root.but)


def _ordered(entries: Mapping[str, Entry], keys: Iterable[str]) -> Sequence[Entry]:
    """Give the entries with these keys, in the catalogue's order."""
    wanted = frozenset(keys)
    return [entry for key, entry in entries.items() if key in wanted]
