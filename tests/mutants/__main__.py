"""`python -m tests.mutants [name ...]`: every mutant of the enforcement is tried; none may live.

A mutant first has to change an answer, or it breaks nothing; then one of its killers has to fail.
Those of the life of consents (life.yaml) break what is written, and only their killers judge them.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import LIFE, Mutant, every_mutant
from tests.mutants.trial import ROOT, Answers, Failed, Verdict, copied, examined, tested, tried


def main() -> int:
    """Try the mutants named, or all. 0 if every one is killed."""
    parser = ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("names", nargs="*", help="these mutants alone")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at a time")
    asked = parser.parse_args()
    chosen = [each for each in every_mutant() if not asked.names or each.name in asked.names]
    with TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(asked.jobs) as pool:
        base = copied(ROOT, Path(folder))
        try:
            healthy = _healthy(base, chosen, pool)
        except Failed as fault:
            say(f"The source itself is not well: {fault}")
            return 1
        killed = 0
        for outcome in pool.map(lambda mutant: tried(mutant, base, healthy), chosen):
            say(str(outcome))
            killed += outcome.verdict is Verdict.KILLED
    say(f"{killed} of {len(chosen)} killed")
    return 0 if killed == len(chosen) else 1


def _healthy(base: Path, mutants: Sequence[Mutant], pool: ThreadPoolExecutor) -> Answers:
    """Give the answers of the unbroken source, which are the same twice; its killers all pass.

    Nothing is asked where no mutant needs an answer. Raises Failed.
    """
    needed = any(mutant.section != LIFE for mutant in mutants)
    once, again = pool.map(examined, [base, base]) if needed else ({}, {})
    restless = [asked for asked, answer in once.items() if again.get(asked) != answer]
    if restless:
        raise Failed(f"two examinations differ in the answer to {restless[0]!r}")
    faults = [asked for asked, answer in once.items() if answer.startswith("500 ")]
    if faults:
        raise Failed(f"{len(faults)} answers are faults, as that to {faults[0]!r}")
    killers = sorted({killer for mutant in mutants for killer in mutant.killers})
    done = tested(base, killers, "--numprocesses", "2", "--dist", "worksteal")
    if done.returncode != 0:
        raise Failed(done.stdout.strip()[-2000:] + done.stderr.strip()[-500:])
    say(f"{len(once)} answers, {len(killers)} killers; all well without a mutant.")
    return once


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
