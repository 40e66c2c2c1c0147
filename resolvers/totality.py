"""Checks at start that there is a plan for all that can be asked for below a personal entry."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
)
from graphql.execution.values import VariableValues

from models.query import DIALECTS
from models.tables import RELATIONS, column_of
from policy.errors import StartUpError
from resolvers.plan import Connection, Object, Provenance, Scalar, SeenBy
from resolvers.planner import BESIDE, new_plan
from resolvers.site import Site
from resolvers.values import conversion

AS_SEEN_BY = "asSeenBy"


def check_plans(schema: GraphQLSchema) -> None:
    """Raise StartUpError unless every field of members and rows can be planned and shown."""
    try:
        for entry in ("me", "members"):
            _check(schema, entry)
    except (NotImplementedError, LookupError) as fault:
        raise StartUpError(
            f"A field below the personal entries has no plan ({fault}): plan it in "
            "resolvers/planner.py, and say in resolvers/values.py how it is shown."
        ) from fault


def _check(schema: GraphQLSchema, entry: str) -> None:
    query: Any = schema.query_type
    kind = get_named_type(query.fields[entry].type)
    document = parse(f"{{ {entry} {{ {' '.join(_everything(kind))} }} }}", no_location=True)
    (operation,) = document.definitions
    if not isinstance(operation, OperationDefinitionNode):
        raise NotImplementedError(entry)
    site = Site(schema, operation, {}, VariableValues({}, {}))
    (root,) = site.roots(query)
    for selected in new_plan(site, root).objects():
        _check_object("", selected)


def _check_object(relation: str, selected: Object) -> None:
    """Look at how each value is shown, on every engine."""
    for out in selected.outputs:
        match out:
            case Scalar(path=path, type=type_):
                _check_shown(column_of(path), type_)
            case Provenance(column=column, type=type_):
                _check_shown(RELATIONS[relation].c[column], type_)
            case Connection(relation=below):
                for each in out.objects():
                    _check_object(below, each)
            case SeenBy(seen=seen):
                for each in seen.objects():
                    _check_object(relation, each)


def _check_shown(column: Any, type_: Any) -> None:
    for dialect in DIALECTS:
        conversion(column.type, type_, dialect)


def _everything(kind: Any) -> Iterator[str]:
    """Select every field of a type that leads to members or rows, and of what leads there."""
    yield "__typename"
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            yield name
        elif name == AS_SEEN_BY:
            yield f'{name}(company: "", purpose: "") {{ id }}'
        elif name in BESIDE or not _is_planned(field.type, below):
            yield f"{name} {{ __typename }}"
        else:
            yield f"{name} {{ {' '.join(_everything(below))} }}"


def _is_planned(type_: Any, below: Any) -> bool:
    """Whether what is below is a list of rows, a page of them, or a part of it."""
    if not isinstance(below, GraphQLObjectType):
        return False
    is_part = {"nodes", "edges", "node", "hasNextPage"} & below.fields.keys()
    return bool(is_part) or is_list_type(get_nullable_type(type_)) or "acquiredBy" in below.fields
