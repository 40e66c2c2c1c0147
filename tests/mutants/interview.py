"""What the application is asked over HTTP: by many callers, along every road to a member."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.disclosure import encode
from models.tables import RELATIONS
from tests.door import Door
from tests.real import STORED

MEMBERS = ("m1", "m2", "m4", "m7", "m9", "n03", "n05", "n12")
"""Some of the demo world, nobody, and some of the crowd."""
AT_MOST = 12
"""Pages that are turned in one direction."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for what, as whom the door knows it."""

    company: str | None
    purpose: str | None
    controller: str | None = None
    role: str = "service"
    account: str = ""
    """An account id that the caller knows."""
    subject: str = "a-caller"

    def __str__(self) -> str:
        acting = f" on behalf of {self.controller}" if self.controller else ""
        return f"{self.role} {self.company or self.subject}{acting} for {self.purpose}"

    @property
    def audience(self) -> str:
        if self.role == "member":
            return f"member:{self.subject}"
        if self.role == "officer":
            return f"officer:{self.company}"
        return (
            f"processor:{self.company}:{self.controller}"
            if self.controller
            else (f"company:{self.company}")
        )

    def token(self, door: Door) -> str:
        return door.issuer.token(
            sub=self.subject,
            company=self.company,
            role=self.role,
            purposes=[self.purpose] if self.purpose else None,
            on_behalf_of=self.controller,
        )


CALLERS = (
    Caller("card", "own:card:service", account="card-m1"),
    Caller("card", "own:card:marketing", account="card-m4"),
    Caller("bank", "fraud_detect", account="n05"),
    Caller("bank", "id_login"),
    Caller("life", "service_provision"),
    Caller("life", "ins_product_rnd"),
    Caller("ins_holding", "ins_group_management"),
    Caller("ssi", "service_provision", account="n33"),
    Caller("ssi", "retention_dispute"),
    Caller("ssi", "underwriting_ops"),
    Caller("ssi", "own:ssi:service"),
    Caller("rakuten_group", "ads_marketing"),
    Caller("rakuten_group", "direct_mail"),
    Caller("rakuten_group", "external_matching_ads"),
    Caller("rakuten_group", "service_provision"),
    Caller("rakuten_group", "retention_fee"),
    Caller("ichiba", "service_provision"),
    Caller("shop_tea", "merchant_fulfil", account="n03"),
    Caller("shop_tea", "merchant_mail"),
    Caller("courier", "order_fulfil", "ichiba"),
    Caller("courier", "inquiry_response", "ichiba"),
    Caller("callcenter", "inquiry_response", "ichiba"),
    Caller("france_eu", "own:france_eu:service", account="france_eu-m2"),
    Caller("asia_sg", "own:asia_sg:service"),
    Caller("media_affiliate", "own:media_affiliate:service"),
    Caller(None, None, role="member", subject="m2"),
    Caller(None, None, role="member", subject="n05"),
    Caller("*", None, role="officer"),
    Caller("ssi", None, role="officer"),
)


class Different(Exception):
    """An answer is another than the one expected; its text is what was asked."""


@dataclass(slots=True)
class Notes:
    """What was asked → what was answered. With `expected`, the first other answer ends it all."""

    expected: Mapping[str, str] | None = None
    answers: dict[str, str] = field(default_factory=dict)

    def note(self, asked: str, answer: str) -> None:
        """Write an answer down; nothing is asked under one name twice. Raises Different."""
        if asked in self.answers:
            raise ValueError(asked)
        if self.expected is not None and self.expected.get(asked) != answer:
            raise Different(asked)
        self.answers[asked] = answer


@dataclass(slots=True)
class Interview:
    """Asks at one door and writes down what came back, and what the ledger holds of it."""

    door: Door
    notes: Notes
    recorded: set[str] = field(default_factory=set)

    async def everybody(self) -> None:
        """Ask for everything first, then along each road."""
        for caller in CALLERS:
            await self.ask(caller, "all members", ALL)
        for ask_all in (self.by_id, self.by_account, self.pages):
            await self.look_up()
            for caller in CALLERS:
                await ask_all(caller)
        await self.look_up()

    async def ask(self, caller: Caller, what: str, query: str, **variables: Any) -> Any:
        """Send one operation; give its data, None where it was refused."""
        response = await self.door.send(
            query, variables, token=caller.token(self.door), purpose=caller.purpose
        )
        self.notes.note(f"{caller}: {what}", f"{response.status_code} {response.text}")
        return response.json().get("data")

    async def look_up(self) -> None:
        """Note the ledger's entries since the last time; roots of one operation in any order."""
        for entry in await self.door.entries():
            if entry.decision_id not in self.recorded:
                self.recorded.add(entry.decision_id)
                disclosures = sorted(entry.disclosures, key=str)
                body = encode(replace(entry, disclosures=tuple(disclosures)))
                self.notes.note(f"the entry of {entry.decision_id}", body)

    async def by_id(self, caller: Caller) -> None:
        for member in MEMBERS:
            id_ = self.door.checkpoint.seal.node_id(caller.audience, "Member", member)
            await self.ask(caller, f"{member} by id", BY_ID, id=id_)
        foreign = self.door.checkpoint.seal.node_id("company:mobile", "Member", "m1")
        await self.ask(caller, "by a foreign id", BY_ID, id=foreign)

    async def by_account(self, caller: Caller) -> None:
        for account in {caller.account: None, "n06": None}:
            await self.ask(caller, f"by account {account}", BY_ACCOUNT, id=account)

    async def pages(self, caller: Caller) -> None:
        """Turn the pages of a list to its end, and try a cursor as somebody else."""
        cursors: list[str] = []
        for number in range(AT_MOST):
            after = cursors[-1] if cursors else None
            data = await self.ask(caller, f"page {number}", PAGES, after=after)
            page = data and data["members"]
            if not page or not page["pageInfo"]["hasNextPage"]:
                break
            cursors.append(page["pageInfo"]["endCursor"])
        for other in CALLERS if cursors else ():
            if other.company == caller.company:
                await self.ask(other, f"by a cursor of {caller}", PAGES, after=cursors[0])


def _cells(relation: str) -> Iterator[str]:
    for path in STORED:
        if path.rpartition(".")[0] == relation:
            name = path.rpartition(".")[2]
            yield f"{name} {{ key }}" if name in {"merchant", "company", "sender"} else name


def _list(relation: str, bounds: str) -> str:
    row = f"id acquiredBy {{ key }} {' '.join(_cells(relation))}"
    return f"{relation}({bounds}) {{ nodes {{ {row} }} pageInfo {{ hasNextPage }} }}"


SCALARS = " ".join(_cells(""))
LISTS = " ".join(_list(relation, "first: 50") for relation in RELATIONS if relation)
BY_ID = f"""query One($id: ID!) {{
  member(id: $id) {{ id {SCALARS} }}
  node(id: $id) {{ ... on Member {{ fullName loginName }} }}
}}"""
BY_ACCOUNT = "query Q($id: ID!) { memberByAccount(accountId: $id) { id fullName loginName } }"
ALL = f"{{ members(first: 100) {{ nodes {{ id {SCALARS} {LISTS} }} }} }}"
PAGES = """query Pages($after: String) {
  members(first: 7, after: $after) {
    nodes { fullName loginName orders(first: 1) { nodes { items } pageInfo { hasNextPage } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
