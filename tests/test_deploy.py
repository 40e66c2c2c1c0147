"""What deploys the server takes along all of it, and is what systemd and hadolint take."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.real import ROOT

CONTAINER = ROOT / "deploy" / "Containerfile"
UNIT = ROOT / "deploy" / "sekisho.service"
PROGRAM = "/usr/local/lib/sekisho/.venv/bin/sekisho"


def test_the_container_takes_all_that_the_server_is_made_of() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1/$", CONTAINER.read_text(), re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["setuptools"]["packages"]
    assert copied == {name.partition(".")[0] for name in packages} | {"seeds"}
    assert all((ROOT / folder).is_dir() for folder in copied)


def test_the_container_runs_as_nobody_in_particular() -> None:
    (user,) = re.findall(r"^USER (\d+)$", CONTAINER.read_text(), re.MULTILINE)
    assert int(user) > 0
    assert "User=sekisho\n" in UNIT.read_text()


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd on this machine")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(PROGRAM, sys.executable))
    told = subprocess.run(  # noqa: S603 (systemd's own)
        [systemd, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_hadolint_takes_the_container_file() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which(
        "hadolint"
    )
    if hadolint is None:
        pytest.skip("there is no hadolint on this machine")
    told = subprocess.run(  # noqa: S603 (hadolint's own)
        [hadolint, str(CONTAINER)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, "")
