"""Purposes and data categories: what may be asked for, and of what kind it is."""

from datetime import datetime

import strawberry

from resolvers import catalogue, purposes
from schema.company import Company, Label, Service
from schema.directives import CATALOGUE, plain
from schema.enums import CategoryClass, CompanyKind, ConsentLevel, Veto
from schema.node import Node


@strawberry.type(
    description="A data category: a label on fields; a field can carry several.",
    directives=[CATALOGUE],
)
class DataCategory(Node):
    """Domain.md 2.2."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("The stable id in the catalogue: what `@personal` takes.")
    name: Label = plain("What it is called.")
    kind: CategoryClass = plain("What kind of data it names.")
    parent: "DataCategory | None" = plain("The wider category.", purposes.parent_category)
    fields: list[str] = plain(
        "The personal fields that carry it, by their path from Member.", purposes.fields
    )


@strawberry.type(
    description="A registered purpose. Every request for personal data states exactly one.",
    directives=[CATALOGUE],
)
class Purpose(Node):
    """Domain.md 2.4."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain(
        "The stable id in the catalogue: what the header `Sekisho-Purpose` takes."
    )
    name: Label = plain("What it is called.")
    parent: "Purpose | None" = plain("The purpose it belongs under.", purposes.parent)
    children: list["Purpose"] = plain("The purposes registered under it.", purposes.children)
    registered_at: datetime = plain("From when on it can be stated; of own purposes, published.")
    min_consent: ConsentLevel = plain("The least consent it takes, under every provision.")
    limited: bool = plain("Whether it outlasts the account and the contract.")
    reserved_for: CompanyKind | None = plain("The one kind of company that may state it.")
    vetoes: list[Veto] = plain("The member's preferences it heeds.", purposes.vetoes)
    owner: Company | None = plain("The company whose own purpose it is.", purposes.owner)
    service: Service | None = plain("Of own purposes: for which service.", purposes.service)
    version: str | None = plain("Of own purposes: as published in which version.")
    family: "Purpose | None" = plain("Of own purposes: what kind it is.", purposes.family)
