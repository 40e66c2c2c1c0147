"""What one event opened and closed for a company, as its grants decide about what is stored.

It is what the company would have found by asking just before and just after the event, and no more:
a choice that changes nothing of that makes no difference, and tells nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import History
from models.row_facts import RowFacts
from models.tables import RELATIONS
from models.view import View, fields_of
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Grant
from policy.standing import fold

Cells = frozenset[tuple[str, str]]
"""(row key, access class): a row's values that are decided alike."""

_SOME_ROW = ValueFacts(acquired_by="")
"""For grants with the row's facts left free."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What an event closed, and what it opened."""

    closed: Cells = frozenset()
    opened: Cells = frozenset()


async def difference_by(
    connection: AsyncConnection, view: View, history: History, seq: int, now: datetime
) -> Difference:
    """Give what the event numbered `seq` closed when it happened, and opened, and is open now.

    What was opened and is shut again is not told: a choice that no longer stands is nobody's
    business.
    """
    catalogue, past = view.grants.catalogue, [row for row in history.stored if row.seq <= seq]
    if not past or past[-1].seq != seq:
        return Difference()
    events, then = [row.event for row in past], replace(view, at=past[-1].at)
    before, after = (fold(each, then.at, catalogue) for each in (events[:-1], events))
    if before == after:
        return Difference()
    was, became = await _open_cells(connection, then, history.member, before, after)
    opened = became - was
    if opened:
        facts = fold(history.events, now, catalogue)
        opened &= (await _open_cells(connection, replace(view, at=now), history.member, facts))[0]
    return Difference(was - became, opened)


def categories_of(view: View, cells: Cells) -> Sequence[str]:
    """Give the categories of these values, in the catalogue's order."""
    catalogue = view.grants.catalogue
    found = {key for _, path in cells for key in catalogue.fields[path].categories}
    return [key for key in catalogue.categories if key in found]


async def _open_cells(
    connection: AsyncConnection, view: View, member: str, *worlds: MemberFacts
) -> Sequence[Cells]:
    """Give what is open at the view's instant if these are the member's facts, for each of them.

    INVARIANT: a row acquired later was never open then: what was shut before it came tells nothing.
    """
    asker, found = view.asker, [set[tuple[str, str]]() for _ in worlds]
    recipient = asker.on_behalf_of or asker.company
    facts = RowFacts(view.grants.catalogue, recipient, view.at, acquired_until=view.at)
    for relation in RELATIONS:
        grants = _grants(view, relation, worlds)
        for key, value in await facts.of(connection, relation, member) if grants else ():
            for cells, world in zip(found, worlds, strict=True):
                ways = grants.items()
                cells |= {(key, path) for path, g in ways if g.opened_by(world, value, view.at)}
    return [frozenset(cells) for cells in found]


def _grants(view: View, relation: str, worlds: Sequence[MemberFacts]) -> Mapping[str, Grant]:
    """Give the grants, by access class, that could open some row of the relation."""
    grants = {path: view.grant(path) for path in view.classes(fields_of(relation))}
    return {
        path: grant
        for path, grant in grants.items()
        if any(grant.freed().opened_by(world, _SOME_ROW, view.at) for world in worlds)
    }
