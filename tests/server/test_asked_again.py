"""What a document was answered before is nothing to whoever asks it next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from models.disclosure import Disclosure
from server import checkpoint, seeding
from server.settings import Mode
from tests.clock import Clock
from tests.crowd import key_of
from tests.door import Door, opened, seeded
from tests.versions import Files

pytestmark = pytest.mark.anyio

NUMBERS = count()
"""They make a document a new one."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Asker:
    """Somebody who asks, with the values of the variables."""

    company: str = "ichiba"
    purpose: str = "service_provision"
    member: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    async def ask(self, door: Door, document: str) -> Any:
        """The answer, but for the number of the decision."""
        token = door.issuer.token(company=self.company, purposes=[self.purpose])
        if self.member is not None:
            token = door.issuer.member(self.member)
        purpose = None if self.member else self.purpose
        answer = await door.ask(document, self.given, token=token, purpose=purpose)
        del answer["extensions"]["privacy"]["decisionId"]
        return answer


ICHIBA = Asker()


def given(**values: Any) -> Asker:
    return replace(ICHIBA, given=values)


MEMBERS = """{ members(first: 30) { totalCount nodes {
    id fullName phone orders { totalCount nodes { id amount acquiredBy { key } } } } } }"""
ME = "{ me { id fullName orders { nodes { id amount } } } }"
SWITCHED = "query ($more: Boolean!) { members { nodes { fullName phone @include(if: $more) } } }"
SIZED = """query ($members: Int, $orders: Int) { members(first: $members) { nodes { id
    orders(first: $orders) { nodes { id } pageInfo { hasNextPage } }
    some: orders(first: 2) { nodes { id } } } pageInfo { hasNextPage } } }"""
SOUGHT = """query ($name: String, $amount: Int) {
    members(first: 30, filter: {fullName: {contains: $name}}) { totalCount nodes { fullName
        orders(filter: {amount: {gte: $amount}}) { totalCount nodes { amount } } } } }"""
LISTED = """query ($filter: MemberFilter, $order: [MemberOrder!], $first: Int, $last: Int) {
    members(filter: $filter, orderBy: $order, first: $first, last: $last) {
        nodes { fullName phone } } }"""
UPWARD = {"field": "FULL_NAME", "direction": "ASC"}

ASKED: Mapping[str, tuple[str, Asker, Asker]] = {
    "another company": (MEMBERS, ICHIBA, Asker("card", "own:card:service")),
    "another purpose": (MEMBERS, Asker("card", "id_login"), Asker("card", "own:card:service")),
    "another member": (ME, Asker(member=key_of(3)), Asker(member=key_of(6))),
    "what is included": (SWITCHED, given(more=True), given(more=False)),
    "a page of members": (SIZED, given(members=3, orders=3), given(members=5, orders=3)),
    "a page of rows": (SIZED, given(members=5, orders=1), given(members=5, orders=3)),
    "who is sought": (SOUGHT, given(name="青", amount=0), given(name="o", amount=0)),
    "which rows are": (SOUGHT, given(name="青", amount=0), given(name="青", amount=3000)),
    "a filter": (
        LISTED,
        given(filter={"fullName": {"isNull": False}}),
        given(filter={"phone": {"isNull": True}}),
    ),
    "an order": (
        LISTED,
        given(order=[UPWARD]),
        given(order=[UPWARD | {"direction": "DESC"}]),
    ),
    "the end of a list": (LISTED, given(first=4), given(last=4)),
}
"""What differs → a document, who asked it before, and who asks it then."""


@pytest.mark.parametrize("differs", ASKED)
async def test_a_document_is_answered_as_if_nobody_had_asked_it_before(
    crowd: Door, differs: str
) -> None:
    document, before, then = ASKED[differs]
    new = await then.ask(crowd, f"{document} # {next(NUMBERS)}")
    on_record = await recorded(crowd)
    old = await before.ask(crowd, document)
    assert old["data"] != new["data"]
    assert await then.ask(crowd, document) == new
    assert await recorded(crowd) == on_record


async def test_in_another_epoch_a_company_is_what_it_is_then(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of an order becomes an affiliate ten days from now."""
    document = "{ me { orders { nodes { acquiredBy { key groupTie } } } } }"
    then = clock() + timedelta(days=10)
    files = Files()
    companies = {each["key"]: each for each in files["companies.yaml"]["companies"]}
    tie = companies["travel"]["ties"][0]
    later = {"tie": "AFFILIATE", "from": str(then.date())}
    companies["travel"]["ties"] = [tie | {"to": str(then.date())}, later]
    for module in (checkpoint, seeding):
        monkeypatch.setattr(module, "CATALOGUE", files.write(tmp_path / "catalogue"))
    url = f"sqlite+aiosqlite:///{tmp_path / 'world.db'}"
    await seeded(url, clock)
    async with opened(url, clock, tmp_path, mode=Mode.DEVELOPMENT) as door:
        ties = []
        for at in (then - timedelta(days=5), then, then - timedelta(days=5)):
            clock.set(at)
            answer = await Asker(member="m1").ask(door, document)
            found = [each["acquiredBy"] for each in answer["data"]["me"]["orders"]["nodes"]]
            ties.append({each["key"]: each["groupTie"] for each in found}["travel"])
    assert ties == [tie["tie"], "AFFILIATE", tie["tie"]]


async def recorded(door: Door) -> tuple[Disclosure, ...]:
    """What was put on record last."""
    return (await door.entries())[-1].disclosures
