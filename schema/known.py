"""What the executor takes of a document: read once, along the road of every other operation.

What the schema says of itself is the same for everybody, so it is said once as well.
"""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import orjson
from graphql import ExecutionResult, execute_sync
from strawberry.extensions import SchemaExtension

from resolvers.effort import Effort, at_once
from resolvers.graphql_documents import Document


class KnownDocuments(SchemaExtension):
    """Hands the executor documents that are within the limits, with what validation says."""

    document: Document

    async def on_parse(self) -> AsyncIterator[None]:
        execution: Any = self.execution_context
        documents = execution.schema.documents
        self.document = await documents.read(execution.query or "", self._effort)
        documents.check_cost(self.document, _name(execution), execution.variables)
        execution.graphql_document = self.document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = self.document.errors
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        if self.document.of_schema:
            self.execution_context.result = await self._said()
        yield

    async def _said(self) -> ExecutionResult:
        """Give what the schema says of itself."""
        execution: Any = self.execution_context
        answers, asked = execution.schema.documents.answers, _asked(execution)
        known: Any = answers.get(asked)
        if known is not None:
            return ExecutionResult(known)
        told: ExecutionResult = await self._effort(partial(_execute, execution))
        if not told.errors:
            said = orjson.dumps(told.data)
            answers.keep(asked, orjson.Fragment(said), len(said) + sum(map(len, asked)))
        return told

    @property
    def _effort(self) -> Effort:
        context = self.execution_context.context
        return at_once if context is None else context.effort


def _execute(execution: Any) -> ExecutionResult:
    return execute_sync(
        execution.schema.core,
        execution.graphql_document,
        variable_values=execution.variables,
        operation_name=_name(execution),
    )


def _asked(execution: Any) -> tuple[str, str, bytes]:
    """All that an answer depends on which is the same for everybody."""
    return execution.query, _name(execution) or "", orjson.dumps(execution.variables)


def _name(execution: Any) -> str | None:
    name: str | None = execution._provided_operation_name  # noqa: SLF001 (it is told nowhere else)
    return name
