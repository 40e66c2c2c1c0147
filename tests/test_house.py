"""The house: what is tracked holds on every machine, and the lock answers every dependency."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]

OF_A_MACHINE = re.compile(r"(?<![\w.])/(home|root|tmp|Users|mnt|opt|srv|work|workspace)/\w")
OF_A_REGISTRY = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs)\b")


def tracked() -> Iterator[tuple[str, str]]:
    """Each text file under version control, with its text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.split("\0"):
        file = ROOT / name
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            yield name, content.decode()


def found(pattern: re.Pattern[str], files: Iterator[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in files
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_one_machine() -> None:
    assert found(OF_A_MACHINE, tracked()) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert found(OF_A_REGISTRY, tracked()) == []


def test_the_clock_and_the_environment_are_read_in_server_alone() -> None:
    exempt = re.compile(r"#\s*noqa:.*TID251")
    elsewhere = (file for file in tracked() if not file[0].startswith("server/"))
    assert found(exempt, elsewhere) == []


def declared() -> list[Requirement]:
    """What the project says that it needs, the extras' as well."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    every = chain(project["dependencies"], *project["optional-dependencies"].values())
    return [Requirement(each) for each in every if not each.startswith("sekisho[")]


def test_what_is_imported_is_declared() -> None:
    """Not left to some other dependency, which may drop it."""
    names = {canonicalize_name(each.name) for each in declared()}
    installed, own = packages_distributions(), {file.name for file in ROOT.iterdir()}
    imported = {
        name.partition(".")[0]
        for file, text in tracked()
        if file.endswith(".py")
        for node in ast.walk(ast.parse(text))
        for name in named_by(node)
    }
    others = imported - own - sys.stdlib_module_names
    assert len(others) > len(names) // 2
    assert {
        name
        for name in others
        if not names.intersection(map(canonicalize_name, installed.get(name, ())))
    } == set()


def named_by(node: ast.AST) -> list[str]:
    """The modules that an import names; relative ones are our own."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(level=0, module=str(module)):
            return [module]
        case _:
            return []


def test_the_lock_answers_every_dependency() -> None:
    locked = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, _, version = line.partition(" ;")[0].partition("==")
        locked[canonicalize_name(name)] = version
    for requirement in declared():
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"
