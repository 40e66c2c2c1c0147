"""`disclosures`: what left, to whom and for what, told to those whom it concerns, on record."""

from collections.abc import Sequence

from models.history import HistoryFilter, Told, history, history_count
from resolvers.context import Context
from resolvers.disclosed import Disclosed, disclosed
from resolvers.newest_first import COUNTED_AT_MOST, Asked, Given, Page, Place, page, several
from resolvers.readership import Readership, listed, readership
from resolvers.then import then_of

NAME = "disclosures"


async def disclosures(context: Context, asked: Asked) -> Page[Disclosed]:
    """Give a page of the entries that concern the caller, newest first.

    Raises BAD_USER_INPUT, LIMIT_EXCEEDED or BAD_CURSOR for what does not fit.
    """
    place = Place.of(context, asked)
    reader = await readership(context, NAME, asked.given.get("member_id"))
    where = _where(reader, asked.given)
    found = await _found(context, reader, where, place)
    told = [
        disclosed(
            context, reader, each, await then_of(context, each.entry.policy_version, each.entry.at)
        )
        for each in found[: place.size]
    ]
    listed(context, reader, NAME, len(told))

    async def count() -> int | None:
        if reader.held and reader.of is not None:
            return None  # what of it is the company's own is seen by reading it
        number = await history_count(
            context.folder, reader.sides, where, at_most=COUNTED_AT_MOST + 1
        )
        return number if number is not None and number <= COUNTED_AT_MOST else None

    return page(place, [each.position for each in found], told, count)


def _where(reader: Readership, given: Given) -> HistoryFilter:
    return HistoryFilter(
        recipients=several(given, "recipients"),
        purposes=several(given, "purposes"),
        fields=several(given, "fields"),
        since=given.get("since"),
        until=given.get("until"),
        member=reader.of,
        mandate=reader.mandate,
    )


async def _found(
    context: Context, reader: Readership, where: HistoryFilter, place: Place
) -> Sequence[Told]:
    """Give a page's entries, and one more where more follow.

    INVARIANT: what is no part of the reader's does not decide whether an entry is among them.
    """
    found: list[Told] = []
    before, wanted = place.before, place.size + 1
    while len(found) < wanted:
        some = await history(context.folder, reader.sides, where, before=before, limit=wanted)
        found += [each for each in some if reader.part(each.entry).holds(where.fields)]
        if len(some) < wanted:
            break
        before = some[-1].position
    return found[:wanted]
