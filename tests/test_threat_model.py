"""The threat model rests on tests that there are."""

import ast
import re

from tests.real import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_each_test_that_the_threat_model_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs" / "threat-model.md").read_text())
    assert len(named) > 40
    missing = [f"{file}::{test}" for file, test in named if not exists(file, test)]
    assert missing == []


def exists(file: str, test: str) -> bool:
    """Whether the file is there, and the test in it if one is named."""
    path = ROOT / file
    return path.is_file() and (not test or test in defined_in(path.read_text()))


def defined_in(program: str) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in ast.parse(program).body if isinstance(each, functions)}


def test_each_promise_of_the_readme_is_in_the_threat_model() -> None:
    model = (ROOT / "docs" / "threat-model.md").read_text()
    promises = re.findall(r"^\d\. (.*?)[:;.,]", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(promises) == 6
    assert [each for each in promises if each not in model] == []
