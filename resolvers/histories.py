"""`disclosures`: what left, to whom and for what, told to those whom it concerns, on record."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.history import HistoryFilter, Told, history, history_count
from resolvers.context import Context
from resolvers.disclosed import Disclosed, disclosed
from resolvers.newest_first import COUNTED_AT_MOST, Asked, Given, Page, Place, page, several
from resolvers.readership import Readership, listed, readership
from resolvers.recorded import then_of

NAME = "disclosures"
CHUNK = 200
LOOKED_INTO_AT_MOST = 2_000
"""Entries of one page: nobody has the whole ledger read in one request."""


async def disclosures(context: Context, asked: Asked) -> Page[Disclosed]:
    """Give a page of the entries that concern the caller, newest first.

    Raises BAD_USER_INPUT, LIMIT_EXCEEDED or BAD_CURSOR for what does not fit.
    """
    place, fields = Place.of(context, asked), several(asked.given, "fields")
    reader = await readership(context, NAME, asked.given.get("member_id"))
    where = _where(reader, asked.given)
    search = _Search(context, reader, where, fields)
    found, looked_to = await search.page(place)
    told = [
        disclosed(
            context, reader, each, await then_of(context, each.entry.policy_version, each.entry.at)
        )
        for each in found[: place.size]
    ]
    listed(context, reader, NAME, len(told))
    return page(place, [each.position for each in found], told, search.count, looked_to)


def _where(reader: Readership, given: Given) -> HistoryFilter:
    return HistoryFilter(
        recipients=several(given, "recipients"),
        purposes=several(given, "purposes"),
        since=given.get("since"),
        until=given.get("until"),
        member=reader.of,
        mandate=reader.mandate,
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """What the index does not know is looked for in the entries: of each page in so many."""

    context: Context
    reader: Readership
    where: HistoryFilter
    fields: frozenset[str] | None

    async def page(self, place: Place) -> tuple[Sequence[Told], int | None]:
        """Give a page's entries, and one more where more follow; or up to where was looked.

        INVARIANT: what is no part of the reader's does not decide whether an entry is among them.
        """
        found: list[Told] = []
        before, looked_into, wanted = place.before, 0, place.size + 1
        while len(found) < wanted:
            at_once = CHUNK if self._looks else wanted
            some = await history(
                self.context.folder, self.reader.sides, self.where, before=before, limit=at_once
            )
            found += [each for each in some if self.reader.part(each.entry).holds(self.fields)]
            if len(some) < at_once:
                break
            before, looked_into = some[-1].position, looked_into + len(some)
            if looked_into >= LOOKED_INTO_AT_MOST and len(found) < wanted:
                return found, before
        return found[:wanted], None

    async def count(self) -> int | None:
        """Count what can be counted without looking into entries."""
        if self._looks:
            return None
        number = await history_count(
            self.context.folder, self.reader.sides, self.where, at_most=COUNTED_AT_MOST + 1
        )
        return number if number is not None and number <= COUNTED_AT_MOST else None

    @property
    def _looks(self) -> bool:
        return self.fields is not None or bool(self.reader.held and self.reader.of is not None)
