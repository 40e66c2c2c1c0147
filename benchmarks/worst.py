"""The document within the limits that takes longest to be read: `python -m benchmarks.worst`.

A search by chance and selection: documents are made of parts that are known to be dear, changed a
little, and kept where they took longer. Prints each that is dearer than all before, and its text.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from time import monotonic, process_time
from typing import Annotated, Any

import typer
from graphql import GraphQLSchema, GraphQLSyntaxError

from policy.errors import PrivacyError
from resolvers.graphql_documents import Documents
from resolvers.limits import Limits
from schema.build import build_schema
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE

PARTS = (
    *("id", "fullName", "unknown", "__typename", "a{n}: id", "a{n}: fullName", "a1: id"),
    *("a1: fullName", "u{n}", "id @skip(if: true)", "id @include(if: $b)", "access {{ field }}"),
    *("... {{ id }}", "... on Member {{ id }}", "... on Order {{ id }}", "orders {{ totalCount }}"),
    *("orders(first: 1) {{ nodes {{ id }} }}", "orders(first: $n) {{ nodes {{ id }} }}"),
    *("orders {{ nodes {{ id items amount }} }}", "orders {{ nodes {{ ...G{m} }} }}"),
    *("...F{m}", "...F{n}", "...F{m} ...F{n}", "orders(filter: {{}}) {{ nodes {{ id id }} }}"),
)
SHORTER = 0.8
TIMES = 3


@dataclass(frozen=True)
class Shape:
    """What a document is made of."""

    parts: tuple[str, ...]
    roots: int
    in_root: int
    fragments: int
    in_fragment: int
    seed: int

    def text(self) -> str:
        """The document."""
        dice = Random(self.seed)  # noqa: S311 (no secret)

        def some(number: int) -> str:
            made = (
                dice.choice(self.parts).format(
                    n=dice.randrange(self.fragments or 1), m=dice.randrange(self.fragments or 1)
                )
                for _ in range(number)
            )
            return " ".join(("id", *made))

        roots = " ".join(f"me {{ {some(self.in_root)} }}" for _ in range(self.roots))
        fragments = " ".join(
            f"fragment F{n} on Member {{ {some(self.in_fragment)} }} "
            f"fragment G{n} on Order {{ id amount id }}"
            for n in range(self.fragments)
        )
        return f"query ($n: Int, $b: Boolean!) {{ {roots} }} {fragments}"


def any_shape(dice: Random) -> Shape:
    """A shape by chance."""
    return Shape(
        tuple(dice.sample(PARTS, dice.randrange(1, 8))),
        dice.randrange(1, 20),
        dice.randrange(1, 150),
        dice.choice((0, 1, 3, 10, 30, 49)),
        dice.randrange(40),
        dice.randrange(10**6),
    )


def changed(shape: Shape, dice: Random) -> Shape:
    """The shape with one thing otherwise, or with one part more."""
    other, name = any_shape(dice), dice.choice(list(Shape.__dataclass_fields__))
    if name == "parts":
        return replace(shape, parts=(*shape.parts, dice.choice(PARTS)))
    given: dict[str, Any] = {name: getattr(other, name)}
    return replace(shape, **given)


def fitting(shape: Shape, dice: Random, fits: Callable[[str], bool]) -> Shape:
    """The shape made smaller until its document is within the limits."""
    while not fits(shape.text()):
        name = dice.choice(("roots", "in_root", "fragments", "in_fragment"))
        least = 0 if name.endswith(("fragments", "fragment")) else 1
        given: dict[str, Any] = {name: max(int(getattr(shape, name) * SHORTER), least)}
        shape = replace(shape, **given)
    return shape


def milliseconds(schema: GraphQLSchema, text: str) -> float:
    """What reading takes of the processor. Raises PrivacyError for a document above a limit."""
    began = process_time()
    Documents(schema, Limits()).fresh(text)
    return (process_time() - began) * 1000


def main(
    seconds: Annotated[int, typer.Option(help="How long to search.")] = 60,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 1,
) -> None:
    """Search, and print what is found."""
    schema, dice = build_schema(load_catalogue(CATALOGUE)).core, Random(seed)  # noqa: S311
    best, worst, end = 0.0, any_shape(dice), monotonic() + seconds

    def fits(text: str) -> bool:
        try:
            milliseconds(schema, text)
        except (PrivacyError, GraphQLSyntaxError):
            return False
        return True

    while monotonic() < end:
        tried = any_shape(dice) if dice.random() < 1 / 3 else changed(worst, dice)
        tried = fitting(tried, dice, fits)
        spent = min(milliseconds(schema, tried.text()) for _ in range(TIMES))
        if spent > best:
            best, worst = spent, tried
            print(f"{best:.1f} ms: {worst}", flush=True)
    sys.stdout.write(worst.text() + "\n")


if __name__ == "__main__":
    typer.run(main)
