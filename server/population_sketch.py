"""One synthetic member while being drawn: all that is known so far, and the rows put down."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table

from models.world import Values
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Life
from server.population_people import Person


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acquired a row, how and when; of which service and contract, where it is of one."""

    company: str
    source: str
    channel: str
    at: datetime
    service: str | None = None
    contract_no: str | None = None


@dataclass(frozen=True, slots=True)
class Sketch:
    """Who the member is, how they lived, what the dice still say, and their rows by relation."""

    mix: Mix
    dice: Dice
    person: Person
    life: Life
    rows: dict[str, list[Values]] = field(default_factory=dict)

    def word(self, kind: str) -> str:
        return self.dice.one(self.mix.words[kind])

    def likely(self, kind: str) -> str:
        return self.dice.likely(self.mix.odds[kind])

    def some_time(self) -> datetime:
        """Any moment of the life."""
        return self.dice.moment(self.life.start, self.life.end)

    def kept(self, source: str, channel: str, service: str | None = None) -> Origin:
        """Of something that the keeper of the accounts acquired at some time."""
        return Origin(self.mix.keeper, source, channel, self.some_time(), service)

    def put(self, table: Table, origin: Origin, **values: object) -> None:
        """Add a row."""
        rows = self.rows.setdefault(str(table.info["relation"]), [])
        row = {
            "row_key": f"{table.name}-{self.person.key}-{len(rows) + 1}",
            "acquired_by": origin.company,
            "source": origin.source,
            "channel": origin.channel,
            "acquired_at": origin.at,
            **values,
        }
        if origin.service is not None:
            row["service"] = origin.service
        if origin.contract_no is not None:
            row["contract_no"] = origin.contract_no
        rows.append(row)
