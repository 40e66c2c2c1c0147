"""The check that all of the schema says whether it is personal, as the catalogue says it."""

from collections.abc import Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLArgument,
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

MUTATIONS = (
    *("presentDocument", "recordFirstUse", "giveConsent", "refuseConsent", "deferConsent"),
    *("withdrawConsent", "suspendConsent", "reinstateConsent", "invalidateConsent"),
    *("linkAccount", "unlinkAccount", "setMailPreference", "setAdsPreference", "updateContact"),
    *("registerGuardian", "requestStop", "reportSuspiciousContact", "closeAccount"),
)
ENTRIES = frozenset(
    {
        *(f"Query.{n}" for n in ("me", "member", "memberByAccount", "members", "node", "nodes")),
        *(f"Mutation.{name}" for name in MUTATIONS),
        "ConsentNotice.member",
    }
)
"""The personal entries: the only fields that lead from what is not personal to what is."""

STANDS_FOR = {
    "Query.memberByAccount(accountId:)": "linkedCompanies.accountId",
    "LinkAccountInput.accountId": "linkedCompanies.accountId",
    "SetMailPreferenceInput.sender": "mailPreferences.sender",
    "SetMailPreferenceInput.wanted": "mailPreferences.wanted",
    "ReportSuspiciousContactInput.report": "inquiries.body",
}
"""Arguments and inputs that are compared with a personal field or kept in it: its path."""

_DEFINITION = "strawberry-definition"

Composite = GraphQLObjectType | GraphQLInterfaceType


def check_schema(core: GraphQLSchema, catalogue: Catalogue) -> None:
    """Raise StartUpError listing all that is unclassified or contradicts the catalogue.

    INVARIANT: deleting any one classification, directive or category, here or in the catalogue,
    stops start-up.
    """
    findings = [
        *(finding for kind in _types(core) for finding in _sayings(kind)),
        *(finding for kind in _types(core) for finding in _contradictions(kind, catalogue)),
        *_entries(core),
        *_kinds(core, catalogue),
    ]
    if findings:
        raise StartUpError("The schema contradicts the catalogue:\n" + "\n".join(findings))


def classify(core: GraphQLSchema, catalogue: Catalogue) -> None:
    """Let everything personal of a new schema say its categories, as the catalogue has them.

    INVARIANT: the classes are shared by all schemas and stay as they were declared.
    """
    for kind in _types(core):
        for place in _places(kind):
            expected = None if place.path is None else said_by(catalogue, place.path)
            if expected is not None and any(isinstance(s, Personal) for s in _said(place.element)):
                definition = copy(place.element.extensions[_DEFINITION])
                definition.directives = [
                    expected if isinstance(said, Personal) else said
                    for said in definition.directives
                ]
                place.element.extensions[_DEFINITION] = definition


@lru_cache(maxsize=1024)
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
    common = frozenset.intersection(*(field.restricted for field in fields))
    restricted = [key for key in categories if key in common]
    given: Mapping[str, Any] = {"restricted": restricted} if restricted else {}
    return Personal(categories=cast("list[Any]", categories), **given)


def personal_types(core: GraphQLSchema) -> frozenset[str]:
    """Give the types that hold personal fields and those that lead to them, entries apart."""
    found: frozenset[str] = frozenset()
    while True:
        wider = found | {
            kind.name
            for kind in _types(core)
            if isinstance(kind, GraphQLObjectType) and kind not in _roots(core)
            if any(
                _is_personal(field) or _leads(core, field, found)
                for name, field in kind.fields.items()
                if f"{kind.name}.{name}" not in ENTRIES
            )
        }
        if wider == found:
            return found
        found = wider


def personal_places(core: GraphQLSchema) -> Mapping[str, str]:
    """Give the catalogue's path of all that is personal, by name: `Member.fullName`."""
    places = (place for kind in _types(core) for place in _places(kind))
    return {name: path for name, element, path in places if path and _is_personal(element)}


class _Place(NamedTuple):
    """An element that says whether it is personal, and the catalogue's path it stands for."""

    name: str
    element: Any
    path: str | None


def _places(kind: GraphQLNamedType) -> Iterator[_Place]:
    """What a type consists of: fields and their arguments, fields of inputs, values of enums.

    A type of a relation is a member's or a row's, the input that filters it, or the enum of the
    fields it can be ordered by.
    """
    definition = kind.extensions.get(_DEFINITION)
    relation: str | None = getattr(getattr(definition, "origin", None), "relation", None)
    if isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            yield _Place(f"{kind.name}.{name}", value, None if relation is None else value.value)
    elif isinstance(kind, Composite | GraphQLInputObjectType):
        for name, field in kind.fields.items():
            path = f"{relation}.{name}" if relation else None if relation is None else name
            at = f"{kind.name}.{name}"
            yield _Place(at, field, path or STANDS_FOR.get(at))
            for argument, element in getattr(field, "args", {}).items():
                at = f"{kind.name}.{name}({argument}:)"
                yield _Place(at, element, STANDS_FOR.get(at))


def _sayings(kind: GraphQLNamedType) -> Iterator[str]:
    """Exactly one of the two directives on each element, unless its type speaks for it."""
    covered = bool(_said(kind))
    for name, element, _ in _places(kind):
        said = _said(element)
        spoken_for = covered and not isinstance(element, GraphQLArgument)
        if spoken_for and any(isinstance(each, Personal) for each in said):
            yield f"{name}: is personal in a type that says @notPersonal; take one of them back."
        elif len(said) != 1 and not (spoken_for and not said):
            yield f"{name}: say personal(...) or not_personal(...), exactly one of them."


def _contradictions(kind: GraphQLNamedType, catalogue: Catalogue) -> Iterator[str]:
    """What each element says must be what the catalogue says of its path."""
    for name, element, path in _places(kind):
        expected = None if path is None else said_by(catalogue, path)
        if not _is_personal(element):
            if expected is not None:
                yield (
                    f"{name}: says it is not personal, but fields.yaml lists {path} as personal."
                )
            continue
        if isinstance(element, GraphQLField) and is_non_null_type(element.type):
            yield f"{name}: a personal field must be nullable, it can be withheld."
        if path is None and isinstance(element, GraphQLArgument):
            yield f"{name}: say in schema/classification.py which field it is compared with."
        elif path is None:
            yield f"{name}: personal fields belong on the type of a relation."
        elif expected is None:
            yield f"{name}: {path} is not in seeds/catalogue/fields.yaml; add it there."
        elif _said(element) != [expected]:
            yield f"{name}: @personal must say what fields.yaml says of {path}."
        elif not _known(expected, catalogue):
            yield f"{name}: {path} must carry categories of the catalogue."


def _known(said: Personal, catalogue: Catalogue) -> bool:
    return bool(said.categories) and set(said.categories) <= set(catalogue.categories)


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
