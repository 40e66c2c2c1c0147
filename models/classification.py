"""The check that every column says whether it is personal, and says what the catalogue says."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Table

from models.columns import NOT_PERSONAL, fact_of, path_of
from models.tables import ALL_TABLES
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.vocabulary import RowFact


def check_models(catalogue: Catalogue, tables: Iterable[Table] = ALL_TABLES) -> None:
    """Raise StartUpError listing every column and table that contradicts the catalogue.

    INVARIANT: deleting any one classification, or either side of a row fact, stops start-up.
    """
    findings = [
        finding
        for table in tables
        for finding in (*_columns(catalogue, table), *_facts(catalogue, table))
    ]
    if findings:
        raise StartUpError("The tables contradict the catalogue:\n" + "\n".join(findings))


def _columns(catalogue: Catalogue, table: Table) -> Iterator[str]:
    for column in table.columns:
        if (path_of(column) is None) == (not column.info.get(NOT_PERSONAL)):
            yield (
                f"{column}: say personal(<path in fields.yaml>) or not_personal(<why>), "
                "exactly one of them."
            )
        elif path_of(column) is not None:
            yield from _personal(catalogue, table, column)
        else:
            yield from _not_personal(catalogue, table, column)


def _personal(catalogue: Catalogue, table: Table, column: Column[Any]) -> Iterator[str]:
    path = path_of(column) or ""
    relation = table.info.get("relation")
    field = catalogue.fields.get(path)
    if relation is None:
        yield f"{column}: personal columns belong in the table of a relation; {table.name} is none."
    elif field is None:
        yield f"{column}: {path} is not in seeds/catalogue/fields.yaml; add it there."
    elif field.relation != relation:
        yield f"{column}: {path} belongs to relation {field.relation!r}, the table to {relation!r}."
    if not column.nullable:
        yield f"{column}: a personal column must be nullable, a member may not have given it."
    if sum(path_of(other) == path for other in table.columns) > 1:
        yield f"{column}: two columns say they hold {path}; one stored value is one column."


def _not_personal(catalogue: Catalogue, table: Table, column: Column[Any]) -> Iterator[str]:
    relation = table.info.get("relation")
    if relation is None:
        return
    first, *rest = column.name.split("_")
    name = first + "".join(word.capitalize() for word in rest)
    path = f"{relation}.{name}" if relation else name
    if path in catalogue.fields:
        yield f"{column}: says it is not personal, but fields.yaml lists {path} as personal."
    if column.nullable:
        yield f"{column}: a column the rule reads must not be nullable, or a grant could be NULL."


def _facts(catalogue: Catalogue, table: Table) -> Iterator[str]:
    if "relation" not in table.info:
        return
    relation = str(table.info["relation"])
    if relation not in catalogue.relations:
        yield f"{table.name}: the catalogue has no relation {relation!r}; add it to fields.yaml."
        return
    keeper, acquirers = table.info.get("keeper"), catalogue.relations[relation].acquirers
    if keeper is not None and acquirers != frozenset({keeper}):
        yield f"{table.name}: shows what {keeper} acquired; say so of relation {relation!r}."
    facts = [fact for column in table.columns if (fact := fact_of(column)) is not None]
    declared = catalogue.relations[relation].facts
    for fact in RowFact:
        if fact in declared and facts.count(fact) != 1:
            yield f"{table.name}: relation {relation!r} states {fact.value}; mark one column fact=."
        if fact in facts and fact not in declared:
            yield f"{table.name}: holds {fact.value}, which relation {relation!r} does not state."
