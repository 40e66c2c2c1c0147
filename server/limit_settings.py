"""How much one request may ask for: settings of their own, which the rest inherits."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from resolvers.limits import Limits, Measure

_LIMITS = Limits()
_MOST = _LIMITS.document


def _at_most(default: int, what: str, least: int = 1) -> Any:
    return Field(default=default, ge=least, description=what)


class LimitSettings(BaseSettings):
    """What lies above a limit is refused with LIMIT_EXCEEDED, before it costs much."""

    max_body_bytes: int = _at_most(
        _LIMITS.body, "Bytes of a request's body, and of a message of a socket."
    )
    max_characters: int = _at_most(_LIMITS.characters, "Characters of a GraphQL document.")
    max_tokens: int = _at_most(_LIMITS.tokens, "Names, values and signs of a document.")
    max_definitions: int = _at_most(_MOST.definitions, "Operations and fragments of a document.")
    max_variables: int = _at_most(_MOST.variables, "Variables that a document declares.")
    max_directives: int = _at_most(_MOST.directives, "Directives in a document.")
    max_aliases: int = _at_most(_MOST.aliases, "Aliases in a document.")
    max_root_fields: int = _at_most(
        _MOST.roots, "Fields at the root of an operation, fragments spread."
    )
    max_depth: int = _at_most(_MOST.depth, "Levels of fields and fragments in one another.")
    max_values: int = _at_most(
        _LIMITS.values, "Values in the variables of a request, lists and objects among them."
    )
    max_cost: int = _at_most(
        _LIMITS.cost, "Values that an answer can hold, by the sizes of its pages."
    )
    max_errors: int = _at_most(_LIMITS.errors, "Errors told of one request.")
    max_answer_bytes: int = _at_most(
        _LIMITS.answer, "Bytes of the data of an answer, before anything of it is recorded or sent."
    )

    @property
    def limits(self) -> Limits:
        """All of them."""
        return Limits(
            body=self.max_body_bytes,
            characters=self.max_characters,
            tokens=self.max_tokens,
            document=Measure(
                definitions=self.max_definitions,
                variables=self.max_variables,
                directives=self.max_directives,
                aliases=self.max_aliases,
                roots=self.max_root_fields,
                depth=self.max_depth,
            ),
            values=self.max_values,
            cost=self.max_cost,
            errors=self.max_errors,
            answer=self.max_answer_bytes,
        )
