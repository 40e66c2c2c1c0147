"""What the application is asked over HTTP: by many callers, along every road to a member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, cast

from models.disclosure import encode
from tests.door import Door, Ids
from tests.mutants import documents
from tests.mutants.callers import CALLERS, LISTERS, Caller

MEMBERS = ("m1", "m2", "m4", "m7", "m9", "n03", "n05", "n12")
"""Some of the demo world, nobody, and some of the crowd."""
AT_MOST = 12
"""Pages that are turned in one direction."""
SECTIONS = ("everything", "by_id", "by_account", "about", "pages", "listings")
"""Of the interview, each a method of it."""


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

    async def hold(self, sections: Sequence[str]) -> None:
        """Ask these sections, each caller in turn, then look up what was put on record.

        Every section has its own numbers for its decisions: it is answered alike without others.
        """
        callers: Mapping[str, Sequence[Caller]] = {"pages": LISTERS, "listings": LISTERS}
        for position, section in enumerate(SECTIONS):
            if section in sections:
                ids = cast("Ids", self.door.checkpoint.ids)
                ids.numbers = count(10_000 * (position + 1))
                for caller in callers.get(section, CALLERS):
                    await getattr(self, section)(caller)
                await self.look_up()

    async def everything(self, caller: Caller) -> None:
        await self.ask(caller, "all members", documents.ALL)

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
        ids = {member: self._id(caller, member) for member in MEMBERS}
        for member, id_ in ids.items():
            await self.ask(caller, f"{member} by id", documents.BY_ID, id=id_)
        await self.ask(caller, "some by ids", documents.BY_IDS, ids=list(ids.values()))
        foreign = self.door.checkpoint.seal.node_id("company:mobile", "Member", "m1")
        await self.ask(caller, "by a foreign id", documents.BY_ID, id=foreign)

    async def by_account(self, caller: Caller) -> None:
        for account in dict.fromkeys((caller.account, "n03", "n13", "card-m1")):
            await self.ask(caller, f"by account {account}", documents.BY_ACCOUNT, id=account)

    async def about(self, caller: Caller) -> None:
        """Ask what there is to see, and for the reasons where that is no secret."""
        await self.ask(caller, "its access", documents.MY_ACCESS)
        if caller in LISTERS:
            await self.ask(caller, "access to members", documents.ACCESS)
        if caller.role == "member":
            await self.ask(caller, "how others see it", documents.AS_SEEN)
        for member in MEMBERS[:4]:
            await self.ask(
                caller, f"why of {member}", documents.EXPLAIN, id=self._id(caller, member)
            )

    async def pages(self, caller: Caller) -> None:
        """Turn the pages of a list to its end, and try a cursor as somebody else."""
        cursors: list[str] = []
        for number in range(AT_MOST):
            after = cursors[-1] if cursors else None
            data = await self.ask(caller, f"page {number}", documents.PAGES, after=after)
            page = data and data["members"]
            if not page or not page["pageInfo"]["hasNextPage"]:
                break
            cursors.append(page["pageInfo"]["endCursor"])
        for other in CALLERS if cursors else ():
            if other.company == caller.company:
                asked = f"by a cursor of {caller}"
                await self.ask(other, asked, documents.PAGES, after=cursors[0])

    async def listings(self, caller: Caller) -> None:
        """Ask for every list: its first page, the next one, the last, the one before it."""
        for listing in documents.LISTINGS:
            query = documents.listed(listing)
            data = await self.ask(caller, f"{listing}, first", query, first=5)
            if data and (after := data["members"]["pageInfo"]["endCursor"]):
                await self.ask(caller, f"{listing}, next", query, first=5, after=after)
                data = await self.ask(caller, f"{listing}, last", query, last=4)
                before = data and data["members"]["pageInfo"]["startCursor"]
                await self.ask(caller, f"{listing}, before", query, last=4, before=before)
        for number, query in enumerate(documents.BELOW):
            await self.ask(caller, f"lists below, {number}", query)

    def _id(self, caller: Caller, member: str) -> str:
        return self.door.checkpoint.seal.node_id(caller.audience, "Member", member)
