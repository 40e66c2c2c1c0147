"""What the executor takes of a document: read once, along the road of every other operation."""

from collections.abc import Iterator
from typing import Any

from strawberry.extensions import SchemaExtension

from resolvers.graphql_documents import Document


class KnownDocuments(SchemaExtension):
    """Hands the executor documents that are within the limits, with what validation says."""

    document: Document

    def on_parse(self) -> Iterator[None]:
        execution: Any = self.execution_context
        documents = execution.schema.documents
        self.document = documents.read(execution.query or "")
        name = execution._provided_operation_name  # noqa: SLF001 (it is told nowhere else)
        documents.check_cost(self.document, name, execution.variables)
        execution.graphql_document = self.document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = self.document.errors
        yield
