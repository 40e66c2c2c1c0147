"""What lists can be ordered by: an enum of fields per type, derived from its personal fields."""

from dataclasses import MISSING
from enum import Enum
from functools import cache
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from schema.company import Company
from schema.directives import NotPersonal, Personal
from schema.filters import personal_fields, scalar_of
from schema.inputs import Part, make_input

NAMED = NotPersonal(reason="the field it names says for itself")
_enum: Any = Enum
_WITHOUT_ORDER = {bool, Company}


@strawberry.enum(
    description="Which way a list is ordered. What is withheld or missing comes last both ways.",
    directives=[NotPersonal(reason="a direction")],
)
class OrderDirection(Enum):
    """Of one field."""

    ASC = strawberry.enum_value("ASC", description="Smallest or earliest first.")
    DESC = strawberry.enum_value("DESC", description="Largest or latest first.")


@cache
def order_of(kind: Any) -> Any:
    """Give the input that orders a list of this type by one of its fields."""
    name = kind.__name__
    return make_input(
        f"{name}Order",
        f"A field to order a list of type {name} by, as the caller sees its values.",
        (
            Part("field", _fields_of(kind), "The field.", default=MISSING),
            Part("direction", OrderDirection, "Which way.", default=OrderDirection.ASC),
        ),
        said=(NAMED,),
    )


def _fields_of(kind: Any) -> Any:
    """Give the enum of the fields that have an order; a value is the field's path."""
    fields = [each for each in personal_fields(kind) if _has_order(each)]
    paths = {each.python_name.upper(): _path(kind.relation, each) for each in fields}
    made: Any = _enum(f"{kind.__name__}OrderField", paths)
    made.relation = kind.relation
    description = f"The fields that a list of type {kind.__name__} can be ordered by."
    strawberry.enum(made, description=description)
    for value, field in zip(made.__strawberry_definition__.values, fields, strict=True):
        value.description = field.description
        value.directives = (Personal(categories=[]),)
    return made


def _has_order(field: StrawberryField) -> bool:
    scalar = scalar_of(field)
    return scalar is not None and scalar not in _WITHOUT_ORDER


def _path(relation: str, field: StrawberryField) -> str:
    name = to_camel_case(field.python_name)
    return f"{relation}.{name}" if relation else name
