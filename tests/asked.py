"""Some questions about one member, all at once: what an act opens and closes shows in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from policy.events import Event
from policy.grant import Asker, Grants
from policy.standing import fold
from policy.vocabulary import FOREVER
from tests.editions import EDITIONS
from tests.small_world import ASKED, POLICY

KEPT = replace(POLICY, retention_until=FOREVER)
QUESTIONS = (
    *((*asked[:4], replace(asked[4], retention_until=FOREVER)) for asked in ASKED),
    ("mobile", None, "own:mobile:service", "customerRecords.name", KEPT),
    ("mobile", None, "own:mobile:service", "insurancePolicies.product", KEPT),
    ("ssi", None, "ads_marketing", "insurancePolicies.product", KEPT),
)
ITEMS_OF = {row.key: row.items for row in EDITIONS.provisions}

Opened = Mapping[int, str]
"""Question → the provision that opens its value."""


@cache
def grants_of(epoch: datetime) -> Grants:
    """The grants of the epoch that begins then: lives go through the epochs again and again."""
    return Grants(EDITIONS)


def opened(events: Sequence[Event], at: datetime) -> Opened:
    """Which of the questions are answered with the value, and by what."""
    member = fold(events, at, EDITIONS)
    ways, grants = {}, grants_of(EDITIONS.epoch(at)[0])
    for number, (company, processor_for, purpose, path, value) in enumerate(QUESTIONS):
        grant = grants.grant(Asker(company, processor_for), purpose, path, at)
        way = grant.opened_by(member, value, at)
        if way is not None:
            ways[number] = way.key
    return ways
