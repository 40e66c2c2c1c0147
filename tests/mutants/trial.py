"""The trial of a mutant: a copy of the source is broken, examined, and handed to its killers."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import LIFE, Mutant, Stale

ROOT = Path(__file__).parents[2]
ROOMS = ("policy", "models", "migrations", "resolvers", "schema", "server", "seeds")
SOURCES = (*ROOMS, "tests", "docs", "pyproject.toml")
PATIENCE = 600
"""Seconds until something that runs on a copy is taken to hang."""
TESTS_FAILED = 1
"""pytest's exit code where tests ran and some failed; any other tells of no test."""

Answers = Mapping[str, str]
"""What the examination asked → what was answered."""


class Verdict(StrEnum):
    """How a trial ended; all but the first fail the run."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    HARMLESS = "CHANGES NO ANSWER"
    STALE = "DOES NOT APPLY"
    UNRUN = "COULD NOT BE TRIED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict about one mutant, and what it rests on."""

    mutant: Mutant
    verdict: Verdict
    told: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.mutant.name}: {self.mutant.breaks}\n    {self.told}"


class Failed(Exception):
    """What was run on a copy did not come to its end."""


def copied(tree: Path, into: Path) -> Path:
    """Copy the sources; times are kept, so that bytecode beside them still serves."""
    for name in SOURCES:
        source = tree / name
        if source.is_dir():
            shutil.copytree(source, into / name)
        else:
            shutil.copy2(source, into / name)
    return into


def examined(tree: Path, expected: Answers | None = None, *where: str) -> Answers:
    """Ask the application of this copy everything, or what the options say.

    With `expected`, ask until an answer is another. Raises Failed where it cannot be asked.
    """
    with TemporaryDirectory(prefix="answers-") as folder:
        into, healthy = Path(folder) / "answers.json", Path(folder) / "expected.json"
        healthy.write_text(json.dumps(expected), "utf-8")
        compared = ["--expected", str(healthy)] if expected is not None else []
        done = _run(tree, "-m", "tests.mutants.examination", str(into), *compared, *where)
        if done.returncode != 0:
            raise Failed("\n".join(done.stderr.strip().splitlines()[-3:]))
        answers: Answers = json.loads(into.read_text("utf-8"))
        return answers


def changed(mutant: Mutant, tree: Path, healthy: Answers) -> str | None:
    """Give a question that the broken copy answers otherwise; looked for where it is known."""
    known = [f"--{name}={getattr(mutant, name)}" for name in ("section", "caller")]
    known = [option for option in known if not option.endswith("=")]
    for where in (known, []) if known else ([],):
        answers = examined(tree, healthy, *where)
        for asked, answer in answers.items():
            if healthy.get(asked) != answer:
                return asked
    return None


def tested(tree: Path, tests: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run these tests on this copy."""
    quiet = ("-q", "--no-header", "--tb=no", "-p", "no:cacheprovider")
    return _run(tree, "-m", "pytest", *quiet, *options, *tests)


def tried(mutant: Mutant, base: Path, healthy: Answers) -> Outcome:
    """Break a copy of the base with the mutant: does an answer change, and does a killer fail.

    Of a mutant of the life of consents the killers alone are asked.
    """
    try:
        with TemporaryDirectory(prefix="mutant-") as folder:
            tree = copied(base, Path(folder))
            mutant.apply(tree)
            return _judged(mutant, tree, healthy)
    except Stale as fault:
        return Outcome(mutant, Verdict.STALE, str(fault))
    except (Failed, subprocess.TimeoutExpired) as fault:
        return Outcome(mutant, Verdict.UNRUN, str(fault))


def _judged(mutant: Mutant, tree: Path, healthy: Answers) -> Outcome:
    seen = "changes what happens"
    if mutant.section != LIFE:
        asked = changed(mutant, tree, healthy)
        if asked is None:
            return Outcome(mutant, Verdict.HARMLESS, f"none of {len(healthy)} answers is another")
        seen = f"changes the answer to {asked!r}"
    done = tested(tree, mutant.killers, "--exitfirst")
    killer = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if done.returncode == TESTS_FAILED and killer:
        return Outcome(mutant, Verdict.KILLED, f"{seen}; killed by {killer[1]}")
    if done.returncode == 0:
        return Outcome(mutant, Verdict.SURVIVED, f"{seen}; lived through {len(mutant.killers)}")
    raise Failed(f"pytest ended with {done.returncode}: {done.stdout.strip()[-500:]}")


def _run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, which stands before every installed package."""
    own = {"PYTHONPATH": str(tree), "PYTHONHASHSEED": "0", "SEKISHO_MODE": "development"}
    variables = {**os.environ, **own}
    return subprocess.run(  # noqa: S603 (this Python, on our own copy)
        [sys.executable, *arguments],
        cwd=tree,
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
