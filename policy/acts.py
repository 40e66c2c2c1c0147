"""Whether an act may be done: the rules a proposed event meets, given the member's past."""

from collections.abc import Sequence

from policy.catalogue import Catalogue
from policy.events import Event
from policy.objections import OBJECTIONS, Objection

__all__ = ["OBJECTIONS", "Objection", "first_objection", "objection"]


def objection(catalogue: Catalogue, past: Sequence[Event], proposed: Event) -> Objection | None:
    """Give what stands against this event; None if it may happen.

    `past` is in order of recording and lies at or before the proposed event.
    """
    if proposed.item is not None and proposed.item not in catalogue.items:
        return Objection.UNKNOWN_ITEM
    if proposed.company is not None and proposed.company not in catalogue.companies:
        return Objection.UNKNOWN_COMPANY
    return None


def first_objection(
    catalogue: Catalogue, past: Sequence[Event], act: Sequence[Event]
) -> tuple[Objection, Event] | None:
    """Give what stands against an act of several events, each judged after those before it."""
    for number, proposed in enumerate(act):
        found = objection(catalogue, [*past, *act[:number]], proposed)
        if found is not None:
            return found, proposed
    return None
