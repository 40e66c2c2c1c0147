"""The house: what is tracked holds on every machine, and the lock answers every dependency."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
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


def test_the_lock_answers_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    wanted = [
        each for each in (*project["dependencies"], *extras) if not each.startswith("sekisho[")
    ]
    locked = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, _, version = line.partition(" ;")[0].partition("==")
        locked[canonicalize_name(name)] = version
    for requirement in map(Requirement, wanted):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"
