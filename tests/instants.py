"""Cases of dated facts: a question, and the story of its answers as the clock passes each date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from models.tables import column_of
from models.world import ContractRecord, MemberRecord
from policy.catalogue import Catalogue
from policy.decide import SELF, SELF_NUMBER
from policy.events import Event
from policy.facts import Contract, MemberFacts, ValueFacts
from policy.grant import Asker
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import FOREVER, TICK, Code
from tests.clock import START
from tests.real import CATALOGUE

PAST = datetime(2025, 1, 10, tzinfo=UTC)
"""When all that a case takes for granted happened; more than 365 days before START."""
FIRST = datetime(2026, 7, 1, 9, 30, 15, 123456, tzinfo=UTC)
SECOND = datetime(2026, 9, 20, 23, 59, 59, 999999, tzinfo=UTC)
THIRD = datetime(2026, 11, 3, 0, 0, 0, 1, tzinfo=UTC)
DAY = timedelta(days=1)

HOLDER_OF_ACCOUNTS = "rakuten_group"
NUMBER = "SSI-1"

Story = tuple[str | Event | datetime, ...]
"""Answer, turn, answer, ...: a provision or a fine code; an event or another fact's instant."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """Who asks for which field, and whose value is meant. No company: the member themself."""

    company: str | None
    purpose: str
    path: str
    of: str = HOLDER_OF_ACCOUNTS
    """Who acquired the value."""
    on_behalf_of: str | None = None

    @property
    def asker(self) -> Asker:
        return Asker(self.company, self.on_behalf_of, subject_self=self.company is None)

    @property
    def relation(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def column(self) -> str:
        return column_of(self.path).key


@dataclass(frozen=True)
class Step:
    """A reading of the clock: what happens then, and what the answer is from then on."""

    at: datetime
    answer: str
    happens: Event | None = None

    @property
    def provision(self) -> str | None:
        """What opens the value; None = withheld."""
        return None if isinstance(self.answer, Code) else self.answer


@dataclass(frozen=True)
class Case:
    """One kind of date. `claim` is its sentence, and the key of its member."""

    claim: str
    ask: Ask
    story: Story
    given: tuple[Event, ...] = ()
    catalogue: Catalogue = CATALOGUE
    row: Row = field(default_factory=dict)
    """Dates of the value's row that differ from everybody's."""
    lapse_at: datetime = FOREVER

    def steps(self) -> Iterator[Step]:
        """Well before the first turn; then a tick before each, at its instant, and a day after."""
        answers = [answer for answer in self.story[::2] if isinstance(answer, str)]
        yield Step(START, answers[0])
        for before, turn, after in zip(answers[:-1], self.story[1::2], answers[1:], strict=True):
            event = turn if isinstance(turn, Event) else None
            at = event.at if event else turn
            assert isinstance(at, datetime)
            yield Step(at - TICK, before)
            yield Step(at, after, event)
            yield Step(at + DAY, after)

    @property
    def stored(self) -> object:
        """The value asked for."""
        return self._asked_row[self.ask.column]

    def member(self) -> MemberRecord:
        """The account, the contract, and the row asked about."""
        relation = self.ask.relation
        rows = {relation: [{**self._asked_row, "row_key": self.claim}]} if relation else {}
        contract = ContractRecord("ssi", NUMBER, self.lapse_at)
        return MemberRecord(self.claim, ACCOUNT, rows, (contract,), self.given)

    def question(self, at: datetime) -> Question:
        ask = self.ask
        return Question(
            ask.company, ask.on_behalf_of, ask.purpose, ask.path, at, ask.asker.subject_self
        )

    def facts(self, at: datetime) -> MemberFacts:
        """The member's facts, folded from what this case gives and what has happened by then."""
        events = (*self.given, *(turn for turn in self.story if isinstance(turn, Event)))
        return fold(events, at, self.catalogue)

    def value(self) -> ValueFacts:
        row, lists = self._asked_row, self.catalogue.sensitive_lists
        number = row.get("contract_no")
        return ValueFacts(
            acquired_by=self.ask.of,
            service=row.get("service"),
            contract=Contract(number, self.lapse_at) if number else None,
            merchant=row.get("merchant"),
            placed_at=row.get("at"),
            lists=frozenset(key for key, its in lists.items() if row.get("kind") in its.kinds),
            acquisition_consent_at=row.get("acquisition_consent_at"),
            retention_until=row.get("retention_until", FOREVER),
        )

    @property
    def _asked_row(self) -> Row:
        if not self.ask.relation:
            return ACCOUNT
        (row,) = (row for row in ROWS[self.ask.relation] if row["acquired_by"] == self.ask.of)
        return {**row, **self.row}


def provision_key(catalogue: Catalogue, number: object) -> str | None:
    """Give the name of what opened a value, by the number that the statement tells."""
    if not isinstance(number, int):
        return None
    return SELF if number == SELF_NUMBER else catalogue.provision_keys[number]


AT_CARD = Ask("card", "own:card:service", "fullName")
AT_MOBILE = Ask("mobile", "own:mobile:service", "customerRecords.name", of="ssi")
ABROAD = Ask("asia_sg", "own:asia_sg:service", "customerRecords.name", of="ssi")

_ORIGIN = {"source": "ORDER", "channel": "WEB", "acquired_at": PAST}
ACCOUNT: Row = {
    "login_name": "mihon.hanako",
    "login_email": "hanako@example.jp",
    "full_name": "見本 花子",
    "ekyc_status": "VERIFIED",
}
ROWS: Mapping[str, tuple[Row, ...]] = {
    "customerRecords": (
        {"acquired_by": "ssi", "contract_no": NUMBER, "name": "見本 花子（保険）", **_ORIGIN},
        {"acquired_by": "card", "name": "見本 花子（カード）", **_ORIGIN},
    ),
    "orders": (
        {
            "acquired_by": "ichiba",
            "merchant": "shop_tea",
            "items": ["煎茶"],
            "shipping_address": "見本町1-1",
            "at": PAST,
            **_ORIGIN,
        },
        {"acquired_by": "rakuten_group", "service": "global_express", "items": ["本"], **_ORIGIN},
    ),
    "insurancePolicies": (
        {"acquired_by": "ssi", "contract_no": NUMBER, "product": "入院一時金", **_ORIGIN},
    ),
    "healthRecords": (
        {
            "acquired_by": "ssi",
            "contract_no": NUMBER,
            "kind": "medicalHistory",
            "value": "x",
            "acquisition_consent_at": PAST,
            **_ORIGIN,
        },
    ),
}
