"""docs/consent-life.md says what the code does: its tables are the code's own."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from policy.acts import OBJECTIONS, RULES, Objection
from policy.events import EventKind
from policy.vocabulary import ConsentState
from tests.transitions import ACTS, GIVING, PRESENTED_AGAIN, TRANSITIONS, Next

PAGE = (Path(__file__).parents[2] / "docs" / "consent-life.md").read_text()

VERBS = {
    EventKind.PRESENTED: "present",
    EventKind.GRANTED: "give",
    EventKind.DEEMED: "deem",
    EventKind.REFUSED: "refuse",
    EventKind.DEFERRED: "defer",
    EventKind.WITHDRAWN: "withdraw",
    EventKind.SUSPENDED: "suspend",
    EventKind.REINSTATED: "reinstate",
    EventKind.INVALIDATED: "invalidate",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def said(then: Next) -> str:
    """A state plainly, an objection as the code it is."""
    return f"`{then}`" if isinstance(then, Objection) else str(then)


def states() -> str:
    acts = [VERBS[kind] for kind in ACTS]
    rows = ([f"**{s}**", *(said(TRANSITIONS[s][kind]) for kind in ACTS)] for s in ConsentState)
    return table(["", *acts], rows)


def presented_again() -> str:
    acts = [VERBS[kind] for kind in GIVING]
    rows = (
        [f"**{s}**", *(said(PRESENTED_AGAIN[s][kind]) for kind in GIVING)] for s in ConsentState
    )
    return table(["presented again in", *acts], rows)


def objections() -> str:
    rows = ([f"`{code}`", OBJECTIONS[code], ", ".join(kinds_of(code))] for code in Objection)
    return table(["code", "says", "stands against"], rows)


def kinds_of(code: Objection) -> Sequence[str]:
    """The kinds of event that the code can stand against."""
    if code is Objection.ITEM_APART:
        return [EventKind.GRANTED]
    return [kind for kind, rules in RULES.items() if any(code in rule.codes for rule in rules)]


@pytest.mark.parametrize("tell", [states, presented_again, objections])
def test_the_page_holds_the_table(tell: object) -> None:
    assert callable(tell)
    expected = tell()
    assert expected in PAGE, f"Put this into docs/consent-life.md:\n\n{expected}"
