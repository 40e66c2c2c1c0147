"""The oracle: GraphQL's own executor, field by field, over plain values and the naive rule.

Nothing of how the product plans, reads, shapes or records a personal entry is in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    parse,
    validate,
)

from policy.errors import PrivacyError
from policy.requester import Requester, Role
from resolvers import catalogue
from resolvers.seal import Seal
from schema.build import Schema
from tests.oracle_asking import Asking, Cursors
from tests.oracle_fields import Seen, install
from tests.oracle_people import Person
from tests.oracle_sight import GRANTS, Sights
from tests.real import CATALOGUE, TERMS

IMPLIED = {Role.MEMBER: "subject_request", Role.OFFICER: "audit"}


@dataclass(frozen=True)
class Asked:
    """One operation as one caller sends it."""

    text: str
    variables: Mapping[str, Any]
    requester: Requester
    purpose: str | None = None
    explains: bool = False


@dataclass(frozen=True)
class Expected:
    """What the product has to answer: data and what it says of it, or a refusal of these codes."""

    asking: Asking
    data: Any = None
    privacy: Mapping[str, Any] | None = None
    refusals: frozenset[str] = frozenset()


@dataclass
class Oracle:
    """Answers about these people at one instant."""

    core: GraphQLSchema
    seal: Seal
    now: datetime
    sights: Sights
    cursors: dict[str, Cursors] = field(default_factory=dict)
    """By audience."""

    def answer(self, asked: Asked, decision_id: str) -> Expected:
        document = parse(asked.text)
        asking = self._asking(asked)
        if validate(self.core, document):
            return Expected(asking, refusals=frozenset({"GRAPHQL_VALIDATION_FAILED"}))
        rehearsal = replace(asking, rehearsal=True, refusals=set(), told=set(), places={})
        refusals = self._refusals(rehearsal, asked, document, decision_id)
        if refusals:
            return Expected(asking, refusals=refusals)
        result = self._execute(asking, asked, document, decision_id)
        assert not result.errors, result.errors
        data = result.data
        privacy = self._privacy(asking, asked, decision_id) if asking.entered else None
        return Expected(asking, data, privacy)

    def _asking(self, asked: Asked) -> Asking:
        cursors = self.cursors.setdefault(asked.requester.audience, Cursors())
        asker = asked.requester, asked.purpose
        return Asking(*asker, self.now, self.seal, self.sights, cursors)

    def _refusals(
        self, rehearsal: Asking, asked: Asked, document: Any, decision_id: str
    ) -> frozenset[str]:
        """What is refused whoever it is about: asked about nobody at all."""
        result = self._execute(rehearsal, asked, document, decision_id)
        found = (_code(error) for error in result.errors or ())
        return frozenset({*rehearsal.refusals, *(code for code in found if code)})

    def _execute(
        self, asking: Asking, asked: Asked, document: Any, decision_id: str
    ) -> ExecutionResult:
        context = SimpleNamespace(
            requester=asked.requester,
            purpose=IMPLIED.get(asked.requester.role, asked.purpose),
            asked_at=self.now,
            decision_id=decision_id,
            catalogue=CATALOGUE,
            grants=GRANTS,
            eyes=None,
            seal=self.seal,
            terms=TERMS,
        )
        return execute_sync(
            self.core, document, asking, context, variable_values=dict(asked.variables)
        )

    def _privacy(self, asking: Asking, asked: Asked, decision_id: str) -> Mapping[str, Any]:
        """`extensions.privacy`."""
        requester = asked.requester
        controller = {"onBehalfOf": requester.on_behalf_of} if requester.on_behalf_of else {}
        withheld = sorted(asking.withheld().items())
        return {
            "decisionId": decision_id,
            "company": requester.company,
            **controller,
            "purpose": IMPLIED.get(requester.role, asked.purpose),
            "asOf": self.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "policyVersion": CATALOGUE.version,
            "disclosed": [
                {"field": path, "categories": categories(path), "count": count}
                for path, count in sorted(asking.disclosed().items())
            ],
            "withheld": [
                {
                    "field": path,
                    "categories": categories(path),
                    "reason": reason,
                    "count": count,
                    **(_located(asking, path, reason) if asked.explains else {}),
                }
                for (path, reason), count in withheld
            ],
        }


def oracle(people: Iterable[Person], seal: Seal, now: datetime, core: GraphQLSchema) -> Oracle:
    return Oracle(core, seal, now, Sights(people))


def oracle_schema() -> GraphQLSchema:
    """A schema of its own, with a resolver for each personal field."""
    core = Schema(CATALOGUE).core
    install(core)
    node: Any = core.type_map["Node"]
    node.resolve_type = _kind_of
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLObjectType) and any(
            isinstance(each, GraphQLInterfaceType) for each in kind.interfaces
        ):
            kind.is_type_of = None
    return core


def categories(path: str) -> list[str]:
    """A field's; a list's are those of its rows' fields, each once."""
    fields = CATALOGUE.fields
    paths = [path] if path in fields else [p for p, f in fields.items() if f.relation == path]
    return list(dict.fromkeys(key for each in paths for key in fields[each].categories))


def _kind_of(thing: Any, *_: object) -> str:
    return "Member" if isinstance(thing, Seen) else catalogue.kind_of(thing)


def _code(error: GraphQLError) -> str | None:
    """The code of a refusal; None for what an answer about nobody leaves empty."""
    match error.original_error:
        case PrivacyError() as refusal:
            return str(refusal.code)
        case None:
            return "BAD_USER_INPUT"
        case GraphQLError():
            return "BAD_USER_INPUT"
        case _:
            return None


def _located(asking: Asking, path: str, reason: str) -> Mapping[str, Any]:
    """Every place, in an order of their own: which ones come first is nowhere said."""
    places = [list(at) for at in asking.places[path, reason]]
    return {"paths": sorted(places, key=repr), "pathCount": len(places)}
