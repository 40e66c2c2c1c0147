"""Some two dozen members beside the demo world, and what `ichiba` may see of each of them.

Deterministic by their number: values with ties, gaps, wildcards and both cases of letters; some
asked `ichiba` to stop using their profile, some their use of services, some everything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from models import tables
from models.disclosure import Entry
from models.event_log import append
from models.world import MemberRecord, load
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.vocabulary import AgeGroup
from tests.door import Door

SIZE = 24
COMPANY = "ichiba"
PURPOSE = "service_provision"
OPENED = datetime(2023, 1, 1, tzinfo=UTC)
STOPPED = OPENED + timedelta(days=300)

NAMES = ("青木", "Aoki", "aoki", "50%引き", "a_b", "axb", None, "青山", "伊藤")
PREFECTURES = ("東京都", "京都府", None, "大阪府")
GENDERS = ("FEMALE", "MALE", "OTHER", None)

PROFILE = frozenset({"login_email", "full_name", "birth_date", "prefecture", "gender", "phone"})
USAGE = frozenset({"point_balance"})
HIDDEN: Mapping[tuple[str, ...] | None, frozenset[str]] = {
    ("profile",): PROFILE,
    ("service_usage",): USAGE,
}


def key_of(number: int) -> str:
    return f"crowd-{number:02}"


def stops_of(number: int) -> tuple[str, ...] | None:
    """The categories that this member asked ichiba to stop using; () is all, None is nothing."""
    if number % 8 == 7:
        return ()
    if number % 4 == 1:
        return ("profile",)
    return ("service_usage",) if number % 6 == 4 else None


def account_of(number: int) -> Mapping[str, Any]:
    return {
        "login_name": f"{key_of(number)}.login",
        "login_email": f"user{number}@example.jp",
        "last_login_at": OPENED + timedelta(hours=number % 5),
        "mfa_enabled": (True, False, None)[number % 3],
        "full_name": NAMES[number % len(NAMES)],
        "birth_date": None if number % 7 == 3 else date(1980 + number % 6, 1 + number % 12, 5),
        "gender": GENDERS[number % len(GENDERS)],
        "prefecture": PREFECTURES[number % len(PREFECTURES)],
        "phone": f"090-{number % 3}",
        "point_balance": None if number % 9 == 0 else (number * 7) % 10 - 3,
    }


def orders_of(number: int) -> Sequence[Mapping[str, Any]]:
    """Up to three orders; the second one was made at another service and stays open to ichiba."""
    return [
        {
            "row_key": f"orders-{key_of(number)}-{i}",
            "acquired_by": ("ichiba", "travel", "ichiba")[i],
            "source": "ORDER",
            "channel": "WEB",
            "acquired_at": OPENED + timedelta(days=i),
            "amount": None if (number, i) == (2, 1) else 1000 * ((number + i) % 4) + i,
            "at": OPENED + timedelta(days=10 * i),
            "status": ("SHIPPED", "DELIVERED", None)[(number + i) % 3],
        }
        for i in range(number % 4)
    ]


def events_of(number: int) -> Sequence[Event]:
    signed = Event(
        EventKind.DEEMED,
        OPENED,
        item="A",
        version="2022-03-31",
        acr=RAKUTEN_ID,
        age=AgeGroup.ADULT,
    )
    presented = Event(EventKind.PRESENTED, OPENED, item="A", version="2022-03-31")
    opened = [Event(EventKind.ACCOUNT_OPENED, OPENED), presented, signed]
    stops = stops_of(number)
    return opened if stops is None else [*opened, stopped(STOPPED, *stops)]


def stopped(at: datetime, *categories: str) -> Event:
    return Event(EventKind.STOP_REQUESTED, at, company=COMPANY, categories=categories)


def lifted(at: datetime, *categories: str) -> Event:
    return Event(EventKind.STOP_LIFTED, at, company=COMPANY, categories=categories)


def record_of(number: int) -> MemberRecord:
    rows = {"orders": orders_of(number)}
    return MemberRecord(key_of(number), account_of(number), rows, events=events_of(number))


Seen = Mapping[str, Any]
"""What ichiba may see of a member: column → value, None where withheld; `orders` the open rows."""


def seen_of(number: int) -> Seen | None:
    """None where nothing of the member is open."""
    stops = stops_of(number)
    if stops == ():
        return None
    hidden = HIDDEN.get(stops, frozenset())
    account = {
        name: None if name in hidden else value for name, value in account_of(number).items()
    }
    orders = () if stops == ("service_usage",) else orders_of(number)
    return {"key": key_of(number), **account, "orders": orders}


def everybody_seen() -> Sequence[Seen]:
    return [seen for number in range(SIZE) if (seen := seen_of(number)) is not None]


def matching(holds: Callable[[Seen], bool]) -> list[str]:
    """The login names of those of whom it holds, by key."""
    return [seen["login_name"] for seen in everybody_seen() if holds(seen)]


async def join(door: Door, numbers: Iterable[int] = range(SIZE)) -> None:
    """Let them in beside the demo world."""
    here = door.checkpoint
    async with here.database.write() as connection:
        members = [record_of(number) for number in numbers]
        await load(connection, here.catalogue, members, door.clock())


async def happen(door: Door, member: str, *events: Event) -> None:
    here = door.checkpoint
    async with here.database.write() as connection:
        await append(connection, here.catalogue, {member: events}, door.clock())


async def change(door: Door, member: str, **columns: object) -> None:
    """Store other values in a member's account."""
    account = tables.ACCOUNT
    async with door.checkpoint.database.write() as connection:
        statement = account.update().where(account.c.member_key == member)
        await connection.execute(statement.values(**columns))


async def change_orders(door: Door, member: str, **columns: object) -> None:
    """Store other values in all orders of a member."""
    orders = tables.ORDERS
    async with door.checkpoint.database.write() as connection:
        statement = orders.update().where(orders.c.member_key == member)
        await connection.execute(statement.values(**columns))


async def ask(
    door: Door, query: str, variables: Mapping[str, Any] | None = None, **changed: Any
) -> dict[str, Any]:
    """Ask as a system of ichiba, and give the data."""
    answer = await door.ask(query, variables, **(caller(door) | changed))
    data: dict[str, Any] = answer["data"]
    return data


def caller(door: Door, company: str = COMPANY, purpose: str = PURPOSE) -> dict[str, Any]:
    """What makes a request one of this company for this purpose."""
    return {"token": door.issuer.token(company=company, purposes=[purpose]), "purpose": purpose}


async def recorded(door: Door) -> Entry:
    """The latest entry of the ledger, while the clock stands still."""
    return max(await door.entries(), key=lambda entry: int(entry.decision_id.rpartition("-")[2]))


def in_crowd(names: Sequence[str]) -> list[str]:
    """Those of a list of login names that are of the crowd."""
    return [name for name in names if name.startswith("crowd-")]


def closed(at: datetime) -> Event:
    return Event(EventKind.ACCOUNT_CLOSED, at)


def difference(one: str, other: str) -> str:
    """Where two texts part, "" if they are the same: for texts too long to be compared in full."""
    if one == other:
        return ""
    pairs = enumerate(zip_longest(one, other))
    at = next(number for number, (here, there) in pairs if here != there)
    around = slice(max(at - 40, 0), at + 40)
    return f"{one[around]!r} is {other[around]!r}"
