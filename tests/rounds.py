"""Rounds of random operations, each asked in two worlds, and what these operations were like."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from models.tables import RELATIONS
from policy.grant import Asker
from policy.vocabulary import Reason
from tests.dice import Dice
from tests.fronts import Fronts, Request
from tests.inputs import Inputs
from tests.lives import Life, Row
from tests.operands import Operands
from tests.operations import Operation, Writer
from tests.random_dates import INSTANTS
from tests.real import STORED
from tests.sights import GRANTS, PATHS
from tests.two_worlds import Pair

FIRES = 16
"""Requests with each document: their variables are drawn anew, or a cursor of the last is used."""


@dataclass(frozen=True)
class Asked:
    """One operation that was answered, as far as the shares count it."""

    decision_id: str
    traits: frozenset[str]


@dataclass
class Tally:
    """What the operations of a run were like."""

    operations: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    answered: list[Asked] = field(default_factory=list)

    def count(
        self, response: httpx.Response, operation: Operation, sent: Mapping[str, Any], pair: Pair
    ) -> None:
        self.operations += 1
        answer = response.json()
        if "errors" in answer:
            self.refusals[answer["errors"][0]["extensions"]["code"]] += 1
        elif "extensions" in answer:
            traits = {
                "a filter on a withheld field": operation.filters & pair.withheld,
                "not": operation.negates,
                "a cursor": any(sent.get(walk.variable) for walk in operation.walks),
                "an order on a redactable field": operation.orders & pair.withheld,
            }
            decision_id = answer["extensions"]["privacy"]["decisionId"]
            self.answered.append(Asked(decision_id, frozenset(t for t in traits if traits[t])))

    def shares(self, returned: frozenset[str]) -> Mapping[str, float]:
        """Give each share of all operations; `returned`: the decisions that returned somebody."""
        found = Counter(trait for asked in self.answered for trait in asked.traits)
        found["rows"] = sum(asked.decision_id in returned for asked in self.answered)
        return {trait: found[trait] / self.operations for trait in TRAITS}


TRAITS = (
    "rows",
    "a filter on a withheld field",
    "not",
    "a cursor",
    "an order on a redactable field",
)


@dataclass
class Round:
    """Asks as the one caller that a pair of worlds is made for."""

    fronts: Fronts
    pair: Pair
    dice: Dice
    tally: Tally
    cursors: list[str] = field(default_factory=list)

    async def ask(self, documents: int) -> None:
        """Ask so many documents, each several times."""
        operands = operands_of(self.fronts, self.pair)
        for _ in range(documents):
            writer = Writer(self.fronts.core, Inputs(operands, self.dice, self._likely))
            await self._fire(writer.operation())

    async def _fire(self, operation: Operation) -> None:
        left = FIRES
        while left:
            sent = operation.drawn(self.dice)
            for _ in range(min(left, self.dice.pick(1, 2, 4) if operation.walks else 1)):
                answer = await self._same(operation, sent)
                left -= 1
                found = list(onwards(answer, operation))
                if not found:
                    break
                self.cursors += [cursor for _, cursor in found]
                variable, cursor = self.dice.pick(*found[:200])
                if not self.dice.mostly(40):
                    cursor = self.dice.pick(*self.cursors[-200:])
                sent = {**sent, variable: cursor}

    async def _same(self, operation: Operation, sent: Mapping[str, Any]) -> object:
        claims, purpose = self.pair.caller.claims, self.pair.caller.stated
        token = self.fronts.token(claims)
        method = "POST" if self.dice.mostly(40) else "GET"
        request = Request(operation.text, sent, self._headers(purpose), method)
        response = await self.fronts.same(request, token)
        self.tally.count(response, operation, sent, self.pair)
        return response.json()

    def _headers(self, purpose: str | None) -> Mapping[str, str]:
        headers = {"Sekisho-Purpose": purpose} if purpose and self.dice.mostly(99) else {}
        if not self.dice.mostly(5):
            headers["Sekisho-Explain"] = "1"
        if not self.dice.mostly(9):
            headers["Accept"] = "application/graphql-response+json"
        return headers

    def _likely(self, path: str) -> bool:
        """Whether the caller may ever see such a field, or some field of such a list."""
        if path in RELATIONS:
            return any(self._likely(each) for each in PATHS[path])
        if path not in STORED:
            return False
        caller = self.pair.caller
        asker = Asker(caller.company, caller.on_behalf_of, caller.company is None)
        grant = GRANTS.grant(asker, caller.purpose, path, self.pair.now)
        return grant.reason is Reason.NOT_OPEN


def onwards(answer: object, operation: Operation) -> Iterator[tuple[str, str]]:
    """Every way on from this page: a variable, and the cursor to put there."""
    for walk in operation.walks:
        for cursor in _under(answer, walk.alias, walk.cursor):
            yield walk.variable, cursor


def _under(answer: object, alias: str, name: str) -> Iterator[str]:
    if isinstance(answer, list):
        for each in answer:
            yield from _under(each, alias, name)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            if key == alias and isinstance(value, dict):
                yield from (value[name],) if value.get(name) else ()
            else:
                yield from _under(value, alias, name)


def operands_of(fronts: Fronts, pair: Pair) -> Operands:
    """Ids, account ids and values out of both worlds."""
    lives = [*pair.a.values(), *pair.b.values()]
    rows = [row for life in lives for row in life.rows]
    keys = sorted({life.key for life in lives})
    return Operands(
        requester=pair.caller.requester,
        seal=fronts.a.checkpoint.seal,
        members=[*list(pair.visible) * (180 // (len(pair.visible) or 1)), *keys],
        values={path: _values(path, rows) for path in STORED},
        accounts=_accounts(pair, lives),
        instants=INSTANTS,
    )


def _values(path: str, rows: Sequence[Row]) -> Sequence[Any]:
    of_relation = (row for row in rows if row.relation == path.rpartition(".")[0])
    return [value for row in of_relation if (value := row.value(path)) is not None]


def _accounts(pair: Pair, lives: Sequence[Life]) -> Sequence[str]:
    """Of the caller's company, those of visible members more often."""
    company = pair.caller.on_behalf_of or pair.caller.company
    found = [
        event.account_id
        for life in lives
        for event in (*life.events, *(life.events if life.key in pair.visible else ()))
        if event.account_id and event.company == company
    ]
    return found[:250]
