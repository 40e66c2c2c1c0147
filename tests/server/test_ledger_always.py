"""The ledger has no off switch: no setting, environment or argument of a command leads past it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.ledger import Ledger
from policy.errors import StartUpError
from server.settings import Settings
from tests.door import Door

ROOT = Path(__file__).parents[2]
ROOMS = ("policy", "models", "migrations", "resolvers", "schema", "server")

pytestmark = pytest.mark.anyio


def nodes() -> Iterator[ast.AST]:
    """All code of the product."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            yield from ast.walk(ast.parse(file.read_text()))


async def test_the_application_writes_to_the_ledger_itself(either: Door) -> None:
    assert type(either.checkpoint.ledger) is Ledger


def test_there_is_no_other_ledger_in_the_product() -> None:
    derived = [
        node.name
        for node in nodes()
        if isinstance(node, ast.ClassDef)
        if "Ledger" in {ast.unparse(base) for base in node.bases}
    ]
    assert derived == []


def test_the_product_knows_nothing_of_benchmarks_and_tests() -> None:
    imported = {node.module or "" for node in nodes() if isinstance(node, ast.ImportFrom)}
    imported |= {
        each.name for node in nodes() if isinstance(node, ast.Import) for each in node.names
    }
    assert "models.ledger" in imported
    assert not {name for name in imported if name.partition(".")[0] in {"benchmarks", "tests"}}


def test_a_setting_says_where_the_ledger_lies_and_none_that_it_does_not() -> None:
    assert [name for name in Settings.model_fields if "ledger" in name] == ["ledger_url"]


@pytest.mark.parametrize(
    "url",
    [
        *("", "none", "null://", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"),
        *("sqlite+aiosqlite:///file::memory:?uri=true", "sqlite+aiosqlite:///file:x"),
        "sqlite+aiosqlite:///x?mode=memory&uri=true",
    ],
)
def test_the_ledger_lies_in_a_database_that_lasts(url: str) -> None:
    with pytest.raises(StartUpError):
        Ledger.open(url)
