"""What the application is asked over HTTP: by many callers, along every road to a member."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, cast

from models.ledger_tables import LEDGER_METADATA
from tests.door import Door, Ids
from tests.mutants import documents
from tests.mutants.callers import CALLERS, LISTERS, Caller

MEMBERS = ("m1", "m2", "m4", "m7", "m9", "n03", "n05", "n12")
"""Some of the demo world, nobody, and some of the crowd."""
AT_MOST = 12
"""Pages that are turned in one direction."""
SECTIONS = ("everything", "by_id", "by_account", "about", "pages", "listings", "without_ledger")
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

    async def hold(self, sections: Sequence[str], who: str | None) -> None:
        """Ask these sections, each caller in turn or one alone; note what each left on record.

        Every caller's decisions have their own numbers: it is answered alike without the others.
        """
        fewer = {"pages": LISTERS, "listings": LISTERS, "without_ledger": LISTERS[:1]}
        ids = cast("Ids", self.door.checkpoint.ids)
        for position, section in enumerate(SECTIONS, start=1):
            for number, caller in enumerate(fewer.get(section, CALLERS)):
                if section in sections and who in {None, str(caller)}:
                    first = position * 100_000 + number * 1_000
                    ids.numbers = count(first)
                    await getattr(self, section)(caller)
                    decisions = [f"decision-{n}" for n in range(first, next(ids.numbers))]
                    on_record = await self._recorded(decisions)
                    self.notes.note(f"{caller}: the record of {section}", on_record)

    async def everything(self, caller: Caller) -> None:
        await self.ask(caller, "all members", documents.ALL)

    async def ask(self, caller: Caller, what: str, query: str, **variables: Any) -> Any:
        """Send one operation; give its data, None where it was refused."""
        response = await self.door.send(
            query, variables, token=caller.token(self.door), purpose=caller.purpose
        )
        self.notes.note(f"{caller}: {what}", f"{response.status_code} {response.text}")
        return response.json().get("data")

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
        if cursors:
            for other in (each for each in CALLERS if each.company == caller.company):
                asked = f"by a cursor of {caller}"
                await self.ask(other, asked, documents.PAGES, after=cursors[0])
            now = self.door.clock()
            self.door.clock.step(timedelta(days=1))
            await self.ask(caller, "by a cursor of yesterday", documents.PAGES, after=cursors[0])
            self.door.clock.set(now)

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

    async def without_ledger(self, caller: Caller) -> None:
        """Ask while the ledger cannot be written."""
        ledger = self.door.checkpoint.ledger
        await ledger.ready()
        async with ledger.database.write() as connection:
            await connection.run_sync(LEDGER_METADATA.drop_all)
        await self.ask(caller, "without a ledger", documents.PAGES)
        async with ledger.database.write() as connection:
            await connection.run_sync(LEDGER_METADATA.create_all)

    async def _recorded(self, decisions: Sequence[str]) -> str:
        """Give the ledger's entries of these decisions; roots of one operation in any order."""
        ledger = self.door.checkpoint.ledger
        entries = [each async for each in ledger.entries() if each.decision_id in decisions]
        entries.sort(key=lambda each: each.decision_id)
        return "\n".join(str(_sorted(asdict(entry))) for entry in entries)

    def _id(self, caller: Caller, member: str) -> str:
        return self.door.checkpoint.seal.node_id(caller.audience, "Member", member)


def _sorted(said: Any) -> Any:
    """The same, whatever order it came in; roots of one operation are read in any order."""
    match said:
        case dict():
            return sorted((str(key), str(_sorted(each))) for key, each in said.items())
        case str() | int() | None:
            return said
        case Iterable():
            return sorted(str(_sorted(each)) for each in said)
        case _:
            return str(said)
