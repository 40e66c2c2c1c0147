"""What members are told without having asked: an editorial version goes on under their consent."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.standing import STANDING_STATES, fold


def news(catalogue: Catalogue, past: Sequence[Event], now: datetime) -> Iterator[Event]:
    """Give what the member has not been told yet (domain.md 3.1, supersede: carry with notice).

    Whose consent stands is told of each editorial version that came after the one consented to, up
    to the next material one, once for each item; also of one that is not in force yet.
    """
    if any(event.kind is EventKind.ACCOUNT_CLOSED for event in past):
        return
    told = {(each.item, each.version) for each in past if each.kind is EventKind.NOTIFIED}
    for key, standing in sorted(fold(past, now, catalogue).items.items()):
        if standing.state in STANDING_STATES and standing.version is not None:
            document = catalogue.documents[catalogue.items[key].document]
            for version in document.carries_over(standing.version):
                if (key, version.key) not in told:
                    yield Event(EventKind.NOTIFIED, now, item=key, version=version.key)
