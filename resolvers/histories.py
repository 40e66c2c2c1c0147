"""`disclosures`: what left, to whom and for what, told to those whom it concerns, on record."""

from dataclasses import replace

from models.history import HistoryFilter, history, history_count
from resolvers.context import Context
from resolvers.disclosed import Disclosed, disclosed
from resolvers.newest_first import COUNTED_AT_MOST, Asked, Page, Place, page, several
from resolvers.readership import listed, readership
from resolvers.then import then_of

NAME = "disclosures"


async def disclosures(context: Context, asked: Asked) -> Page[Disclosed]:
    """Give a page of the entries that concern the caller, newest first.

    Raises BAD_USER_INPUT, LIMIT_EXCEEDED or BAD_CURSOR for what does not fit.
    """
    given, place = asked.given, Place.of(context, asked)
    where = HistoryFilter(
        recipients=several(given, "recipients"),
        purposes=several(given, "purposes"),
        fields=several(given, "fields"),
        since=given.get("since"),
        until=given.get("until"),
    )
    reader = await readership(context, NAME, given.get("member_id"))
    where = replace(where, member=reader.of, mandate=reader.mandate)
    sides, folder = reader.sides, context.folder
    found = await history(folder, sides, where, before=place.before, limit=place.size + 1)
    shown = found[: place.size]
    told = [
        disclosed(
            context, reader, each, await then_of(context, each.entry.policy_version, each.entry.at)
        )
        for each in shown
    ]
    listed(context, reader, NAME, len(told))

    async def count() -> int | None:
        number = await history_count(folder, sides, where, at_most=COUNTED_AT_MOST + 1)
        return number if number is not None and number <= COUNTED_AT_MOST else None

    return page(place, [each.position for each in found], told, count)
