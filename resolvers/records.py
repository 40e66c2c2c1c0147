"""`provisionRecords` and `receiptRecords`: listed and exported to those whose they are."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from models.records import Record, RecordFilter, all_records, record_count, record_groups
from models.records import records as read_records
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers.context import Context
from resolvers.newest_first import COUNTED_AT_MOST, Asked, Page, Place, page, several
from resolvers.readership import Readership, listed, readership
from resolvers.record_contents import RecordContents, contents, counted
from resolvers.recorded import then_of

PROVISION, RECEIPT = "provisionRecords", "receiptRecords"
KINDS = {PROVISION: "ProvisionRecord", RECEIPT: "ReceiptRecord"}
READ_TOGETHER = 100


async def records(context: Context, asked: Asked) -> Page[RecordContents]:
    """Give a page of the caller's records, newest first; to officers, how many members they count.

    Raises BAD_USER_INPUT, LIMIT_EXCEEDED or BAD_CURSOR for what does not fit.
    """
    place = Place.of(context, asked)
    reader = await readership(context, asked.name, asked.given.get("member_id"))
    where = _where(context, reader, asked)
    if reader.counts_alone:
        return await _groups(context, reader, asked, place, where)
    found = await read_records(context.folder, where, before=place.before, limit=place.size + 1)
    told = await contents(context, reader, KINDS[asked.name], found[: place.size])
    listed(context, reader, asked.name, len(told))

    async def count() -> int | None:
        number = await record_count(context.folder, where, at_most=COUNTED_AT_MOST + 1)
        return number if number <= COUNTED_AT_MOST else None

    return page(place, [each.id for each in found], told, count)


async def exported(context: Context, asked: Asked) -> AsyncIterator[Sequence[RecordContents]]:
    """Put on record that they leave, then give all of the caller's records, some at a time.

    Raises FORBIDDEN for officers, who are told numbers, and whatever `records` raises.
    """
    if context.requester.role is Role.OFFICER:
        raise PrivacyError(
            ErrorCode.FORBIDDEN,
            "Records are exported to companies and to members; officers list them.",
        )
    reader = await readership(context, asked.name, asked.given.get("member_id"))
    where = _where(context, reader, asked)
    number = await record_count(context.folder, where, at_most=2**31)
    listed(context, reader, asked.name, number)
    return _in_parts(context, reader, KINDS[asked.name], where)


async def _in_parts(
    context: Context, reader: Readership, kind: str, where: RecordFilter
) -> AsyncIterator[Sequence[RecordContents]]:
    part: list[Record] = []
    async for row in all_records(context.folder, where):
        part.append(row)
        if len(part) == READ_TOGETHER:
            yield await contents(context, reader, kind, part)
            part.clear()
    yield await contents(context, reader, kind, part)


async def _groups(
    context: Context, reader: Readership, asked: Asked, place: Place, where: RecordFilter
) -> Page[RecordContents]:
    """Give what one month's records share. How many records there are is how many members."""
    folder = context.folder
    found = await record_groups(folder, where, before=place.before, limit=place.size + 1)
    version = context.catalogue.version
    told = [
        counted(
            context, reader, KINDS[asked.name], each, await then_of(context, version, each.last_at)
        )
        for each in found[: place.size]
    ]
    listed(context, reader, asked.name, len(told))
    return page(place, [each.id for each in found], told, _uncounted)


async def _uncounted() -> None:
    return None


def _where(context: Context, reader: Readership, asked: Asked) -> RecordFilter:
    """Give what is asked for among the caller's own."""
    given = asked.given
    where = RecordFilter(
        providers=several(given, "providers"),
        recipients=several(given, "recipients"),
        member=reader.of,
        provision=_provision(context, given.get("provision")),
        statutory=given.get("statutory"),
        since=given.get("since"),
        until=given.get("until"),
    )
    if reader.counts_alone:
        where = _in_whole_months(where)
    if reader.role is Role.MEMBER or reader.company is None:
        return where
    if asked.name == PROVISION:
        held = reader.held
        return replace(
            where, providers=held & (held if where.providers is None else where.providers)
        )
    own = frozenset({reader.company})
    recipients = own if where.recipients is None else own & where.recipients
    return replace(where, recipients=recipients, via=reader.processor)


def _in_whole_months(where: RecordFilter) -> RecordFilter:
    """Let no window cut through a month: two numbers of one month would tell of those between."""
    since, until = where.since, where.until
    if since is not None:
        since = _month(since)
    if until is not None and until != _month(until):
        until = _month_after(until)
    return replace(where, since=since, until=until)


def _month(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month_after(at: datetime) -> datetime | None:
    """Give its beginning; None behind the last month that there is."""
    try:
        return _month(_month(at) + timedelta(days=31))
    except OverflowError:
        return None


def _provision(context: Context, key: str | None) -> int | None:
    """Give the number of a provision of the catalogue. Raises BAD_USER_INPUT."""
    if key is None:
        return None
    for number, known in context.catalogue.provision_keys.items():
        if known == key:
            return number
    raise PrivacyError(
        ErrorCode.BAD_USER_INPUT, "No provision of the catalogue has the key in `provision`."
    )
