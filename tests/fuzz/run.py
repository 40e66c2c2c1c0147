"""schemathesis against a live server of the demo world, for as long as it is told to.

Documents for every root field there is, asked by companies, members and a privacy officer, with
texts that mean something here. The first answer that is not tidy ends the run, with its question.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated, Any, NamedTuple

import orjson
import schemathesis
import typer
from graphql import GraphQLError, Node, StringValueNode, Visitor, parse, print_ast, visit
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from tests.clients.programs import Server, sekisho, serving
from tests.generated import EXAMPLES
from tests.tidy import untidy

ODD = ("\0", "", "é" * 5000, "%", "\\", "'; --", "\ufeff", "{", "9" * 400, "𝕏", "2026-13-45")
KNOWN = ("card", "bank", "own:card:service", "id_login", "profile", "card-m1", "fullName", "DOC_B")
EACH = 8
"""Documents of one root field in one round."""
LEAST = 50
"""Per mille of the questions that have to be answered with data: it is to look inside."""


class Caller(NamedTuple):
    """Whoever asks, with ids that are good for them."""

    headers: dict[str, str]
    ids: Sequence[str]


def main(
    seconds: Annotated[int, typer.Option(help="How long to go on.")] = 600,
    first: Annotated[int, typer.Option(help="The seed to begin with.")] = 1,
) -> None:
    """Ask until the time is over. Exits with 1 at the first answer that is not tidy."""
    told: Counter[str] = Counter()
    with TemporaryDirectory() as folder, serving(Path(folder)) as server:
        known = list(callers(server))
        schema = _loaded(server, known[0])
        for number in _rounds(first, monotonic() + seconds):
            caller = known[number % len(known)]
            for operation in schema.get_all_operations():
                _ask(operation.ok(), caller, number, told)
        faults = (Path(folder) / "log").read_text().count('"event":"fault"')
    said = ", ".join(f"{what} {number:,}" for what, number in told.most_common())
    sys.stdout.write(f"{told.total():,} questions in {seconds} s: {said}; {faults} faults logged\n")
    sys.exit(0 if not faults and told["data"] * 1000 > told.total() * LEAST else 1)


def callers(server: Server) -> Iterator[Caller]:
    """A company for two purposes, a member, an analyst, and privacy officers of one and of all."""
    for who, purpose in (
        (("--company", "card"), "own:card:service"),
        (("--company", "card", "--role", "analyst"), "id_login"),
        (("--role", "member", "--member", "m1"), None),
        (("--company", "card", "--role", "officer"), None),
        (("--company", "*", "--role", "officer"), None),
    ):
        token = sekisho(server, "token", "--ttl", "9h", *who)
        headers = {"Authorization": f"Bearer {token}"}
        if purpose:
            headers["Sekisho-Purpose"] = purpose
        member = () if "--member" in who else ("--member", "m1")
        yield Caller(headers, [sekisho(server, "id", *who, *member)])


def _loaded(server: Server, caller: Caller) -> Any:
    for name, text in EXAMPLES.items():
        schemathesis.graphql.scalar(name, st.just(text).map(nodes.String))
    return schemathesis.graphql.from_url(f"{server.address}/graphql", headers=caller.headers)


def _rounds(first: int, end: float) -> Iterator[int]:
    number = first
    while monotonic() < end:
        yield number
        number += 1


def _ask(operation: Any, caller: Caller, number: int, told: Counter[str]) -> None:
    """Ask documents of one root field, and look at each answer."""
    aimed = partial(_aimed, Random(f"{number} {operation.label}"), caller)  # noqa: S311 (no secret)

    @seed(number)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.body = aimed(case.body)
        response = case.call(headers=caller.headers)
        if wrong := untidy(response.status_code, response.content):
            sys.exit(f"{wrong}\nseed {number}, {operation.label}\n{case.body}\n{response.text}")
        answer = orjson.loads(response.content)
        told[answer["errors"][0]["extensions"]["code"] if "errors" in answer else "data"] += 1

    ask()


def _aimed(dice: Random, caller: Caller, text: str) -> str:
    """The document with some of its texts replaced by what the server may know, or not."""

    class Aimed(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: object) -> Node | None:
            where = dice.choice(((), KNOWN, caller.ids, ODD))
            return StringValueNode(value=dice.choice(where)) if where else None

    try:
        return print_ast(visit(parse(text), Aimed()))
    except GraphQLError:
        return text


if __name__ == "__main__":
    typer.run(main)
