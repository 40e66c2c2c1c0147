"""How a column says whether its value is personal data: each one says it is, or why it is not."""

from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

from models.types import SEQUENCE
from policy.vocabulary import RowFact

PERSONAL = "personal"
NOT_PERSONAL = "not_personal"
FACT = "fact"

SqlType = TypeEngine[Any] | type[TypeEngine[Any]]


def personal(
    path: str, kind: SqlType, *checks: CheckConstraint, fact: RowFact | None = None
) -> Any:
    """A column that holds the catalogue's field `path`. Nullable: a member may not have given it.

    `fact` names the row fact the rule also reads it for (inside SQL only).
    """
    return Field(
        default=None,
        sa_type=kind,
        nullable=True,
        sa_column_args=checks,
        sa_column_kwargs={"info": _info({PERSONAL: path}, fact)},
    )


def not_personal(
    why: str,
    kind: SqlType,
    *,
    key: bool = False,
    default: object = ...,
    fact: RowFact | None = None,
) -> Any:
    """A column that holds no value of a member, with the reviewed reason. Never null.

    `key` makes it part of the primary key; `default` is what a row gets that does not say.
    """
    given = {} if default is ... else {"default": default}
    return Field(
        default,
        sa_type=kind,
        primary_key=key,
        nullable=False,
        sa_column_kwargs={
            "info": _info({NOT_PERSONAL: why}, fact),
            "autoincrement": kind is SEQUENCE,
            **given,
        },
    )


def path_of(column: Column[Any]) -> str | None:
    """The catalogue path of a personal column, None for any other."""
    path: str | None = column.info.get(PERSONAL)
    return path


def fact_of(column: Column[Any]) -> RowFact | None:
    """The row fact the rule reads this column for."""
    fact: RowFact | None = column.info.get(FACT)
    return fact


def _info(said: dict[str, Any], fact: RowFact | None) -> dict[str, Any]:
    return said if fact is None else {**said, FACT: fact}
