"""A catalogue of two documents and the real fields, for tests of the tables and the event log."""

from datetime import UTC, datetime

from policy.catalogue import Catalogue, Field
from policy.documents import Document, Item, Version
from policy.vocabulary import (
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Interval,
    Label,
    Reach,
)
from tests.real import CATALOGUE

NAMED = Label("名", "name")
PUBLISHED = datetime(2022, 3, 31, tzinfo=UTC)
VERSION = "2022-03-31"


def small_catalogue() -> Catalogue:
    """Document A is deemed by first use; B needs an explicit act by somebody with an account."""
    fields = [field(each.relation, each.name) for each in CATALOGUE.fields.values()]
    items = [item("A", "DOC_A", 0), item("B.use", "DOC_B", 10), item("B.group", "DOC_B", 20)]
    return Catalogue(
        version="small",
        companies={},
        services={},
        categories={},
        relations=CATALOGUE.relations,
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
