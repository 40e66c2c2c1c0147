"""The closed lists of the vocabulary, as GraphQL enums with a word on each value."""

from enum import Enum
from typing import Any

import strawberry

from policy.requester import Role
from policy.vocabulary import (
    CategoryClass,
    CompanyKind,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    GroupTie,
    IdStatus,
    OpeningAct,
    Requirement,
    Veto,
)
from schema.directives import CATALOGUE, NotPersonal

__all__ = [
    "CategoryClass",
    "CompanyKind",
    "ConsentLevel",
    "ConsentMode",
    "DocumentMode",
    "DocumentScope",
    "Group",
    "GroupTie",
    "IdStatus",
    "OpeningAct",
    "Requirement",
    "Role",
    "Veto",
]


def publish(
    words: type[Enum],
    description: str,
    values: dict[Any, str],
    *,
    name: str | None = None,
    directive: NotPersonal = CATALOGUE,
) -> None:
    """Make a list of the vocabulary a GraphQL enum; KeyError for a value without description."""
    strawberry.enum(words, name=name, description=description, directives=[directive])
    definition: Any = words.__dict__["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[words[value.name]]


publish(
    CompanyKind,
    "What a company is in the group's terms.",
    {
        CompanyKind.PARENT: "The parent of the group.",
        CompanyKind.COMMERCE: "Runs a market or sells.",
        CompanyKind.FINTECH: "Bank, card or payment.",
        CompanyKind.TELECOM: "Telecommunications.",
        CompanyKind.MEDIA_AD: "Media and advertising.",
        CompanyKind.INSURANCE_HOLDING: "Holds the insurance group.",
        CompanyKind.INSURER: "Licensed for life or non-life insurance.",
        CompanyKind.SSI: "Small-amount short-term insurer (少額短期保険業者).",
        CompanyKind.INSURANCE_AGENCY: "Sells insurance for others (募集代理店).",
        CompanyKind.MERCHANT: "Sells on a market of the group (販売主等).",
        CompanyKind.PROCESSOR: "Acts for a controller under a contract (委託先).",
        CompanyKind.EXTERNAL: "Any other third party.",
    },
)
publish(
    GroupTie,
    "How a company belongs to the group.",
    {
        GroupTie.PARENT: "It is the parent.",
        GroupTie.CONSOLIDATED_SUBSIDIARY: "A consolidated subsidiary.",
        GroupTie.AFFILIATE: "An affiliate, not consolidated.",
        GroupTie.NONE: "Not of the group.",
    },
)
publish(
    IdStatus,
    "Whether a company's services accept the group's ID.",
    {
        IdStatus.NONE: "They do not.",
        IdStatus.PLANNED: "Planned: such a company receives nothing yet.",
        IdStatus.LIVE: "They do.",
    },
)
publish(
    CategoryClass,
    "What kind of data a category names; for the reader, the rule does not read it.",
    {
        CategoryClass.ORDINARY: "Ordinary personal data.",
        CategoryClass.RESTRICTED: "Opened only by a provision that names it.",
        CategoryClass.RESTRICTED_SECRET: "As RESTRICTED, and secret in its raw form.",
        CategoryClass.CONDITIONAL: "Personal from the login on that links it.",
        CategoryClass.SENSITIVE: "Sensitive (機微): a consent of its own, and only listed items.",
        CategoryClass.OPERATIONAL: "Needed to run preferences and links.",
    },
)
publish(
    ConsentLevel,
    "How strong the basis of a disclosure is, in rising order.",
    {
        ConsentLevel.NONE: "Nothing is needed.",
        ConsentLevel.NOTICE: "Published or notified.",
        ConsentLevel.DEEMED: "Deemed given by first use.",
        ConsentLevel.EXPLICIT: "Given by an act of the member.",
        ConsentLevel.EXPLICIT_SENSITIVE: "Given by an act of its own for sensitive data.",
    },
)
publish(
    ConsentMode,
    "How a document comes to bind.",
    {
        ConsentMode.DEEMED: "By first use.",
        ConsentMode.EXPLICIT: "By an explicit act.",
        ConsentMode.NOTICE: "By publication.",
    },
)
publish(
    DocumentMode,
    "Whether a specific document adds to the general one or takes its place.",
    {DocumentMode.SUPPLEMENT: "It adds (付加).", DocumentMode.REPLACE: "It replaces (別に)."},
)
publish(
    DocumentScope,
    "How specific a document is, in rising order.",
    {
        DocumentScope.GROUP: "The group.",
        DocumentScope.INSURANCE_GROUP: "The insurance group.",
        DocumentScope.COMPANY: "One company.",
        DocumentScope.SERVICE: "One service.",
    },
)
publish(
    Group,
    "A set of companies, resolved when asked.",
    {
        Group.ADOPTERS: "Those that adopt the document.",
        Group.GROUP_A: "The group with its affiliates.",
        Group.OTHERS_A: "Those of the group that do not adopt the document and accept its ID.",
        Group.GROUP_B: "The group without its affiliates.",
        Group.GROUP_B_NON_INS: "GROUP_B outside the insurance group.",
        Group.INS_GROUP: "The insurance group.",
        Group.INS_UNDERWRITERS: "The insurers of the insurance group.",
        Group.MERCHANTS: "Merchants.",
        Group.COMPANIES: "Those named.",
        Group.ITSELF: "Whoever holds the value.",
        Group.ROW_COMPANY: "The company that the row is about.",
    },
    name="CompanyGroup",
)
publish(
    Requirement,
    "What a provision asks for beside consent.",
    {
        Requirement.LINKED: "The account is linked at the recipient, or its ID was used there.",
        Requirement.USED: "The group's ID was used at the recipient in the last 365 days.",
        Requirement.ORDERED: "The value belongs to an order with the recipient.",
        Requirement.INCIDENT: "An incident about the member is open at the recipient.",
        Requirement.MEMBER_DELETED: "The account is closed.",
        Requirement.CONTRACT_ENDED: "The contract has lapsed or the account is closed.",
        Requirement.ACQUISITION_CONSENT: "The member consented when the value was acquired.",
    },
)
publish(
    OpeningAct,
    "Before what a recipient's own purpose must have been published.",
    {
        OpeningAct.LINK: "The link of the account, or a use of its ID.",
        OpeningAct.USE: "A use of the ID.",
        OpeningAct.CONSENT: "The consent.",
        OpeningAct.PUBLICATION: "Nothing: being published is enough.",
    },
)
publish(
    Veto,
    "Which of the member's preferences a purpose heeds.",
    {
        Veto.MAIL_OPT_IN: "Mail must be wanted.",
        Veto.MAIL_REFUSED: "Mail must not be refused.",
        Veto.ADS_OPT_OUT: "Advertising must not be opted out of.",
    },
)
publish(
    Role,
    "As what a caller acts.",
    {
        Role.SERVICE: "A company's system.",
        Role.ANALYST: "A named person of a company.",
        Role.MEMBER: "The member, about themself.",
        Role.OFFICER: "A privacy officer.",
    },
    directive=NotPersonal(reason="what the token says"),
)
