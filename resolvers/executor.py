"""The executor, where it meets what plans have made: a planned answer is complete as it is.

INVARIANT: what is below a personal entry is never resolved field by field. Objects of the catalogue
below it, and what stands beside a member's values, are completed by the executor, which knows them.
"""

from dataclasses import dataclass
from typing import Any, cast

from graphql import default_field_resolver, default_type_resolver, located_error
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import Context
from resolvers.site import Selected, Site


@dataclass(frozen=True, slots=True)
class Made:
    """The answer of a personal entry, in the shape that was selected, as it leaves."""

    value: Any


class PlanExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, which leaves planned answers alone."""

    def complete_value(  # noqa: PLR0913, PLR0917 (graphql-core's)
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is Made:
            return result.value
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )


@dataclass(slots=True)
class Completion:
    """Completes values below planned entries as the executor would; resolvers there are plain."""

    site: Site
    context: Context
    executor: PlanExecutor | None = None

    def complete(self, selected: Selected, value: object) -> Any:
        """Give the value in the shape that was selected. Raises GraphQLError."""
        executor = self._executor()
        path = Path(None, selected.key, selected.parent.name)
        nodes: Any = selected.nodes
        try:
            info = executor.build_resolve_info(
                cast("Any", selected.definition), nodes, selected.parent, path
            )
            details: Any = list(selected.details)
            completed = executor.complete_value(selected.type, details, info, path, value, None)
        except Exception as fault:
            raise located_error(fault, nodes, path.as_list()) from fault
        if executor.is_awaitable(completed):
            raise NotImplementedError(
                f"{selected.parent.name}.{selected.name} has to be waited for"
            )
        for error in executor.collected_errors.errors:
            raise error
        return completed

    def _executor(self) -> PlanExecutor:
        if self.executor is None:
            site, context = self.site, cast("Any", self.context)
            self.executor = PlanExecutor(
                site.schema,
                dict(site.fragments),
                site.details,
                None,
                context,
                site.operation,
                site.variables,
                default_field_resolver,
                default_type_resolver,
                default_field_resolver,
            )
        return self.executor
