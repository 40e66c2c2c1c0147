"""Mutants keep up with the source: what each replaces stands there, and whoever kills it exists."""

import pytest

from tests.mutants.mutant import Mutant, every_mutant
from tests.real import ROOT

MUTANTS = every_mutant()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_a_mutant_replaces_stands_in_the_source_once(mutant: Mutant) -> None:
    for edit in mutant.edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.old) == 1, edit.old


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_names_tests_that_exist(mutant: Mutant) -> None:
    for killer in mutant.killers:
        file, _, name = killer.partition("::")
        source = (ROOT / file).read_text("utf-8")
        assert f"def {name.partition('[')[0]}(" in source if name else source
