"""What one request that asks for too much costs the server: `python -m benchmarks.attacks`.

No two requests are alike, so nothing is known of any of them before it comes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import orjson
from graphql import get_introspection_query

from benchmarks.data import Data
from benchmarks.machine import seconds_of
from benchmarks.queries import COMPANY, PURPOSE
from benchmarks.servers import PRODUCT, Server, headers, serving
from resolvers.limits import Limits

TIMES = 20
MOST = Limits()

Attack = Callable[[int], bytes]
"""The body of the request of this number."""


def _asking(text: Callable[[int], str], variables: Any = None) -> Attack:
    def body(number: int) -> bytes:
        return orjson.dumps({"query": text(number), "variables": variables})

    return body


def _again(part: str, times: int, around: str = "{ me { %s } }") -> Attack:
    return _asking(lambda number: around % " ".join([f"a{number}: id", *[part] * times]))


def _doubled(number: int) -> str:
    """Fragments that each spread the next one twice."""
    parts = " ".join(
        f"fragment F{each} on Member {{ ...F{each + 1} ...F{each + 1} }}" for each in range(45)
    )
    return f"{{ me {{ a{number}: id ...F0 }} }} {parts} fragment F45 on Member {{ id }}"


def _tangled(number: int) -> str:
    """Fragments that are all spread in many fields of one name: the worst that a search found."""
    spread = " ".join(f"...F{each}" for each in range(14))
    roots = f"me {{ a1: id unknown fullName orders {{ nodes {{ id items }} }} {spread} }} "
    parts = " ".join(
        f"fragment F{each} on Member {{ id a1: id fullName ...F{(each + 1) % 30} "
        f"orders {{ nodes {{ id items amount }} }} a{each}: fullName }}"
        for each in range(30)
    )
    return f"{{ a{number}: __typename {roots * 13} }} {parts}"


ATTACKS: Mapping[str, Attack] = {
    "a small question, for comparison": _asking(
        lambda number: f"{{ a{number}: viewer {{ role }} }}"
    ),
    "the standard introspection query": _asking(
        lambda number: f"#{number}\n{get_introspection_query()}"
    ),
    "fragments that double, 45 deep": _asking(_doubled),
    "fragments spread in one another": _asking(_tangled),
    "300,000 tokens": _again("id", 300_000),
    "as many tokens as may be, of one field": _again("id", MOST.tokens - 10),
    "as many tokens as may be, all unknown": _asking(
        lambda number: (
            "{ me {" + " ".join(f"u{number}x{n}" for n in range(MOST.tokens - 10)) + "} }"
        )
    ),
    "as many tokens as may be, in a list": _asking(
        lambda number: f"{{ a{number}: nodes(ids: [{'1.5 ' * (MOST.tokens - 20)}]) {{ id }} }}"
    ),
    "lists in one another, 100,000 deep": _asking(
        lambda number: f"{{ a{number}: nodes(ids: {'[' * 100_000}"
    ),
    "fields in one another, 100,000 deep": _asking(lambda number: f"{{ a{number} " * 100_000),
    "variables in one another, 100,000 deep": lambda _: (
        b'{"query": "{ viewer { role } }", "variables": ' + b'{"a":' * 100_000
    ),
    "variables in one another, 60 deep, 1 MB wide": lambda _: (
        b'{"query": "{ viewer { role } }", "variables": {"a": [%s]}}'
        % b",".join([b"[" * 60 + b"]" * 60] * 8_000)
    ),
    "a number of a million digits": _asking(
        lambda number: f"{{ a{number}: members(first: {'9' * 60_000}) {{ totalCount }} }}"
    ),
    "a body of 30 MB": lambda _: b'{"query": "' + b" " * 30_000_000 + b'"}',
    "pages of pages": _asking(
        lambda number: (
            f"{{ a{number}: members(first: 100) {{ nodes {{ id "
            + " ".join(
                f"o{n}: orders(first: 50) {{ nodes {{ id items amount }} }}" for n in range(90)
            )
            + " } } }"
        )
    ),
    "twenty matrices": _asking(
        lambda number: (
            "{"
            + " ".join(f'm{number}x{n}: accessMatrix(purpose: "x") {{ at }}' for n in range(20))
            + "}"
        )
    ),
}


@contextmanager
def attacked() -> Iterator[Server]:
    """The product over a throw-away demo world, that counts nobody's requests."""
    with TemporaryDirectory(prefix="sekisho-bench-") as folder:
        environment = {
            "SEKISHO_MODE": "development",
            "SEKISHO_LOG_LEVEL": "warning",
            "SEKISHO_COMPANY_RATE": "1000000",
            "SEKISHO_SUBJECT_RATE": "1000000",
            "SEKISHO_COMPANY_EFFORT": "1000000",
            "SEKISHO_SUBJECT_EFFORT": "1000000",
            "SEKISHO_DEVELOPMENT_KEY_FILE": str(Path(folder, "key.json")),
        }
        with serving((*PRODUCT, "--ephemeral"), Data("SQLite", 0, environment)) as server:
            yield server


def lines(server: Server) -> Iterator[str]:
    """A line for each attack: its processor time, and how it is answered."""
    numbers = count()
    told = headers(server.data, COMPANY, PURPOSE) | {"content-type": "application/json"}
    url = f"http://127.0.0.1:{server.port}/graphql"
    with httpx.Client(headers=told, timeout=60) as client:
        for name, attack in ATTACKS.items():
            client.post(url, content=attack(next(numbers)))
            bodies = [attack(next(numbers)) for _ in range(TIMES)]
            began = seconds_of(server.process.pid)
            answers = [client.post(url, content=body) for body in bodies]
            spent = (seconds_of(server.process.pid) - began) / TIMES * 1000
            yield f"{spent:6.1f} ms  {name}: {answers[-1].status_code} {_code(answers[-1])}"


def _code(answer: httpx.Response) -> str:
    told = answer.json()
    return str(told["errors"][0]["extensions"]["code"]) if "errors" in told else "answered"


def main() -> None:
    """Print the processor time of each request, in milliseconds."""
    with attacked() as server:
        for line in lines(server):
            print(line, flush=True)


if __name__ == "__main__":
    main()
