"""Companies and their services."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import catalogue, companies
from schema.directives import CATALOGUE, narrowing, plain
from schema.enums import CompanyKind, GroupTie, IdStatus
from schema.node import Node

if TYPE_CHECKING:
    from schema.document import PolicyDocument


@strawberry.type(
    description="A name or text in the two languages of the product.", directives=[CATALOGUE]
)
class Label:
    """`{ja, en}`."""

    ja: str = plain("In Japanese.")
    en: str = plain("In English.")


@strawberry.type(
    description="Measures of a company abroad equivalent to those at home (art. 28).",
    directives=[CATALOGUE],
)
class EquivalentMeasures:
    """Good for 365 days from their review, unless suspended."""

    basis: str = plain("What they rest on.")
    reviewed_at: datetime = plain("When they were last reviewed.")
    valid_until: datetime = plain("From when on they no longer hold.", companies.valid_until)


@strawberry.type(
    description="A party: of the group, a merchant, a processor or an outside third party.",
    directives=[CATALOGUE],
)
class Company(Node):
    """Domain.md 2.1."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain(
        "The stable id in the catalogue: what arguments, headers and tokens take."
    )
    name: Label = plain("What it is called.")
    kind: CompanyKind = plain("What it is.")
    country: str | None = plain("ISO 3166 code; null where unknown.", companies.country)
    address: str = plain("Its seat.")
    representative: str = plain("Who represents it.")
    contact_point: str = plain("Where to turn with questions about personal data.")
    group_tie: GroupTie = plain("How it belongs to the group now.", companies.group_tie)
    insurance_group: bool = plain(
        "Whether it is of the insurance group now.", companies.insurance_group
    )
    id_status: IdStatus = plain(
        "Whether its services accept the group's ID now.", companies.id_status
    )
    measures: EquivalentMeasures | None = plain("Its equivalent measures, if abroad.")
    adopts: list[Annotated["PolicyDocument", strawberry.lazy("schema.document")]] = plain(
        'The documents of which it is "we" now.', companies.adopts
    )
    services: list["Service"] = plain("Its services.", companies.services)


@strawberry.type(description="A service of a company (対象サービス).", directives=[CATALOGUE])
class Service(Node):
    """Using any of them counts as use of the group's ID (S3)."""

    id: strawberry.ID = plain("Globally unique and opaque.", catalogue.node_id)
    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: Label = plain("What it is called.")
    kind: str = plain("`main`, `ancillary`, `app` or `tool`.")
    owner: Company = plain("The company whose service it is.", companies.owner)


@strawberry.input(
    description="Narrows `companies`: all that is given must hold.", directives=[CATALOGUE]
)
class CompanyFilter:
    """What is left out or null narrows nothing."""

    kind: CompanyKind | None = narrowing("What the company is.")
    group_tie: GroupTie | None = narrowing("How it belongs to the group now.")
    insurance_group: bool | None = narrowing("Whether it is of the insurance group now.")
    id_status: IdStatus | None = narrowing("Whether its services accept the group's ID now.")
    adopts: strawberry.ID | None = narrowing('Key of a document of which it is "we" now.')
    country: str | None = narrowing("ISO 3166 code.")
