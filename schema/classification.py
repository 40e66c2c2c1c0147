"""The check that all of the schema says whether it is personal, as the catalogue says it."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_introspection_type,
    is_non_null_type,
)

from policy.catalogue import Catalogue
from policy.errors import StartUpError
from schema.directives import NotPersonal, Personal

ENTRIES = frozenset(
    f"Query.{name}" for name in ("me", "member", "memberByAccount", "members", "node")
)
"""The personal entries: the only fields that lead from what is not personal to what is."""

_DEFINITION = "strawberry-definition"

Composite = GraphQLObjectType | GraphQLInterfaceType


def check_schema(core: GraphQLSchema, catalogue: Catalogue) -> None:
    """Raise StartUpError listing all that is unclassified or contradicts the catalogue.

    INVARIANT: deleting any one classification, directive or category, here or in the catalogue,
    stops start-up.
    """
    findings = [
        *(finding for kind in _types(core) for finding in _sayings(kind, catalogue)),
        *(finding for kind in _types(core) for finding in _fields(kind, catalogue)),
        *_entries(core),
        *_kinds(core, catalogue),
    ]
    if findings:
        raise StartUpError("The schema contradicts the catalogue:\n" + "\n".join(findings))


def said_by(catalogue: Catalogue, path: str) -> Personal | None:
    """Give what `@personal` says of a path; None where the catalogue has none such.

    A list of rows is personal as a list: it carries every category that a field of its rows
    carries, and what is restricted of all of them, since any open field opens its row.
    """
    one = catalogue.fields.get(path)
    fields = [one] if one else [f for f in catalogue.fields.values() if path and f.relation == path]
    if not fields:
        return None
    categories = list(dict.fromkeys(key for field in fields for key in field.categories))
    restricted = frozenset.intersection(*(field.restricted for field in fields))
    return _personal(categories, [key for key in categories if key in restricted])


def _personal(categories: list[str], restricted: list[str]) -> Personal:
    given: Mapping[str, Any] = {"restricted": restricted} if restricted else {}
    return Personal(categories=cast("list[Any]", categories), **given)


def path_of(definition: Any, name: str) -> str | None:
    """Give the catalogue's path of a type's field; None for a type that is no relation's."""
    relation: str | None = getattr(definition.origin, "relation", None)
    return f"{relation}.{name}" if relation else None if relation is None else name


def personal_types(core: GraphQLSchema) -> frozenset[str]:
    """Give the types that hold personal fields and those that lead to them, roots apart."""
    found: frozenset[str] = frozenset()
    while True:
        wider = found | {
            kind.name
            for kind in _types(core)
            if isinstance(kind, GraphQLObjectType) and kind not in _roots(core)
            if any(_is_personal(field) or _leads(core, field, found) for field in _of(kind))
        }
        if wider == found:
            return found
        found = wider


def _sayings(kind: GraphQLNamedType, catalogue: Catalogue) -> Iterator[str]:
    """Exactly one of the two directives on each element, unless its type speaks for it."""
    covered = bool(_said(kind))
    for name, element in _elements(kind):
        said = _said(element)
        if covered and any(isinstance(each, Personal) for each in said):
            yield f"{name}: is personal in a type that says @notPersonal; take one of them back."
        elif len(said) != 1 and not (covered and not said):
            yield f"{name}: say personal(...) or not_personal(...), exactly one of them."
    for name, element in _operands(kind):
        said = _said(element)
        if len(said) != 1 and not (
            covered and not said and isinstance(kind, GraphQLInputObjectType)
        ):
            yield f"{name}: say @personal or @notPersonal, exactly one of them."
        for each in said:
            if isinstance(each, Personal) and not _known(each, catalogue):
                yield f"{name}: @personal must name categories of the catalogue."


def _elements(kind: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    """What a type consists of: fields of objects and interfaces, values of enums."""
    if isinstance(kind, Composite):
        yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())
    elif isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{name}", value) for name, value in kind.values.items())


def _operands(kind: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    """What a caller can hand in: arguments, and fields of input objects."""
    if isinstance(kind, Composite):
        for name, field in kind.fields.items():
            for argument, element in field.args.items():
                yield f"{kind.name}.{name}({argument}:)", element
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())


def _known(said: Personal, catalogue: Catalogue) -> bool:
    return bool(said.categories) and set(said.categories) <= set(catalogue.categories)


def _fields(kind: GraphQLNamedType, catalogue: Catalogue) -> Iterator[str]:
    """What each field says must be what the catalogue says of its path."""
    if not isinstance(kind, GraphQLObjectType):
        return
    for name, field in kind.fields.items():
        path = path_of(kind.extensions[_DEFINITION], name)
        expected = None if path is None else said_by(catalogue, path)
        if not _is_personal(field):
            if expected is not None:
                yield (
                    f"{kind.name}.{name}: says it is not personal, "
                    f"but fields.yaml lists {path} as personal."
                )
            continue
        if is_non_null_type(field.type):
            yield f"{kind.name}.{name}: a personal field must be nullable, it can be withheld."
        if path is None:
            yield f"{kind.name}.{name}: personal fields belong on the type of a relation."
        elif expected is None:
            yield f"{kind.name}.{name}: {path} is not in seeds/catalogue/fields.yaml; add it there."
        elif _said(field) != [expected]:
            yield f"{kind.name}.{name}: @personal must say what fields.yaml says of {path}."
        elif not _known(expected, catalogue):
            yield f"{kind.name}.{name}: {path} must carry categories of the catalogue."


def _entries(core: GraphQLSchema) -> Iterator[str]:
    """What is personal is reached through the personal entries alone."""
    personal = personal_types(core)
    for kind in _types(core):
        if not isinstance(kind, Composite) or kind.name in personal:
            continue
        for name, field in kind.fields.items():
            at = f"{kind.name}.{name}"
            if _leads(core, field, personal) and at not in ENTRIES:
                yield f"{at}: leads to personal data and is no personal entry."


def _kinds(core: GraphQLSchema, catalogue: Catalogue) -> Iterator[str]:
    """The kinds of the sensitive lists must be words of the schema."""
    words = core.type_map.get("HealthKind")
    known = (
        {v.value for v in words.values.values()} if isinstance(words, GraphQLEnumType) else set()
    )
    for key, sensitive in catalogue.sensitive_lists.items():
        for kind in sorted(sensitive.kinds - known):
            yield f"HealthKind: has no value for the kind {kind} of list {key}; add it there."


def _types(core: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    return (kind for kind in core.type_map.values() if not is_introspection_type(kind))


def _roots(core: GraphQLSchema) -> tuple[GraphQLObjectType | None, ...]:
    return core.query_type, core.mutation_type, core.subscription_type


def _of(kind: Composite) -> Iterator[GraphQLField]:
    return iter(kind.fields.values())


def _leads(core: GraphQLSchema, field: GraphQLField, personal: frozenset[str]) -> bool:
    """Whether the field's value is, or can be, of one of these types."""
    kind = get_named_type(field.type)
    possible = core.get_possible_types(kind) if is_abstract_type(kind) else (kind,)
    return any(each.name in personal for each in possible)


def _is_personal(element: Any) -> bool:
    return any(isinstance(said, Personal) for said in _said(element))


def _said(element: Any) -> list[Personal | NotPersonal]:
    """Give the classifying directives on a type, field, argument or value of the schema."""
    definition = element.extensions.get(_DEFINITION)
    directives = getattr(definition, "directives", None) or ()
    return [each for each in directives if isinstance(each, (Personal, NotPersonal))]
