"""Which records are wanted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records are wanted. None leaves nothing out."""

    providers: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    via: str | None = None
    member: str | None = None
    provision: int | None = None
    statutory: bool | None = None
    month: str | None = None
    since: datetime | None = None
    """Provided last then or later."""
    until: datetime | None = None
    """Provided first before then."""
    before_event: int | None = None
    """Provided first when the event of this number was not recorded yet, whatever clocks say."""


ALL = RecordFilter()
