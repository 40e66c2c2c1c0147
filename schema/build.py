"""The executable schema of one catalogue: built, checked, its personal part served from plans."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import strawberry
from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from strawberry.extensions import SchemaExtension
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from policy.catalogue import Catalogue
from resolvers.executor import PlanExecutor
from resolvers.graphql_documents import Documents
from resolvers.limits import Limits
from resolvers.payload import by_response_key
from resolvers.served import BY_EXECUTOR
from schema.act import PAYLOAD
from schema.classification import check_schema, classify, personal_types
from schema.known import KnownDocuments
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.stream import Subscription

_LIMITS = Limits()
_SUGGESTION = re.compile(r" Did you mean .*\Z", re.DOTALL)


class OneOperation(SchemaExtension):
    """Refuse a document of several operations where none is named: the first need not be meant."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        named = execution._provided_operation_name  # noqa: SLF001 (it is told nowhere else)
        document = execution.graphql_document
        parts = document.definitions if document is not None else ()
        operations = [part for part in parts if isinstance(part, OperationDefinitionNode)]
        if named is None and len(operations) > 1:
            text = "The document has several operations; name one of them in `operationName`."
            execution.pre_execution_errors = [GraphQLError(text)]
        for part in operations:
            if execution.context is not None and named in {None, part.name and part.name.value}:
                execution.context.served = BY_EXECUTOR[part.operation.value]
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema, with the catalogue's categories in its directives."""

    def __init__(self, catalogue: Catalogue, limits: Limits = _LIMITS) -> None:
        super().__init__(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            config=StrawberryConfig(scalar_map=SCALARS),
            execution_context_class=PlanExecutor,
            extensions=[KnownDocuments, OneOperation],
        )
        classify(self._schema, catalogue)
        self.documents = Documents(self._schema, limits)
        """Those that it was asked with."""

    @property
    def core(self) -> GraphQLSchema:
        """Give graphql-core's view of it."""
        return self._schema

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing, as Strawberry would the whole query, and take suggestions out."""
        del execution_context
        for error in errors:
            error.message = _SUGGESTION.sub("", error.message)


def build_schema(catalogue: Catalogue, limits: Limits = _LIMITS) -> Schema:
    """Give the schema. Raises StartUpError where it contradicts the catalogue."""
    schema = Schema(catalogue, limits)
    check_schema(schema.core, catalogue)
    _serve(schema.core)
    return schema


def print_sdl(schema: strawberry.Schema) -> str:
    """Give the schema in GraphQL's own language."""
    return print_schema(schema) + "\n"


def _serve(core: GraphQLSchema) -> None:
    """Leave what is below the personal entries to their plans."""
    for name in personal_types(core):
        payload = name.endswith(PAYLOAD)
        for field in _fields(core, name):
            field.resolve = by_response_key if payload else _never
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLObjectType) and _resolved_by_interface(kind):
            kind.is_type_of = None


def _fields(core: GraphQLSchema, name: str) -> Iterable[Any]:
    kind: Any = core.type_map[name]
    found: Iterable[Any] = kind.fields.values()
    return found


def _never(_source: Any, info: Any, **_: Any) -> NoReturn:
    """Resolve nothing. INVARIANT: a plan answers for all that is below a personal entry."""
    raise NotImplementedError(f"{info.parent_type}.{info.field_name} comes with its plan")


def _resolved_by_interface(kind: GraphQLObjectType) -> bool:
    """Whether an interface names the type of its objects; Strawberry would test their class."""
    return any(isinstance(each, GraphQLInterfaceType) for each in kind.interfaces)
