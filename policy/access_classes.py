"""Which fields are decided alike, as far as the catalogue tells them apart at all."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from policy.catalogue import Catalogue


def access_classes(catalogue: Catalogue) -> Mapping[str, str]:
    """Give each field the first that is decided alike: same relation, categories and lists."""
    first: dict[object, str] = {}
    return {
        path: first.setdefault((field.relation, _signature(catalogue, path)), path)
        for path, field in catalogue.fields.items()
    }


@lru_cache(maxsize=4)
def alike(catalogue: Catalogue) -> Mapping[str, str]:
    """Give each field the first of which the rule says the same, in whatever relation."""
    first: dict[object, str] = {}
    return {path: first.setdefault(_signature(catalogue, path), path) for path in catalogue.fields}


def _signature(catalogue: Catalogue, path: str) -> object:
    """Give all of a field that the rule reads, its relation aside."""
    field = catalogue.fields[path]
    narrowed = frozenset(
        (provision.document, provision.version, provision.key, category)
        for provision in catalogue.provisions
        for category, fields in provision.categories.items()
        if fields is not None and path in fields
    )
    mandates = frozenset(
        position for position, contract in enumerate(catalogue.contracts) if path in contract.fields
    )
    lists = frozenset(key for key, each in catalogue.sensitive_lists.items() if path in each.fields)
    shape = replace(field, path="", relation="", trace=())
    return shape, narrowed, mandates, lists
