"""Projections: what the fold of a member's events looks like as rows that SQL can test."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import (
    INCIDENT,
    ITEM_STANDING,
    LINK,
    MAIL,
    NOTIFIED,
    OPENING,
    OVERSEAS,
    PROJECTIONS,
    STANDING,
    STOP,
)
from policy.catalogue import Catalogue
from policy.facts import MemberFacts
from policy.standing import STANDING_STATES, standing_bits
from policy.vocabulary import FOREVER, NEVER

Row = Mapping[str, Any]
Rows = Mapping[Table, Sequence[Row]]
"""The rows of one member, by projection."""


def rows_of(member: str, facts: MemberFacts, last_seq: int, catalogue: Catalogue) -> Rows:
    """What the projections hold of a member whose events up to `last_seq` fold to `facts`.

    A member without events has no row at all, which reads as closed everywhere.
    """
    if not facts.known:
        return dict.fromkeys(PROJECTIONS, ())
    rows: Mapping[Table, Iterable[Row]] = {
        STANDING: [_standing(facts, last_seq, catalogue)],
        ITEM_STANDING: _items(facts),
        LINK: _links(facts),
        NOTIFIED: ({"purpose": key, "at": at} for key, at in facts.notified.items()),
        MAIL: (
            {"sender": key, "wanted": wish.wanted, "at": wish.at}
            for key, wish in facts.mail.items()
        ),
        STOP: ({"company": company, "category": cat} for company, cat in sorted(facts.stops)),
        OVERSEAS: ({"country": country} for country in sorted(facts.overseas)),
        INCIDENT: ({"company": company} for company in sorted(facts.incidents)),
        OPENING: ({"provision": number} for number in _openings(facts, catalogue)),
    }
    return {table: [{"member_key": member, **row} for row in rows[table]] for table in PROJECTIONS}


async def write(connection: AsyncConnection, projected: Mapping[str, Rows]) -> None:
    """Replace the projections of these members, inside the caller's transaction."""
    members = list(projected)
    together: dict[Table, list[Row]] = defaultdict(list)
    for rows in projected.values():
        for table, its_rows in rows.items():
            together[table] += its_rows
    for table in PROJECTIONS:
        await connection.execute(delete(table).where(table.c.member_key.in_(members)))
        if together[table]:
            await connection.execute(insert(table), together[table])


def _standing(facts: MemberFacts, last_seq: int, catalogue: Catalogue) -> Row:
    return {
        "bits": standing_bits(facts.items, catalogue),
        "closed_at": facts.closed_at,
        "ads_opt_out": facts.ads_opt_out,
        "last_seq": last_seq,
    }


def _items(facts: MemberFacts) -> Iterable[Row]:
    return (
        {
            "item": key,
            "version": item.version,
            "level": int(item.level),
            "consented_at": item.consented_at,
            "valid_until": item.valid_until,
        }
        for key, item in facts.items.items()
        if item.state in STANDING_STATES
    )


def _openings(facts: MemberFacts, catalogue: Catalogue) -> Iterable[int]:
    """The numbers of the provisions of which every item stands, in whatever version."""
    standing = {key for key, item in facts.items.items() if item.state in STANDING_STATES}
    return sorted({n for items, n in catalogue.needed_together.items() if items <= standing})


def _links(facts: MemberFacts) -> Iterable[Row]:
    return (
        {
            "company": company,
            "account_id": link.account_id or "",
            "linked_at": link.linked_at or FOREVER,
            "used_at": link.used_at or NEVER,
            "unlinked_at": link.unlinked_at or NEVER,
        }
        for company, link in facts.links.items()
    )
