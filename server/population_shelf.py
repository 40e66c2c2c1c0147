"""A synthetic member's rows, by relation, each with its key and where it came from."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table

from models.world import Values


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
class Shelf:
    """Where the rows of one member are put down."""

    member: str
    rows: dict[str, list[Values]] = field(default_factory=dict)

    def put(self, table: Table, origin: Origin, **values: object) -> None:
        """Add a row; a service or contract that the table has no column for is left out."""
        rows = self.rows.setdefault(str(table.info["relation"]), [])
        row = {
            "row_key": f"{table.name}-{self.member}-{len(rows) + 1}",
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
