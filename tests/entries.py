"""An entry with everything in it that an entry can hold."""

from models.disclosure import (
    RETURNED,
    SELF_ACCESS,
    Count,
    Disclosure,
    Entry,
    MemberDisclosure,
    Opened,
    Origin,
    Use,
)
from policy.vocabulary import Reason
from tests.clock import START

ACCOUNT = Origin("rakuten_group", "ACCOUNT", "WEB")
SHOP, TRAVEL = Origin("ichiba", "ORDER", "WEB"), Origin("travel", "ORDER", "APP")
ITEMS = {
    ("", Use.SELECT): frozenset({Opened(RETURNED)}),
    ("fullName", Use.SELECT): frozenset({Opened(3, ACCOUNT)}),
    ("orders.items", Use.SELECT): frozenset(
        {Opened(4, SHOP), Opened(12, SHOP), Opened(12, TRAVEL)}
    ),
    ("prefecture", Use.FILTER): frozenset({Opened(SELF_ACCESS)}),
}
DISCLOSURE = Disclosure(
    members={
        "m1": MemberDisclosure.of(41, ITEMS),
        "m2": MemberDisclosure.of(7, ITEMS, {"NOT_OPEN": 2}),
        "m3": MemberDisclosure.of(9, {("orders", Use.COUNT): frozenset({Opened(4)})}),
    },
    disclosed={"fullName": 2},
    withheld={("gender", Reason.NOT_OPEN): 3, ("ekycStatus", Reason.NOT_PERMITTED): 3},
    counts=(Count("members.totalCount", ("prefecture",), 42),),
)
ENTRY = Entry(
    decision_id="d-1",
    company="callcenter",
    on_behalf_of="ichiba",
    role="service",
    subject="callcenter-system",
    purpose="inquiry_response",
    reference="T-1",
    at=START,
    policy_version="abc",
    disclosures=(DISCLOSURE, Disclosure()),
)
