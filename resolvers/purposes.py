"""What is told of purposes and data categories, as they stand when asked."""

from collections.abc import Sequence

from strawberry import Parent

from policy.catalogue import Category, Purpose
from policy.companies import Company, Service
from policy.vocabulary import Veto
from resolvers.catalogue import Info


def parent(root: Parent[Purpose], info: Info) -> Purpose | None:
    return info.context.catalogue.purposes.get(root.parent or "")


def children(root: Parent[Purpose], info: Info) -> Sequence[Purpose]:
    """Give the children registered by now, in the catalogue's order."""
    catalogue = info.context.catalogue
    keys = catalogue.children(root.key, info.context.asked_at) - {root.key}
    return [each for key, each in catalogue.purposes.items() if key in keys]


def vetoes(root: Parent[Purpose]) -> Sequence[Veto]:
    return [each for each in Veto if each in root.vetoes]


def owner(root: Parent[Purpose], info: Info) -> Company | None:
    return info.context.catalogue.companies.get(root.owner or "")


def service(root: Parent[Purpose], info: Info) -> Service | None:
    return info.context.catalogue.services.get(root.service or "")


def family(root: Parent[Purpose], info: Info) -> Purpose | None:
    return info.context.catalogue.purposes.get(root.family or "")


def parent_category(root: Parent[Category], info: Info) -> Category | None:
    return info.context.catalogue.categories.get(root.parent or "")


def fields(root: Parent[Category], info: Info) -> Sequence[str]:
    """Give the paths of the personal fields that carry this category."""
    every = info.context.catalogue.fields.values()
    return [each.path for each in every if root.key in each.categories]
