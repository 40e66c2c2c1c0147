"""A catalogue of two documents and the stored fields, for tests of the tables and the event log."""

from datetime import UTC, datetime

from policy.catalogue import Catalogue, Field, Relation
from policy.documents import Document, Item, Version
from policy.vocabulary import (
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Interval,
    Label,
    Reach,
    RowFact,
)

FACTS = {
    "": "",
    "customerRecords": "service contract retention",
    "orders": "service merchant retention",
    "insurancePolicies": "service contract retention",
    "healthRecords": "service contract kind acquisition_consent retention",
    "devices": "service link_state retention",
}
FIELDS = {
    "": "loginName loginEmail lastLoginAt fullName fullNameKana birthDate gender postalCode "
    "prefecture city addressLine phone occupation pointBalance interestSegments ekycStatus",
    "customerRecords": "name address phone occupation",
    "orders": "merchant service items amount at status relayEmail "
    "recipientName shippingAddress phone",
    "insurancePolicies": "no product role status lapseAt",
    "healthRecords": "kind value",
    "devices": "viewedUrls",
}
NAMED = Label("名", "name")
PUBLISHED = datetime(2022, 3, 31, tzinfo=UTC)
VERSION = "2022-03-31"


def small_catalogue() -> Catalogue:
    """Document A is deemed by first use; B needs an explicit act by somebody with an account."""
    fields = [field(relation, name) for relation in FIELDS for name in FIELDS[relation].split()]
    items = [item("A", "DOC_A", 0), item("B.use", "DOC_B", 10), item("B.group", "DOC_B", 20)]
    return Catalogue(
        version="small",
        companies={},
        services={},
        categories={},
        relations={name: relation(name) for name in FACTS},
        fields={each.path: each for each in fields},
        sensitive_lists={},
        purposes={},
        documents={
            "DOC_A": document("DOC_A", ConsentMode.DEEMED),
            "DOC_B": document("DOC_B", ConsentMode.EXPLICIT),
        },
        items={each.key: each for each in items},
        provisions=(),
    )


def relation(name: str) -> Relation:
    return Relation(name, None, frozenset(map(RowFact, FACTS[name].split())))


def field(relation: str, name: str) -> Field:
    return Field(
        path=f"{relation}.{name}" if relation else name,
        categories=("profile",),
        restricted=frozenset(),
        relation=relation,
        by_kind=relation == "healthRecords",
        until_screened=False,
        withheld_from_subject=False,
        trace=(),
    )


def item(key: str, document: str, first_bit: int) -> Item:
    """Bits in a row: the version, explicit, then one per reach."""
    return Item(
        key=key,
        document=document,
        name=NAMED,
        sensitive=False,
        version_bits={VERSION: first_bit},
        explicit_bit=first_bit + 1,
        reach_bits={reach: first_bit + 2 + place for place, reach in enumerate(Reach)},
        trace=(),
    )


def document(key: str, consent: ConsentMode) -> Document:
    return Document(
        key=key,
        name=NAMED,
        mode=DocumentMode.SUPPLEMENT,
        scope=DocumentScope.GROUP,
        consent=consent,
        publisher="rakuten_group",
        service=None,
        requires_account_session=consent is ConsentMode.EXPLICIT,
        companions=(),
        disadvantages=(),
        versions=(Version(VERSION, PUBLISHED, Interval(PUBLISHED), NAMED, material=False),),
        trace=(),
    )
