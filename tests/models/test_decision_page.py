"""docs/decision.md says of each kind of test what it reads; the SQL is asked whether that is so."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Table
from sqlalchemy.sql import visitors

from models import condition_sql, grant_sql, tables
from models.condition_sql import Place
from policy import member_tests as member
from policy import row_tests as row
from policy.catalogue import Catalogue
from policy.conditions import StateCode, Test
from policy.decide import rule
from policy.situation import Question, Situation
from policy.vocabulary import Code, OpeningAct, Reach, RowFact
from tests.real import CATALOGUE

PAGE = Path(__file__).parents[2] / "docs" / "decision.md"
SOME = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 15, tzinfo=UTC)
HEALTH = frozenset({"HEALTH"})

EXAMPLES: tuple[Test, ...] = (
    member.Known(),
    member.Self(),
    member.Active(),
    member.Deleted(),
    member.NotStopped(frozenset({"card"}), frozenset({"login"})),
    member.MailWanted("card"),
    member.MailNotRefused("card"),
    member.AdsAllowed(),
    member.Stands("A"),
    member.Reaches("A", frozenset({Reach.HOME})),
    member.Explicit("A"),
    member.ConsentedTo("A", frozenset({"2022-03-31"})),
    member.Linked("card"),
    member.Used("card"),
    member.IncidentOpen("card"),
    member.OverseasConsented("SG"),
    member.Published("own:card:service", SOME, OpeningAct.LINK, "card", "A"),
    member.Published("own:card:service", SOME, OpeningAct.CONSENT, "card", "A"),
    row.AcquiredBy(frozenset({"card"})),
    row.OfService(frozenset({"global_market"}), None),
    row.ContractRuns(),
    row.ContractEnded(),
    row.Retained(),
    row.Listed(HEALTH),
    row.ConsentedToRow("A", (("2022-03-31", (row.Listed(HEALTH),)),)),
    row.Ordered("shop_tea"),
    row.AcquisitionConsented(),
    row.LoggedIn(),
    row.RowCompanyIs("card"),
    row.Screened(),
)
RELATION_OF = {
    RowFact.MERCHANT: "orders",
    RowFact.LINK_STATE: "devices",
    RowFact.SCREENED: "inquiries",
    RowFact.ROW_COMPANY: "contactPreferences",
}


def columns_read(test: Test, catalogue: Catalogue) -> set[str]:
    """Give `table.column` of all that the test's SQL reads, the row's own under "row"."""
    relation = RELATION_OF.get(getattr(test, "fact", None) or RowFact.KIND, "healthRecords")
    of_relation = tables.RELATIONS[relation]
    place = Place(relation, of_relation, catalogue)
    read = set()
    for element in visitors.iterate(condition_sql.sql(test, place)):
        if isinstance(element, Column) and isinstance(element.table, Table):
            own = element.table is of_relation
            read.add(f"{'row' if own else element.table.name}.{element.name}")
    read -= {"row.*"}
    return {name for name in read if not name.endswith(".member_key")} or read


def rows_of_the_page() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        row for row in cells if len(row) == 4 and not row[0].startswith(("step", "stage", "---"))
    ]


def documented() -> dict[str, set[str]]:
    return {name: set(reads.split(", ")) for _, _, name, reads in rows_of_the_page() if name != "-"}


def test_every_kind_of_test_is_on_the_page_and_nothing_else() -> None:
    kinds = grant_sql.kinds_of_test()
    assert set(documented()) == {kind.__name__ for kind in kinds}
    assert {type(example) for example in EXAMPLES} == set(kinds)


def test_every_code_is_on_the_page() -> None:
    said = {code for _, codes, _, _ in rows_of_the_page() for code in codes.split(", ")}
    assert said | {"SALE_FORBIDDEN"} == set(Code)


@pytest.mark.parametrize("name", sorted({type(example).__name__ for example in EXAMPLES}))
def test_the_page_names_the_columns_that_the_sql_reads(name: str) -> None:
    read: set[str] = set()
    for example in EXAMPLES:
        if type(example).__name__ == name:
            read |= columns_read(example, CATALOGUE)
    expected = documented()[name]
    assert read == (set() if expected == {"standing (joined)"} else expected)


def stated_conditions() -> set[tuple[str, str, str]]:
    """Give (stage or step, code, kind of test) of all that the rule states over the catalogue."""
    stated = set()
    askers = [(company, None) for company in CATALOGUE.companies] + [("courier", "ichiba")]
    purposes = [key for key, each in CATALOGUE.purposes.items() if each.registered_at <= NOW]
    for number, (company, controller) in enumerate(askers * 4):
        for path in list(CATALOGUE.fields)[number % 3 :: 3]:
            purpose = purposes[(number * 7 + len(path)) % len(purposes)]
            question = Question(company, controller, purpose, path, NOW)
            for acquirer in ("rakuten_group", "ssi", "card", "ichiba"):
                told = rule(Situation(CATALOGUE, question, acquirer, None))
                lines = [*told.gates, *(c for way in told.candidates for c in way.conditions)]
                for line in lines:
                    name = "-" if isinstance(line.test, bool) else type(line.test).__name__
                    code = "state" if isinstance(line.code, StateCode) else str(line.code)
                    stated.add((str(line.stage.value if line.stage else ""), code, name))
    return stated


@pytest.mark.exhaustive
def test_the_page_gives_each_test_the_stage_and_the_code_that_the_rule_gives_it() -> None:
    page = {
        (stage[:1] if stage[0].isdigit() else "", code, name)
        for stage, codes, name, _ in rows_of_the_page()
        for code in (("state",) if name == "Stands" else codes.split(", "))
    }
    stated = {line for line in stated_conditions() if line[2] != "-"}
    assert stated - page == set()
    assert len({name for _, _, name in stated}) > 20
