"""What can be asked for: the roots."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from policy.catalogue import Category as KnownCategory
from policy.catalogue import Purpose as KnownPurpose
from policy.companies import Company as KnownCompany
from policy.documents import Document as KnownDocument
from resolvers import availability, catalogue, changes, consents, entry
from resolvers.catalogue import Criteria, Info
from resolvers.context import Context
from resolvers.lists import MEMBERS_AT_MOST
from schema.access import FieldAvailability
from schema.company import Company, CompanyFilter
from schema.connection import Connection, paged
from schema.consent import STANDING, Consent
from schema.directives import argument, not_personal, personal_argument
from schema.disclosure import Disclosure, disclosures
from schema.document import PolicyDocument
from schema.explanation import VERDICT, Explanation, explain
from schema.inputs import given
from schema.matrix import IN_TENS, AccessMatrix, access_matrix
from schema.member import Member
from schema.node import Node
from schema.purpose import DataCategory, Purpose
from schema.reader import TOLD as VERDICTS
from schema.reader import Reader, readers
from schema.receipt import TOLD, ConsentReceipt, consent_receipt
from schema.record import ProvisionRecord, ReceiptRecord, provision_records, receipt_records
from schema.recorded import RECORDED, Recordings
from schema.viewer import Viewer

ENTRY = "an entry: what is below says for itself"
PUBLIC = "catalogue"

NodeId = Annotated[
    strawberry.ID, argument("An id the caller was given.", "opaque, made for the caller", "id")
]
AccountId = Annotated[
    strawberry.ID,
    personal_argument("The account id at the caller's company."),
]
NodeIds = Annotated[
    list[strawberry.ID],
    argument("Ids the caller was given, at most 100.", "opaque, made for the caller"),
]
CompanyKey = Annotated[strawberry.ID, argument("Key of the company.", PUBLIC)]
OfCompany = Annotated[
    strawberry.ID | None,
    argument("Key of a company: only those a provision in force names it for.", PUBLIC),
]
Narrowed = Annotated[
    CompanyFilter | None, argument("Only those of which all of this holds.", PUBLIC, "filter")
]


def _viewer(info: Info) -> Context:
    return info.context


async def _entry(info: Info) -> Any:
    return await entry.served(info)


async def _member(info: Info, node_id: NodeId) -> Any:
    return await entry.served(info)


async def _member_by_account(info: Info, account_id: AccountId) -> Any:
    return await entry.served(info)


async def _nodes(info: Info, ids: NodeIds) -> Any:
    return await entry.served(info)


def _company(info: Info, key: CompanyKey) -> KnownCompany | None:
    return catalogue.company(info.context, key)


def _companies(info: Info, narrowed: Narrowed = strawberry.UNSET) -> Sequence[KnownCompany]:
    parts = {} if given(narrowed) is None else vars(narrowed)
    criteria = {name: given(each) for name, each in parts.items()}
    return catalogue.companies(info.context, Criteria(**criteria))


def _data_categories(info: Info) -> Sequence[KnownCategory]:
    return catalogue.data_categories(info.context)


def _purposes(info: Info, company: OfCompany = strawberry.UNSET) -> Sequence[KnownPurpose]:
    return catalogue.purposes(info.context, given(company))


def _documents(info: Info) -> Sequence[KnownDocument]:
    return catalogue.documents(info.context)


def _my_access(info: Info) -> Sequence[availability.FieldAvailability]:
    return availability.my_access(info.context)


async def _consents(info: Info) -> Any:
    return await consents.own_consents(info.context)


@strawberry.type(
    description=(
        "Personal data is read for exactly one purpose, which companies state in the header "
        "`Sekisho-Purpose`; the catalogue and `viewer` need none."
    )
)
class Query:
    """The roots."""

    viewer: Viewer = not_personal(
        "The caller, as its token says.", "what the caller's own token says", _viewer
    )
    me: Member | None = not_personal("The member who is signed in.", ENTRY, _entry)
    member: Member | None = not_personal(
        "The member with this id; null where hidden, unknown or gone alike.", ENTRY, _member
    )
    member_by_account: Member | None = not_personal(
        "The member whose account is linked under this id; null where hidden or unknown alike.",
        ENTRY,
        _member_by_account,
    )
    members: Connection[Member] = not_personal(
        "The members of whom something is open to the caller.",
        ENTRY,
        paged(_entry, Member, MEMBERS_AT_MOST),
    )
    node: Node | None = not_personal("The object with this id.", ENTRY, _member)
    nodes: list[Node | None] = not_personal(
        "The object with each of these ids, in their order.", ENTRY, _nodes
    )
    company: Company | None = not_personal("The company with this key.", PUBLIC, _company)
    companies: list[Company] = not_personal("The companies listed now.", PUBLIC, _companies)
    data_categories: list[DataCategory] = not_personal(
        "The data categories.", PUBLIC, _data_categories
    )
    purposes: list[Purpose] = not_personal("The purposes registered now.", PUBLIC, _purposes)
    documents: list[PolicyDocument] = not_personal("The policy documents.", PUBLIC, _documents)
    my_access: list[FieldAvailability] = not_personal(
        "What can be shown to the caller for its purpose, field by field, whomever it asks about.",
        PUBLIC,
        _my_access,
    )
    consents: list[Consent] | None = not_personal(
        "Where the consents stand of the member who is signed in, or of whom a registered guardian "
        "acts for; null for whoever is no guardian of theirs. Reading it is put on record.",
        STANDING.reason,
        _consents,
    )
    readers: list[Reader] = not_personal(
        "Who can see something of the signed-in member, on what basis, and who could if the member "
        "consented. Reading it is put on record.",
        VERDICTS.reason,
        readers,
    )
    consent_receipt: ConsentReceipt | None = not_personal(
        "The receipt of one consent item, for the member and for privacy officers; null where the "
        "item is no more.",
        TOLD.reason,
        consent_receipt,
    )
    consent_cursor: str | None = not_personal(
        "Where `consentEvents` stands, for members; for a company's systems `consentChanges`, for "
        "the purpose of the request: read in one operation with `me { consents }` or `members`, it "
        "is the `after` of all that comes after them. Null for everybody else.",
        "opaque, made for the caller",
        changes.cursor,
    )
    disclosures: Recordings[Disclosure] = not_personal(
        "What left, newest first: a member's own history; a company's, as recipient and as "
        "provider; in numbers to privacy officers. Reading it is put on record.",
        RECORDED.reason,
        disclosures,
    )
    provision_records: Recordings[ProvisionRecord] = not_personal(
        "What the caller's company provided to others, or what of the member was provided; newest "
        "first. Reading it is put on record.",
        RECORDED.reason,
        provision_records,
    )
    receipt_records: Recordings[ReceiptRecord] = not_personal(
        "What the caller's company received from others, or what of the member was received; "
        "newest first. Reading it is put on record.",
        RECORDED.reason,
        receipt_records,
    )
    explain: Explanation = not_personal(
        "What a company would see of a member, and why: for the member and for privacy officers.",
        VERDICT.reason,
        explain,
    )
    access_matrix: AccessMatrix = not_personal(
        "Of how many members each company could be shown something for a purpose, now: for "
        "privacy officers, of their own company; for the group's office, of all. Reading it is put "
        "on record.",
        IN_TENS.reason,
        access_matrix,
    )
