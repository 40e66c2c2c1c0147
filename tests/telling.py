"""What the ledger tells over HTTP: entries written by hand, who asks, and what they ask."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from models.disclosure import (
    RETURNED,
    Count,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Opened,
    Origin,
    Use,
)
from policy.requester import Role
from tests.clock import START
from tests.door import Door
from tests.real import CATALOGUE

ACCOUNT = Origin("rakuten_group", "ACCOUNT", "WEB")
SHOP = Origin("ichiba", "ORDER", "WEB")
NUMBERS = {key: number for number, key in CATALOGUE.provision_keys.items()}
LINKED = NUMBERS["A-4-1-2"]
SERVICE = "own:card:service"

COMPANY = "{ key name { ja en } address representative country }"
NAMED = "{ key name { ja en } }"
PROVISION = f"{{ key document documentName {{ ja en }} version items {NAMED} }}"
DISCLOSED = f"""{{
  id at decisionId role recipient {COMPANY} via {COMPANY} purpose {NAMED} reference
  items {{ field use basis categories {{ ja en }} provision {PROVISION} acquiredBy {COMPANY}
    source channel }}
  counts {{ entry fields number }} memberId memberCount withheld sentence {{ ja en }}
}}"""
RECORD = f"""{{
  id month provider {COMPANY} heldBy {COMPANY} recipient {COMPANY} via {COMPANY} country memberId
  memberCount items categories {{ ja en }} circumstances {{ source channel }} purposes {NAMED}
  provision {PROVISION} consented
  consents {{ id item {NAMED} country kind level version consentedAt }}
  firstAt lastAt number statutory keptUntil policyVersion sentence {{ ja en }}
}}"""
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def listing(root: str, below: str, given: str) -> str:
    return f"""query ($filter: {given}, $first: Int, $after: String) {{
      {root}(filter: $filter, first: $first, after: $after) {{
        totalCount {PAGE} edges {{ cursor node {{ id }} }} nodes {below}
      }}
    }}"""


ROOTS: Mapping[str, str] = {
    "disclosures": listing("disclosures", DISCLOSED, "DisclosureFilter"),
    "provisionRecords": listing("provisionRecords", RECORD, "RecordFilter"),
    "receiptRecords": listing("receiptRecords", RECORD, "RecordFilter"),
}

Answer = dict[str, Any]


def company(door: Door, key: str, role: str = "service", **said: Any) -> str:
    """The token of somebody of a company."""
    return door.issuer.token(company=key, role=role, purposes=None, **said)


def officer(door: Door, office: str = "*") -> str:
    return company(door, office, "officer")


def id_of(door: Door, audience: str, member: str = "m1") -> str:
    return door.checkpoint.seal.node_id(audience, "Member", member)


async def send(door: Door, token: str, root: str, **variables: Any) -> httpx.Response:
    return await door.send(ROOTS[root], variables, token=token)


async def told(door: Door, token: str, root: str, **variables: Any) -> Answer:
    """One page."""
    answer = await door.ask(ROOTS[root], variables, token=token)
    found: Answer = answer["data"][root]
    return found


async def nodes(door: Door, token: str, root: str = "disclosures", **given: Any) -> list[Answer]:
    """What a page with this filter tells, but for the reading of the ledger itself."""
    page = await told(door, token, root, filter=given, first=100)
    return [each for each in page["nodes"] if not _of_reading(each)]


def _of_reading(node: Answer) -> bool:
    told_of = {each["field"] for each in node.get("items") or () if node.get("counts") is not None}
    told_of |= {each["entry"] for each in node.get("counts") or ()}
    return bool(told_of - {""}) and told_of - {""} <= ROOTS.keys()


def shown(**items: Opened) -> MemberDisclosure:
    """A member returned with these items; `orders__amount` is `orders.amount`."""
    used: dict[Item, frozenset[Opened]] = {("", Use.SELECT): frozenset({Opened(RETURNED)})}
    for name, opened in items.items():
        used[name.replace("__", "."), Use.SELECT] = frozenset({opened})
    return MemberDisclosure.of(LAST_SEQ, used)


LAST_SEQ = 10**6
"""Behind every event of the demo world."""
BOTH = shown(fullName=Opened(LINKED, ACCOUNT), orders__amount=Opened(LINKED, SHOP))
NAME = shown(fullName=Opened(LINKED, ACCOUNT))
SHOPPED = {"m1": BOTH, "m2": NAME}
"""Member → what of each somebody was told."""
AMOUNT = shown(orders__amount=Opened(LINKED, SHOP))


def entry(number: int, members: Mapping[str, MemberDisclosure], **said: Any) -> Entry:
    """What a system of card was shown, so many minutes after the start of the clock."""
    counts: tuple[Count, ...] = said.pop("counts", ())
    plain: dict[str, Any] = {
        "decision_id": f"written-{number}",
        "company": "card",
        "on_behalf_of": None,
        "role": Role.SERVICE,
        "subject": "card-backend",
        "purpose": SERVICE,
        "reference": None,
        "at": START + timedelta(minutes=number),
        "policy_version": CATALOGUE.version,
        "disclosures": (Disclosure(members, counts=counts),),
    }
    return Entry(**plain | said)


async def write(door: Door, *entries: Entry) -> None:
    for each in entries:
        await door.checkpoint.ledger.append(each)
    door.clock.step(timedelta(days=1))


async def records(door: Door, token: str, root: str, **given: Any) -> list[Answer]:
    page = await told(door, token, root, filter=given, first=100)
    found: list[Answer] = page["nodes"]
    return found


def of_values(found: list[Answer]) -> list[Answer]:
    """Those of values; what was returned of a member as such has a record of its own."""
    return [each for each in found if each["provision"]]


async def write_purchase(door: Door) -> None:
    """Record that card was shown a name twice and an order once of m1, and a name of m2."""
    await write(
        door,
        entry(1, {"m1": BOTH, "m2": NAME}),
        entry(2, {"m1": NAME}, purpose="own:card:service"),
    )
