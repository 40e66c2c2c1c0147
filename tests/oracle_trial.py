"""The product and the oracle asked the same, byte for byte."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from models.tables import RELATIONS
from policy.requester import Requester
from policy.vocabulary import Reason
from tests.dice import Dice
from tests.door import Door
from tests.inputs import Inputs
from tests.operands import Operands
from tests.operations import Operation
from tests.oracle import Asked, Expected, Oracle
from tests.oracle_asking import Asking, Cursor, Cursors
from tests.oracle_coverage import Coverage
from tests.oracle_people import ACCOUNT
from tests.oracle_questions import Eyes, Questions, beside_the_viewer
from tests.oracle_sight import PATHS, Reader, Sight
from tests.random_dates import INSTANTS
from tests.real import STORED
from tests.rounds import onwards

PATHS_AT_MOST = 200
FIRES = 4
"""How often one document is asked: with variables drawn anew, or a cursor of the last answer."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a role at a company, or a member."""

    role: str
    company: str | None = None
    purpose: str | None = None
    on_behalf_of: str | None = None
    member: str | None = None

    @property
    def claims(self) -> Mapping[str, Any]:
        return {
            "role": self.role,
            "sub": self.member or "a-caller",
            "company": self.company,
            "on_behalf_of": self.on_behalf_of,
            "purposes": [self.purpose] if self.purpose else None,
        }


@dataclass(frozen=True, eq=False)
class Document:
    """One operation that is asked with whatever variables."""

    operation: Operation
    mixed: bool
    """Roots of the catalogue stand among personal ones."""

    @property
    def names_somebody(self) -> bool:
        """By an id, which is good for one party."""
        return bool(re.search(r"\b(?:member|nodes?)\(", self.operation.text))


@dataclass
class Trial:
    """One caller before the product and before the oracle."""

    door: Door
    oracle: Oracle
    caller: Caller
    dice: Dice
    coverage: Coverage
    through: Sequence[Eyes] = ()
    documents: list[Document] = field(default_factory=list)
    """What was asked by whomever, whenever: it is asked again by others."""
    token: str = ""
    cursors: list[str] = field(default_factory=list)

    async def ask(self, requests: int) -> None:
        """Ask so many times."""
        self.token = self.door.issuer.token(**self.caller.claims)
        requester = await self.door.checkpoint.identity.requester([f"Bearer {self.token}"])
        inputs = self._inputs(requester)
        left = requests
        while left > 0:
            left -= await self._fire(self._document(inputs), requester, min(FIRES, left))

    def _document(self, inputs: Inputs) -> Document:
        """Mostly one of one's own."""
        if self.documents and not self.dice.mostly(4):
            self.coverage.met["asked again by others"] += 1
            return self.dice.pick(*self.documents[-100:])
        mixed = not self.dice.mostly(2)
        writer = Questions(self.oracle.core, inputs.anew(), through=self.through, mixed=mixed)
        return Document(writer.operation(), mixed)

    async def _fire(self, document: Document, requester: Requester, fires: int) -> int:
        """Ask one document; not again where it is refused."""
        operation = document.operation
        sent: Mapping[str, Any] = operation.drawn(self.dice)
        explains = requester.role != "service"
        for fired in range(fires):
            explained = explains and not self.dice.mostly(2)
            asked = Asked(operation.text, sent, requester, self._purpose(), explained)
            answer = await self.same(asked)
            if not document.mixed and not self.dice.mostly(3):
                await self._same_beside_the_viewer(asked, answer)
            if "data" not in answer:
                return fired + 1
            self._remember(document)
            sent = self._next(answer, operation, sent)
        return fires

    def _remember(self, document: Document) -> None:
        """What names nobody can be asked by others."""
        if document not in self.documents and not document.names_somebody:
            self.documents.append(document)

    def _purpose(self) -> str | None:
        return self.caller.purpose if self.dice.mostly(120) else None

    def _next(
        self, answer: Mapping[str, Any], operation: Operation, sent: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The next page, or other variables; rarely a cursor of somewhere else."""
        found = list(onwards(answer, operation, to_the_end=not self.dice.mostly(7)))
        if not found or not self.dice.mostly(1):
            return operation.drawn(self.dice)
        self.cursors += [cursor for _, cursor in found]
        variable, cursor = self.dice.pick(*found[:200])
        if not self.dice.mostly(40):
            cursor = self.dice.pick(*self.cursors[-200:])
        return {**sent, variable: cursor}

    async def same(self, asked: Asked) -> Mapping[str, Any]:
        """Ask both; give the product's answer."""
        response = await self._send(asked)
        answer: dict[str, Any] = response.json()
        decision_id = answer.get("extensions", {}).get("privacy", {}).get("decisionId", "")
        expected = self.oracle.answer(asked, decision_id)
        self.coverage.count(asked, expected)
        check(response, answer, expected, asked)
        return answer

    async def _same_beside_the_viewer(self, asked: Asked, alone: Mapping[str, Any]) -> None:
        """With a root of the catalogue beside it, an operation tells the same."""
        text = beside_the_viewer(asked.text)
        mixed = await self.same(Asked(text, asked.variables, asked.requester, asked.purpose))
        if "data" in alone:
            data = mixed["data"]
            assert data.pop("besides")
            assert unnumbered(data) == unnumbered(alone["data"])
            self.coverage.met["alone and mixed"] += 1

    async def _send(self, asked: Asked) -> httpx.Response:
        headers = {"Sekisho-Explain": "1"} if asked.explains else {}
        return await self.door.send(
            asked.text,
            asked.variables,
            token=self.token,
            purpose=asked.purpose,
            headers=headers,
        )

    def _inputs(self, requester: Requester) -> Inputs:
        purpose = self.caller.purpose
        oracle = self.oracle
        asking = Asking(requester, purpose, oracle.now, oracle.seal, oracle.sights, Cursors())
        reader = asking.reader
        assert reader is not None
        sights = oracle.sights.visible(reader)
        operands = operands_of(oracle, requester, reader, sights)
        telling = frozenset(path for path in STORED if _differs(path, sights))
        return Inputs(operands, self.dice, lambda path: likely(reader, path), telling)


def likely(reader: Reader, path: str) -> bool:
    """Whether the caller may ever see such a field, or some field of such a list."""
    if path in RELATIONS:
        return any(likely(reader, each) for each in PATHS[path])
    if path not in STORED:
        return path == "asSeenBy" and reader.member is not None
    return reader.grant(path).reason is Reason.NOT_OPEN


def _differs(path: str, sights: Sequence[Sight]) -> bool:
    """Whether the field is open in one row and withheld in another one that is there."""
    relation = path.rpartition(".")[0]
    found = {
        path in sight.open_paths(row)
        for sight in sights
        for row in (sight.person.rows[ACCOUNT] if relation == ACCOUNT else sight.rows(relation))
    }
    return len(found) > 1


def operands_of(
    oracle: Oracle, requester: Requester, reader: Reader, sights: Sequence[Sight]
) -> Operands:
    """Ids, account ids and values, those often that the caller sees."""
    people = oracle.sights.people
    company = reader.on_behalf_of or reader.company or ""
    links = (person.links.get(company) for person in people.values())
    accounts = [link.account_id for link in links if link]
    seen = [sight.account_id for sight in sights]
    return Operands(
        requester=requester,
        seal=oracle.seal,
        members=[*[sight.person.key for sight in sights] * (180 // (len(sights) or 1)), *people],
        values={path: _values(oracle, path) for path in STORED},
        open_values={path: _open_values(sights, path) for path in STORED},
        accounts=[account for account in (*accounts, *seen, *seen) if account][:250],
        instants=INSTANTS,
    )


def _values(oracle: Oracle, path: str) -> Sequence[Any]:
    relation = path.rpartition(".")[0]
    rows = (row for person in oracle.sights.people.values() for row in person.rows[relation])
    return [row.cells[path] for row in rows if row.cells[path] is not None]


def _open_values(sights: Sequence[Sight], path: str) -> Sequence[Any]:
    relation = path.rpartition(".")[0]
    found = (s.value(row, path) for s in sights for row in s.person.rows[relation])
    return [value for value in found if value is not None]


def check(
    response: httpx.Response, answer: Mapping[str, Any], expected: Expected, asked: Asked
) -> None:
    """The product answers as the oracle does: data as it is written, all of it by its keys."""
    about = f"{asked}\n{response.text}"
    if expected.refusals or "data" not in answer:
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes, (expected.refusals, about)
        assert codes <= expected.refusals, (codes - expected.refusals, about)
        return
    data = settled(expected.data, answer["data"], expected.asking.cursors)
    assert orjson.dumps(answer["data"]) == orjson.dumps(data), f"{data}\n{about}"
    whole = {"data": data}
    if expected.privacy is not None:
        whole["extensions"] = {"privacy": expected.privacy}
        sort_places(answer["extensions"]["privacy"], expected.privacy)
    assert in_order(answer) == in_order(whole), f"{whole}\n{about}"


def sort_places(given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Two hundred places at most are told, in whichever order: these are among the oracle's."""
    for one, other in zip(given["withheld"], own["withheld"], strict=False):
        if "paths" in one and "paths" in other:
            shown = sorted(one["paths"], key=repr)
            if len(shown) == PATHS_AT_MOST:
                other["paths"] = [at for at in other["paths"] if at in shown]
            one["paths"] = shown


def unnumbered(data: Any) -> bytes:
    """The data as it is written, but for the numbers of receipts: each read issues others."""
    return re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"a number", orjson.dumps(data))


def in_order(answer: Mapping[str, Any]) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)


def settled(own: Any, given: Any, cursors: Cursors) -> Any:
    """The oracle's data with the server's own texts where it has cursors."""
    if isinstance(own, Cursor) and isinstance(given, str):
        cursors.learn(own, given)
        return given
    if isinstance(own, dict) and isinstance(given, dict):
        return {key: settled(each, given.get(key), cursors) for key, each in own.items()}
    if isinstance(own, list) and isinstance(given, list) and len(own) == len(given):
        return [settled(*pair, cursors) for pair in zip(own, given, strict=True)]
    return own
