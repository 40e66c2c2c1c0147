"""What members write about themselves: their contact data, and what they report."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import ACCOUNT, INQUIRY, column_of

CONTACT = ("postalCode", "prefecture", "city", "addressLine", "phone", "mobilePhone")
"""The account's own values that say how to reach the member, by path (S34)."""


async def update_contact(
    connection: AsyncConnection, member: str, values: Mapping[str, str | None]
) -> None:
    """Write contact data, by path. Raises KeyError for any other path."""
    known = {path: column_of(path) for path in CONTACT}
    written = {known[path]: value for path, value in values.items()}
    await connection.execute(update(ACCOUNT).where(ACCOUNT.c.member_key == member).values(written))


async def add_inquiry(  # noqa: PLR0913 (what an inquiry says)
    connection: AsyncConnection, *, key: str, member: str, company: str, body: str, at: datetime
) -> None:
    """Hand a member's words in to a company; closed to companies until they are screened."""
    await connection.execute(
        insert(INQUIRY).values(
            row_key=key,
            member_key=member,
            acquired_by=company,
            source="MEMBER",
            channel="REPORT",
            acquired_at=at,
            screened=False,
            body=body,
            at=at,
        )
    )
