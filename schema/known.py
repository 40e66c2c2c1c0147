"""What the executor takes of a document: read once, along the road of every other operation.

What the schema says of itself is the same for everybody, so it is said once as well.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import orjson
from graphql import ExecutionResult
from strawberry.extensions import SchemaExtension

from resolvers.context import Effort
from resolvers.graphql_documents import Document


class KnownDocuments(SchemaExtension):
    """Hands the executor documents that are within the limits, with what validation says."""

    document: Document

    def on_parse(self) -> Iterator[None]:
        execution: Any = self.execution_context
        documents = execution.schema.documents
        self.document = documents.read(execution.query or "", self._effort)
        name = execution._provided_operation_name  # noqa: SLF001 (it is told nowhere else)
        documents.check_cost(self.document, name, execution.variables)
        execution.graphql_document = self.document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = self.document.errors
        yield

    def on_execute(self) -> Iterator[None]:
        if not self.document.of_schema:
            yield
            return
        execution: Any = self.execution_context
        answers, asked = execution.schema.documents.answers, _asked(execution)
        known: Any = answers.get(asked)
        if known is not None:
            execution.result = ExecutionResult(known)
            yield
            return
        with self._effort():
            yield
        told = execution.result
        if not told.errors:
            said = orjson.dumps(told.data)
            answers.keep(asked, orjson.Fragment(said), len(said) + sum(map(len, asked)))

    @property
    def _effort(self) -> Effort:
        context = self.execution_context.context
        return nullcontext if context is None else context.effort


def _asked(execution: Any) -> tuple[str, str, bytes]:
    """All that an answer depends on which is the same for everybody."""
    name = execution._provided_operation_name  # noqa: SLF001 (it is told nowhere else)
    return execution.query, name or "", orjson.dumps(execution.variables)
