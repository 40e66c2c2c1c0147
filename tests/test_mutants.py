"""Mutants keep up with the source: what each replaces stands there, and whoever kills it exists."""

import subprocess
import sys

import pytest

from tests.mutants.mutant import Mutant, every_mutant
from tests.real import ROOT

MUTANTS = every_mutant()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_a_mutant_replaces_stands_in_the_source_once(mutant: Mutant) -> None:
    for edit in mutant.edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.old) == 1, edit.old


@pytest.mark.exhaustive
def test_mutants_name_tests_that_exist() -> None:
    killers = sorted({killer for mutant in MUTANTS for killer in mutant.killers})
    collecting = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist"]
    collected = subprocess.run(  # noqa: S603 (this Python, tests of our own)
        [*collecting, *killers], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert collected.returncode == 0, collected.stdout
