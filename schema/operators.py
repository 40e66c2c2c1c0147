"""How the value of a field can be compared: one input of operators per kind of value."""

from datetime import date, datetime
from functools import cache
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from schema.company import Company
from schema.directives import NotPersonal
from schema.inputs import Part, make_input
from schema.scalars import EmailAddress, GeoPoint

COMPARED = NotPersonal(reason="an operand: the field it is compared with says for itself")

_EQUAL = ("eq", "ne", "in", "notIn", "isNull")
_TEXT = (*_EQUAL, "contains", "startsWith")
_ORDERED = (*_EQUAL, "lt", "lte", "gt", "gte")
_MEANING = {
    "eq": "It is this.",
    "ne": "It is not this; withheld and missing values are not, either.",
    "in": "It is one of these; of an empty list, none is.",
    "notIn": "It is none of these; withheld and missing values are none, either.",
    "isNull": "Whether it is withheld or missing, which look alike.",
    "contains": "It contains this, in upper and lower case as written.",
    "startsWith": "It starts with this, in upper and lower case as written.",
    "lt": "It is less, or earlier.",
    "lte": "It is not more, nor later.",
    "gt": "It is more, or later.",
    "gte": "It is not less, nor earlier.",
}


def operators_for(kind: Any) -> Any:
    """Give the input that compares values of this kind. Raises KeyError if nothing can."""
    if isinstance(kind, StrawberryEnumDefinition):
        return _operators_of_words(kind.wrapped_cls, kind.name)
    return _BY_KIND[kind]


def _operators(name: str, operand: Any, what: str, words: tuple[str, ...]) -> Any:
    parts = (Part(word, _operand(word, operand) | None, _MEANING[word]) for word in words)
    description = f"What must hold of {what}: all that is given."
    return make_input(f"{name}Filter", description, parts, said=(COMPARED,))


def _operand(word: str, operand: Any) -> Any:
    if word == "isNull":
        return bool
    return list[operand] if word in {"in", "notIn"} else operand


@cache
def _operators_of_words(words: Any, name: str) -> Any:
    return _operators(name, words, f"a {name}", _EQUAL)


_BY_KIND = {
    str: _operators("String", str, "a text", _TEXT),
    EmailAddress: _operators("EmailAddress", str, "a mail address", _TEXT),
    GeoPoint: _operators("GeoPoint", GeoPoint, "a place", _EQUAL),
    int: _operators("Int", int, "a number", _ORDERED),
    bool: _operators("Boolean", bool, "a yes or no", ("eq", "ne", "isNull")),
    date: _operators("Date", date, "a day", _ORDERED),
    datetime: _operators("DateTime", datetime, "an instant", _ORDERED),
    Company: _operators("CompanyKey", strawberry.ID, "a company, by its key", _EQUAL),
}
