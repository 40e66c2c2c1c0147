"""Policy documents: versions, provisions and the consent items members answer."""

from datetime import datetime

import strawberry

from resolvers import catalogue, documents
from schema.company import Company, Label, Service
from schema.directives import CATALOGUE, plain
from schema.enums import (
    CompanyKind,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    OpeningAct,
    Requirement,
)
from schema.node import Node
from schema.purpose import DataCategory, Purpose


@strawberry.type(
    description="Who provides or receives under a provision: a set of companies, narrowed.",
    directives=[CATALOGUE],
)
class Party:
    """All that is stated must hold."""

    group: Group = plain("The set to begin with.")
    companies: list[Company] = plain(
        "Narrowed to these; none = all of the set.", documents.companies
    )
    kinds: list[CompanyKind] = plain("Narrowed to these kinds; none = any.", documents.kinds)
    but: list[Company] = plain("Without these.", documents.companies_except)
    publisher: bool = plain("Narrowed to the publisher of the document.")
    other: bool = plain("Without the holder and the acquirer of the value.")


@strawberry.type(description="A data category that a provision covers.", directives=[CATALOGUE])
class CoveredCategory:
    """One entry of a provision's categories."""

    category: DataCategory = plain("The category.")
    fields: list[str] | None = plain("Narrowed to these fields, by path; null = all of them.")


@strawberry.type(description="The purposes a provision lists.", directives=[CATALOGUE])
class PurposeScope:
    """Closed: what is not listed is not permitted."""

    exact: list[Purpose] = plain("These, without their children.", documents.exact)
    with_children: list[Purpose] = plain(
        "These, with the children registered when the version was published.",
        documents.with_children,
    )
    but: list[Purpose] = plain("Without these.", documents.purposes_except)
    own: bool = plain("And the recipient's own purposes.")


@strawberry.type(
    description="What a member says yes or no to.",
    directives=[CATALOGUE],
)
class ConsentItem(Node):
    """An item of a document."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: Label = plain("What it is called.")
    document: "PolicyDocument" = plain("The document it belongs to.", documents.item_document)
    sensitive: bool = plain("Whether it is the separate consent for sensitive data.")


@strawberry.type(
    description=(
        "What a document permits: who may receive what, from whom, for which purposes, "
        "on the strength of which consent. What no provision permits is not disclosed."
    ),
    directives=[CATALOGUE],
)
class Provision(Node):
    """One row of domain.md 2.5, as one version of its document holds it."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("The stable id in the catalogue: what decisions name.")
    document: "PolicyDocument" = plain("The document that holds it.", documents.provision_document)
    version: str = plain("Key of the version that holds it.")
    active: bool = plain("Whether it is in use; one that is not opens nothing.")
    providers: Party = plain("Who acquired the value.")
    recipients: Party = plain("Who may receive it.")
    categories: list[CoveredCategory] = plain("What it covers.", documents.coverage)
    purposes: PurposeScope = plain("For what.")
    min_consent: ConsentLevel = plain("On the strength of what, at least.")
    items: list[ConsentItem] = plain(
        "The consent items that must all stand.", documents.provision_items
    )
    requires: list[Requirement] = plain("What it asks for beside.", documents.requirements)
    own_purpose: OpeningAct | None = plain(
        "Before what the recipient's own purpose must have been published."
    )
    sensitive_lists: list[str] = plain(
        "The lists of sensitive items it reaches.", documents.sensitive_lists
    )


@strawberry.type(
    description="One version of a document, in force from its date until the next.",
    directives=[CATALOGUE],
)
class PolicyVersion(Node):
    """What a member was shown and consented to."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("Its name within the document.", documents.edition_key)
    document: "PolicyDocument" = plain(
        "The document it is a version of.", documents.edition_document
    )
    published_at: datetime = plain("When it was published.", documents.published_at)
    in_force_from: datetime = plain("From when on it is in force.", documents.in_force_from)
    in_force_until: datetime | None = plain(
        "Until when it is in force; null = open.", documents.in_force_until
    )
    text: Label = plain("What members are shown.", documents.text)
    material: bool = plain(
        "Whether it widens what is permitted, so that earlier consents keep to their own scope.",
        documents.material,
    )
    provisions: list[Provision] = plain("What it permits.", documents.provisions)


@strawberry.type(
    description="A policy document: what the group or a company says it does with personal data.",
    directives=[CATALOGUE],
)
class PolicyDocument(Node):
    """Domain.md 2.5."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: Label = plain("What it is called.")
    mode: DocumentMode = plain("Whether it adds to the general document or replaces it.")
    scope: DocumentScope = plain("How specific it is.")
    consent: ConsentMode = plain("How it comes to bind.")
    publisher: Company = plain("Who published it.", documents.publisher)
    service: Service | None = plain("The one service it is about.", documents.service)
    requires_account_session: bool = plain(
        "Whether consent counts only from a session of the group's ID, by an account holder."
    )
    companions: list["PolicyDocument"] = plain(
        "What to read beside it (もあわせてご参照).", documents.companions
    )
    disadvantages: list[Label] = plain("What it means not to consent; shown before the choice.")
    versions: list[PolicyVersion] = plain("Its versions, oldest first.", documents.versions)
    version_in_force: PolicyVersion | None = plain(
        "The version in force now.", documents.version_in_force
    )
    provisions: list[Provision] = plain(
        "What the version in force permits.", documents.provisions_in_force
    )
    items: list[ConsentItem] = plain("What members answer.", documents.items)
