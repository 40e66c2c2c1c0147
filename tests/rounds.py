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
from tests.generated import generated
from tests.inputs import Inputs
from tests.lives import Life, Row
from tests.operands import Operands
from tests.operations import Operation, Writer
from tests.random_dates import INSTANTS
from tests.real import STORED
from tests.sights import GRANTS, PATHS
from tests.two_worlds import Pair

DOCUMENTS = 5
"""At least so many for each caller, each asked several times: with variables drawn anew, or with a
cursor of the last answer.
"""
FRUITLESS = 4
"""Requests in a row that may be refused or show nothing."""
TRIES = 40

ROWS = "rows"
FILTER = "a filter on a withheld field"
NOT = "not"
CURSOR = "a cursor"
ORDER = "an order on a redactable field"
ROW_ORDER = "an order of rows below a member"


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
            traits = traits_of(operation, pair)
            if any(sent.get(walk.variable) for walk in operation.walks):
                traits |= {CURSOR}
            decision_id = answer["extensions"]["privacy"]["decisionId"]
            self.answered.append(Asked(decision_id, traits))

    def many(self, trait: str) -> int:
        """How many operations had this trait."""
        return sum(trait in asked.traits for asked in self.answered)

    def shares(self, returned: frozenset[str]) -> Mapping[str, float]:
        """Give each share of all operations; `returned`: the decisions that returned somebody."""
        rows = sum(asked.decision_id in returned for asked in self.answered)
        found = {ROWS: rows, **{trait: self.many(trait) for trait in (FILTER, NOT, CURSOR, ORDER)}}
        return {trait: count / self.operations for trait, count in found.items()}


@dataclass
class Round:
    """Asks as the one caller that a pair of worlds is made for."""

    fronts: Fronts
    pair: Pair
    dice: Dice
    tally: Tally
    cursors: list[str] = field(default_factory=list)

    async def ask(self, requests: int) -> None:
        """Ask so many times, with each document several times."""
        operands = operands_of(self.fronts, self.pair)
        enough = self.tally.operations + requests
        while (left := enough - self.tally.operations) > 0:
            inputs = Inputs(operands, self.dice, self._likely, self.pair.redacted)
            await self._fire(self._operation(inputs), min(requests // DOCUMENTS, left))

    async def ask_generated(self, documents: int) -> None:
        """Ask documents of a generator that knows the schema alone, each once."""
        texts = [
            v for values in operands_of(self.fronts, self.pair).values.values() for v in values
        ]
        texts = [text for text in texts if isinstance(text, str)]
        for text in generated(self.fronts.core, texts, self.dice, documents):
            await self._same(Operation(text, {}, (), frozenset(), frozenset(), negates=False), {})

    def _operation(self, inputs: Inputs) -> Operation:
        """An operation with a trait that is scarce so far, or what is drawn last."""
        scarce = min((FILTER, NOT, ORDER), key=self.tally.many)
        more = {ROW_ORDER} if scarce == ORDER and self.dice.mostly(1) else set()
        wanted = {scarce, *more} if self.dice.mostly(3) else set()
        for _ in range(TRIES):
            operation = Writer(self.fronts.core, inputs.anew()).operation()
            if wanted <= traits_of(operation, self.pair):
                break
        return operation

    async def _fire(self, operation: Operation, fires: int) -> None:
        """Ask one document; not for long if it is refused or finds nobody."""
        left, fruitless = fires, 0
        while left and fruitless < FRUITLESS:
            sent = operation.drawn(self.dice)
            for _ in range(min(left, self.dice.pick(2, 3, 4) if operation.walks else 1)):
                answer = await self._same(operation, sent)
                left -= 1
                fruitless = 0 if shows_something(answer) else fruitless + 1
                found = list(onwards(answer, operation, to_the_end=not self.dice.mostly(7)))
                if not found:
                    break
                self.cursors += [cursor for _, cursor in found]
                variable, cursor = self.dice.pick(*found[:200])
                if not self.dice.mostly(40):
                    cursor = self.dice.pick(*self.cursors[-200:])
                sent = {**sent, variable: cursor}

    async def _same(self, operation: Operation, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        caller, explains = self.pair.caller, not self.dice.mostly(5)
        as_analyst = {"role": "analyst"} if caller.company and explains else {}
        headers = {"Sekisho-Purpose": caller.purpose} if self._states_purpose() else {}
        headers |= {"Sekisho-Explain": "1"} if explains else {}
        headers |= {} if self.dice.mostly(9) else {"Accept": "application/graphql-response+json"}
        method = "POST" if self.dice.mostly(60) else "GET"
        request = Request(operation.text, sent, headers, method)
        response = await self.fronts.same(request, self.fronts.token(caller.claims | as_analyst))
        self.tally.count(response, operation, sent, self.pair)
        answer: Mapping[str, Any] = response.json()
        return answer

    def _states_purpose(self) -> bool:
        return self.pair.caller.company is not None and self.dice.mostly(120)

    def _likely(self, path: str) -> bool:
        """Whether the caller may ever see such a field, or some field of such a list."""
        if path in RELATIONS:
            return any(self._likely(each) for each in PATHS[path])
        if path not in STORED:
            return path == "asSeenBy" and self.pair.caller.company is None
        caller = self.pair.caller
        asker = Asker(caller.company, caller.on_behalf_of, caller.company is None)
        grant = GRANTS.grant(asker, caller.purpose, path, self.pair.now)
        return grant.reason is Reason.NOT_OPEN


def traits_of(operation: Operation, pair: Pair) -> frozenset[str]:
    """What an operation is like, before any answer."""
    traits = {
        FILTER: operation.filters & pair.withheld,
        NOT: operation.negates,
        ORDER: operation.orders & pair.redacted,
        ROW_ORDER: [path for path in operation.orders & pair.redacted if "." in path],
    }
    return frozenset(trait for trait, found in traits.items() if found)


def shows_something(answer: Mapping[str, Any]) -> bool:
    """Whether any value came out."""
    return "extensions" in answer and bool(answer["extensions"]["privacy"]["disclosed"])


def onwards(answer: object, operation: Operation, *, to_the_end: bool) -> Iterator[tuple[str, str]]:
    """Every way on from this page: a variable, and the cursor to put there."""
    for walk in operation.walks:
        for info in _under(answer, walk.alias):
            cursor = info.get(walk.cursor)
            more = info["hasNextPage" if walk.cursor == "endCursor" else "hasPreviousPage"]
            if cursor and (more or to_the_end):
                yield walk.variable, cursor


def _under(answer: object, alias: str) -> Iterator[Mapping[str, Any]]:
    """Every object under this key, however deep."""
    if isinstance(answer, list):
        for each in answer:
            yield from _under(each, alias)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            yield from (value,) if key == alias else _under(value, alias)


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
        open_values=_open_values(pair),
        accounts=_accounts(pair, lives),
        instants=INSTANTS,
    )


def _values(path: str, rows: Sequence[Row]) -> Sequence[Any]:
    of_relation = (row for row in rows if row.relation == path.rpartition(".")[0])
    return [value for row in of_relation if (value := row.value(path)) is not None]


def _open_values(pair: Pair) -> Mapping[str, Sequence[Any]]:
    """What the caller may see; the same in both worlds."""
    found: dict[str, list[Any]] = {}
    for sight in pair.sights.values():
        rows = [sight.cells, *(row.cells for rows in sight.lists.values() for row in rows)]
        for path, (_, value) in (cell for cells in rows for cell in cells.items()):
            found.setdefault(path, []).extend([value] if value is not None else [])
    return found


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
