"""Documents that the executor answers: parsed and validated once, kept by their weight."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from resolvers.kept import Kept, weight_of


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    document: DocumentNode
    errors: dict[GraphQLSchema, list[GraphQLError]] = field(default_factory=dict)
    """What validation says of it."""


_documents = Kept[_Known](8 * 1024 * 1024, "documents")
"""By text. Strawberry's own caches count documents, of which one can be as long as a request."""


class KnownDocuments(SchemaExtension):
    """Takes from what is kept what was parsed and validated before."""

    known: _Known

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        text = execution.query or ""
        known = _documents.get(text)
        if known is None:
            document = parse(text, **execution.parse_options)
            known = _documents.keep(text, _Known(document), weight_of(text))
        self.known, execution.graphql_document = known, known.document
        yield

    def on_validate(self) -> Iterator[None]:
        execution, known = self.execution_context, self.known
        schema: GraphQLSchema = execution.schema._schema  # noqa: SLF001 (Strawberry's own way)
        errors = known.errors.get(schema)
        if errors is None:
            errors = validate_document(schema, known.document, execution.validation_rules)
            known.errors[schema] = errors
        execution.pre_execution_errors = errors
        yield
