"""One way to break the enforcement: a text of the source in place of another, and who notices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LIFE = "life"
"""The section of what the interview, which only reads, cannot see."""


class Stale(Exception):
    """The text that a mutant replaces does not stand in the source, or more than once."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` occurs exactly once in `file`, and `new` takes its place."""

    file: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        """Break the file. Raises Stale."""
        path = tree / self.file
        source = path.read_text("utf-8") if path.is_file() else ""
        found = source.count(self.old)
        if found != 1:
            raise Stale(f"its old text occurs {found} times in {self.file}: rewrite the mutant")
        path.write_text(source.replace(self.old, self.new), "utf-8")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`breaks` says what is no longer true; `killers` are the tests that are to notice."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]
    killers: tuple[str, ...]
    section: str = ""
    caller: str = ""
    """Where the examination shows it first of all, if that is known."""

    def apply(self, tree: Path) -> None:
        """Break a copy of the source. Raises Stale where the mutant no longer applies."""
        for edit in self.edits:
            edit.apply(tree)


def every_mutant() -> tuple[Mutant, ...]:
    """Give the mutants of tests/mutants/*.yaml in the order of the files. Names are unique."""
    found = tuple(
        mutant for path in sorted(HERE.glob("*.yaml")) for mutant in _read(path.read_text("utf-8"))
    )
    names = [mutant.name for mutant in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two mutants are called {', '.join(sorted(twice))}")
    return found


def _read(text: str) -> Iterator[Mutant]:
    entries: list[Mapping[str, Any]] = yaml.safe_load(text)
    for entry in entries:
        edits = (entry, *entry.get("also", ()))
        yield Mutant(
            name=entry["name"],
            breaks=entry["breaks"],
            edits=tuple(Edit(each["file"], each["old"], each["new"]) for each in edits),
            killers=tuple(entry["killers"]),
            section=entry.get("section", ""),
            caller=entry.get("caller", ""),
        )
