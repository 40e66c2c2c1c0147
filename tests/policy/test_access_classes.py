"""An access class: fields that every list of the catalogue names alike."""

from collections.abc import Iterator

from policy.grant import Grants
from tests.real import CATALOGUE

GRANTS = Grants(CATALOGUE)


def lists_that_name(path: str) -> Iterator[object]:
    """Every provision, contract and sensitive list that reaches this field."""
    for row in CATALOGUE.provisions:
        for category in CATALOGUE.fields[path].categories:
            if row.covers(category, path):
                yield row.key, row.version, category
    yield from (each for each in CATALOGUE.contracts if path in each.fields)
    yield from (each.key for each in CATALOGUE.sensitive_lists.values() if path in each.fields)


def test_fields_of_one_access_class_are_named_by_the_same_lists() -> None:
    together = [(path, GRANTS.access_class(path)) for path in CATALOGUE.fields]
    for path, leader in together:
        assert [*lists_that_name(path)] == [*lists_that_name(leader)], (path, leader)
    assert len({leader for _, leader in together}) < len(together) / 2


def test_a_field_that_a_provision_leaves_out_is_of_another_class() -> None:
    brand, expiry = (
        GRANTS.access_class(f"paymentMethods.{it}") for it in ("cardBrand", "cardExpiry")
    )
    assert brand != expiry
