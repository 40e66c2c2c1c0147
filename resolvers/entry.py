"""The personal entries: each plans its whole selection, reads it in one snapshot, and answers.

They are the only resolvers of personal types, and their answers are complete as they are.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry import Info

from models.disclosure import RETURNED, Opened, Use
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers import catalogue
from resolvers.asking import account_company, eyes_of, refuse_officers
from resolvers.binding import Bound, bind
from resolvers.context import Context
from resolvers.executor import Completion, Made
from resolvers.places import Mark
from resolvers.plan import Plan
from resolvers.planner import plan_of
from resolvers.prepared import Select, by_account, by_key, by_keys, page_selected
from resolvers.reading import Binds, Found, read
from resolvers.seal import Unsealed
from resolvers.site import Selected, Site, root_of
from resolvers.subject import member_key

IDS_AT_MOST = 100
ACCOUNT_ID = "linkedCompanies.accountId"

Given = Mapping[str, Any]
EntryInfo = Info[Context, None]


@dataclass(slots=True, eq=False)
class Entry:
    """One personal entry of an operation: a root field, and what it was given."""

    context: Context
    completion: Completion
    root: Selected
    given: Given
    plan: Plan

    @classmethod
    def of(cls, context: Context, completion: Completion, root: Selected) -> "Entry":
        """Begin with a root. Raises what refuses its arguments."""
        site = completion.site
        plan = plan_of(site, root)
        return cls(context, completion, root, site.arguments(context, root), plan)

    def answer(self, name: str | None = None) -> Awaitable[Any]:
        """Give the answer, complete, as that of the entry of this name. Raises PrivacyError."""
        return ENTRIES[name or self.root.name](self)

    def bound(self) -> Bound:
        """Plan the selection for the caller's eyes. Raises what refuses an argument in it."""
        return bind(self.plan, self.completion.site, self.context, eyes_of(self.context))

    async def read(
        self, bound: Bound, select: Select, binds: Binds, looked_at: str | None = None
    ) -> Found:
        """Read members by what was looked at, on record."""
        found = await read(self.context, self.completion, bound, select, binds)
        for key in found.keys if looked_at else ():
            found.tally.used(key, str(looked_at), Use.FILTER, [Opened(RETURNED)])
        self.context.disclosures.append(found.tally.disclosure())
        return found

    async def one(self, select: Select, binds: Binds, looked_at: str | None = None) -> Any:
        """Give the member that is found, or None."""
        found = await self.read(self.bound(), select, binds, looked_at)
        self.mark(mark.moved(()) for mark in found.marks)
        return next(iter(found.made()), None)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Remember where below this root something is withheld, if that is asked for."""
        if self.context.places is not None:
            key = self.root.key
            self.context.places.mark(key, (mark.under(key) for mark in marks))


async def _member(entry: Entry) -> Any:
    """Give the member behind a node id, or None: hidden and unknown answer alike."""
    return await entry.one(by_key, {"member": member_key(entry.context, entry.given["id"])})


async def _me(entry: Entry) -> Any:
    """Give the signed-in member themself; a company is no member."""
    requester = entry.context.requester
    if requester.role is not Role.MEMBER:
        return None
    return await entry.one(by_key, {"member": requester.subject})


async def _member_by_account(entry: Entry) -> Any:
    """Give the visible member behind the caller company's own account id.

    The id is compared where `linkedCompanies.accountId` may be withheld: it is the company's own
    number for an account that stands linked. That it was looked at is on record.
    """
    account_id = entry.given["accountId"]
    if "\0" in account_id:  # PostgreSQL has no such text
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "`accountId` must not contain U+0000.")
    account_company(entry.context)
    return await entry.one(by_account, {"account_id": account_id}, ACCOUNT_ID)


async def _members(entry: Entry) -> Any:
    """Give a page of the members visible to the caller."""
    context = entry.context
    refuse_officers(context)
    bound = entry.bound()
    asked, root = bound.lists[0], bound.plan.root
    shows: bool = getattr(root, "shows_entries", False)
    binds = {**asked.binds(), "limit": asked.page.size + 1 if shows else 0}
    found = await read(context, entry.completion, bound, page_selected, binds)
    if found.total is not None or (asked.counted and not found.rows):
        # Nobody on a page that was searched is a number told, too.
        found.tally.count(asked.counted, found.total or 0)
    context.disclosures.append(found.tally.disclosure())
    entry.mark(found.marks)
    return found.made()


async def _node(entry: Entry) -> Any:
    """Give the object behind a node id: a member as in `member`, or one of the catalogue."""
    (found,) = await _objects(entry, [entry.given["id"]], [()])
    if found is None or isinstance(found, Made):
        return found and found.value
    return entry.completion.complete(entry.root, found)


async def _nodes(entry: Entry) -> Any:
    """Give the objects behind node ids in this order, all members among them read at once.

    Raises BAD_USER_INPUT for more than a hundred, and for one that is no id of the caller's.
    """
    ids = entry.given["ids"]
    if len(ids) > IDS_AT_MOST:
        message = f"Ask for at most {IDS_AT_MOST} ids at once."
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, message)
    found = await _objects(entry, ids, [(number,) for number in range(len(ids))])
    return entry.completion.complete(entry.root, found)


ENTRIES: Mapping[str, Callable[[Entry], Awaitable[Any]]] = {
    "member": _member,
    "me": _me,
    "memberByAccount": _member_by_account,
    "members": _members,
    "node": _node,
    "nodes": _nodes,
}
"""The personal entries among the roots of a query."""


async def served(info: EntryInfo, name: str | None = None) -> Made | None:
    """Answer a personal entry that stands among other fields, as the one of this name."""
    raw: Any = info._raw_info  # noqa: SLF001 (strawberry offers no public way to it)
    completion = Completion(Site.of(raw), info.context)
    answer = await Entry.of(info.context, completion, root_of(raw)).answer(name)
    return None if answer is None else Made(answer)


async def _objects(entry: Entry, ids: list[str], places: list[tuple[int, ...]]) -> list[Any]:
    """Give members' answers, objects of the catalogue, and None for what is not there."""
    things = [_thing(entry.context, id_) for id_ in ids]
    keys = sorted({each for each in things if isinstance(each, str)})
    made: dict[str, Made] = {}
    if keys:
        found = await entry.read(entry.bound(), by_keys, {"members": keys})
        made = {key: Made(each) for key, each in zip(found.keys, found.made(), strict=True)}
        for mark in found.marks:
            key = found.keys[int(mark.at[0])]
            there = (at for thing, at in zip(things, places, strict=True) if thing == key)
            entry.mark(mark.moved(at) for at in there)
    return [made.get(each) if isinstance(each, str) else each for each in things]


def _thing(context: Context, token: str) -> object | None:
    """Give an object of the catalogue (None: it is there no more), or a member's key."""
    try:
        kind, key = context.seal.open_node_id(catalogue.AUDIENCE, token)
    except (Unsealed, ValueError):
        return member_key(context, token)
    return catalogue.node(context, kind, key)
