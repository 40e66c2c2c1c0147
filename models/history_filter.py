"""What of a history is wanted."""

from dataclasses import dataclass
from datetime import datetime

from models.disclosure import Entry
from models.record_fold import members_of


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What of a history is wanted. None leaves nothing out."""

    recipients: frozenset[str] | None = None
    """Any of these was asked for: the controller where a processor asked."""
    purposes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    fields: frozenset[str] | None = None
    """Any of these paths was used, of the members that the history is about."""
    mandate: tuple[str, str | None] | None = None
    """Exactly this company asked, on behalf of exactly that controller."""
    member: str | None = None
    since: datetime | None = None
    """Asked then or later."""
    until: datetime | None = None
    """Asked before then."""


EVERYTHING = HistoryFilter()


def uses(entry: Entry, fields: frozenset[str], members: frozenset[str] | None) -> bool:
    """Whether the entry used one of these fields of one of these members (None: of anybody)."""
    told = members_of(entry)
    paths = {
        path
        for member in (told if members is None else members & told.keys())
        for path, _ in told[member].items
    }
    if members is None:
        counts = (count for each in entry.disclosures for count in each.counts)
        paths.update(path for count in counts for path in count.fields)
    return not paths.isdisjoint(fields)
