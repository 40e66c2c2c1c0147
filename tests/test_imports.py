"""The straight line: imports point from the edge to the rules, and never back."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PURE = {
    *("abc", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib"),
    *("heapq", "itertools", "json", "math", "operator", "re", "string", "types", "typing"),
}
"""Of the standard library, what touches neither the clock nor the world outside."""

EDGE_ALONE = {"os", "io", "pathlib", "tempfile", "shutil", "glob", "subprocess", "socket", "time"}
"""What reads files, the environment or the clock."""

HARMLESS = {"pathlib.PurePath", "os.stat", "os.nice", "io.StringIO"}
"""To name a file, to see whether it is still the one that SQLite opened, to let others go first,
or to write to memory, reads none."""


def imported(room: str) -> Iterator[tuple[str, str]]:
    """Each file of a room with the dotted name of each thing that it imports."""
    for file in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import():
                    origin = ""
                case ast.ImportFrom():
                    origin = f"{'.' * node.level}{node.module or ''}."
                case _:
                    continue
            for alias in node.names:
                yield str(file.relative_to(ROOT)), origin + alias.name


def top(name: str) -> str:
    return name.partition(".")[0]


def test_imports_point_from_the_edge_to_the_rules() -> None:
    """Asked of its command: in this process it would turn off the loggers that others listen to."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (our own contracts)
    assert told.returncode == 0, told.stdout


def test_the_rules_import_only_what_is_pure() -> None:
    allowed = PURE | {"policy"}
    assert [found for found in imported("policy") if top(found[1]) not in allowed] == []


@pytest.mark.parametrize("room", ["models", "migrations", "resolvers", "schema"])
def test_files_environment_and_clock_are_read_at_the_edge_alone(room: str) -> None:
    named = [found for found in imported(room) if found[1] not in HARMLESS]
    assert [found for found in named if top(found[1]) in EDGE_ALONE] == []


MARKING = {"census_sql", "members_sql", "presence", "row_facts", "rows_below"}
"""Of models/, what makes statements on tables that hold personal columns."""


def test_few_modules_may_say_that_a_statement_is_the_redacted_relation() -> None:
    """The watch on statements believes them."""
    rooms = ("models", "migrations", "resolvers", "schema", "server")
    found = [each for room in rooms for each in imported(room) if each[1].endswith(".marked")]
    assert {file for file, _ in found} == {f"models/{name}.py" for name in MARKING}
    options = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    said = [str(file.relative_to(ROOT)) for file in options if "redacted=True" in file.read_text()]
    assert said == ["models/judged.py"]
