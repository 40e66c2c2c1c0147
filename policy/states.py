"""Where a consent stands for who asks: what its own events say, and clock, catalogue, account."""

from dataclasses import dataclass
from datetime import datetime

from policy.documents import Document
from policy.facts import ItemStanding
from policy.standing import STANDING_STATES
from policy.vocabulary import FOREVER, ConsentState


@dataclass(frozen=True, slots=True)
class Standing:
    """A state of domain.md 3.1, and since when it is so; None where an event of the item says."""

    state: ConsentState
    since: datetime | None = None


def state_at(
    document: Document, standing: ItemStanding, closed_at: datetime, at: datetime
) -> Standing:
    """Give the state. What was given ends with its term or the account, whichever is first.

    What stands under an earlier version is SUPERSEDED from the first material version after it:
    it still covers what it covered, and nothing that came with the newer version.
    """
    if standing.state not in STANDING_STATES:
        return Standing(standing.state)
    ends = [(standing.valid_until, ConsentState.EXPIRED), (closed_at, ConsentState.ENDED)]
    end, state = min(ends)
    if end <= at:
        return Standing(state, end)
    superseded = _superseded_at(document, standing)
    if superseded <= at:
        return Standing(
            ConsentState.SUPERSEDED, max(superseded, standing.consented_at or superseded)
        )
    return Standing(standing.state)


def _superseded_at(document: Document, standing: ItemStanding) -> datetime:
    """When the first material version after the consented one came into force."""
    keys = [version.key for version in document.versions]
    later = (
        document.versions[keys.index(standing.version) + 1 :]
        if standing.version in keys
        else document.versions
    )
    return next((each.in_force.start for each in later if each.material), FOREVER)
