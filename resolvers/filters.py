"""A filter as the caller wrote it, read into its shape and its operands.

Several operators of one field, and several fields of one input, must all hold; an input that says
nothing always holds. What is null is refused: it is most often a variable that was forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from models.criteria import Either, Every, Filter, Leaf, Not, Op, SomeRow
from models.tables import RELATIONS
from models.view import ACCOUNT
from policy.errors import ErrorCode, PrivacyError

IN_ONE_FILTER = 30
"""Each condition is as long in SQL as the grant of its field, and SQLite nests at most 1,000."""
CONDITIONS_AT_MOST = 200
VALUES_AT_MOST = 2000
"""In all the filters of one personal entry."""
DEPTH_AT_MOST = 10
LISTS_AT_MOST = 100
"""Different ones below the members of one entry: a statement has so many columns at most."""

Given = Mapping[str, Any]
"""An input object as GraphQL coerced it: what was left out is not in it."""


@dataclass(slots=True)
class Operands:
    """The operands of one personal entry, each bound under a name of its own, and how many.

    What members see through companies' eyes counts with it.
    """

    bound: dict[str, object] = field(default_factory=dict)
    conditions: int = 0
    values: int = 0
    lists: int = 0

    def bind(self, value: object) -> str:
        """Give the name. Raises BAD_USER_INPUT for what no stored value can be compared with."""
        stored = [_stored(each) for each in value] if isinstance(value, list) else _stored(value)
        name = f"operand_{len(self.bound)}"
        self.bound[name] = stored
        return name

    def count(self, values: int = 0) -> None:
        """Count one more condition. Raises LIMIT_EXCEEDED."""
        self.conditions += 1
        self.values += values
        _check("are at most", self.conditions, CONDITIONS_AT_MOST, "conditions")
        _check("compare with at most", self.values, VALUES_AT_MOST, "values")

    def count_list(self) -> None:
        """Count one more different list. Raises LIMIT_EXCEEDED."""
        self.lists += 1
        if self.lists > LISTS_AT_MOST:
            raise PrivacyError(
                ErrorCode.LIMIT_EXCEEDED,
                f"One entry asks for at most {LISTS_AT_MOST} different lists; "
                "ask in several requests.",
            )


@dataclass(slots=True)
class FilterReader:
    """Reads one filter. Raises BAD_USER_INPUT for a null, LIMIT_EXCEEDED for one too large."""

    operands: Operands
    conditions: int = 0

    def read(self, relation: str, given: Given | None, depth: int = 0) -> Filter:
        """Read an input object of this relation."""
        if given is None:
            raise _null()
        _check("are nested at most", depth, DEPTH_AT_MOST, "levels deep")
        if not given:
            self._count()
        parts = [self._part(relation, name, each, depth) for name, each in given.items()]
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _part(self, relation: str, name: str, given: Any, depth: int) -> Filter:
        if given is None:
            raise _null()
        match name:
            case "and":
                return Every(self._several(relation, given, depth + 1))
            case "or":
                return Either(self._several(relation, given, depth + 1))
            case "not":
                return Not(self.read(relation, given, depth + 1))
            case _ if relation == ACCOUNT and name in RELATIONS:
                return self._rows(name, given, depth + 1)
            case _:
                return self._field(f"{relation}.{name}" if relation else name, given)

    def _several(self, relation: str, given: Sequence[Given], depth: int) -> tuple[Filter, ...]:
        if not given:
            self._count()
        return tuple(self.read(relation, each, depth) for each in given)

    def _rows(self, relation: str, given: Given, depth: int) -> Filter:
        parts = []
        for word, each in given.items():
            some = SomeRow(relation, self.read(relation, each, depth))
            self._count()
            parts.append(some if word == "some" else Not(some))
        return Every(tuple(parts))

    def _field(self, path: str, given: Given) -> Filter:
        if not given:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT,
                f"The filter on `{path}` compares with nothing: leave it out, or give its variable "
                "a value.",
            )
        leaves = tuple(self._leaf(path, word, value) for word, value in given.items())
        return leaves[0] if len(leaves) == 1 else Every(leaves)

    def _leaf(self, path: str, word: str, value: Any) -> Leaf:
        if value is None or (isinstance(value, list) and None in value):
            raise _null()
        self._count(len(value) if isinstance(value, list) else 1)
        if word == "isNull":
            return Leaf(path, Op.IS_NULL if value else Op.NOT_NULL)
        return Leaf(path, Op(word), self.operands.bind(value))

    def _count(self, values: int = 0) -> None:
        """Count what is compared; an input that says nothing is SQL too."""
        self.conditions += 1
        _check("are, in one filter, at most", self.conditions, IN_ONE_FILTER, "conditions")
        self.operands.count(values)


def _stored(value: object) -> object:
    """Give an operand as the database holds it: a word of the schema's is the word stored."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str) and "\0" in value:  # PostgreSQL has no such text
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "A text in a filter must not contain U+0000.")
    return value


def _null() -> PrivacyError:
    return PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        "A filter holds no null: leave the condition out, or ask with `isNull`.",
    )


def _check(words: str, number: int, at_most: int, what: str) -> None:
    if number > at_most:
        message = f"The filters of one entry {words} {at_most} {what}; ask in several requests."
        raise PrivacyError(ErrorCode.LIMIT_EXCEEDED, message)
