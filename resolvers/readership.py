"""Who reads histories and records, and which of them are theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.disclosure import (
    RETURNED,
    Count,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Opened,
    Use,
)
from models.history import Side
from policy.requester import GROUP_OFFICE, Role
from policy.shown_numbers import in_tens
from policy.vocabulary import CompanyKind
from resolvers.consents import tally_about
from resolvers.context import Context
from resolvers.subject import member_key, not_an_id

Uses = Mapping[Item, frozenset[Opened]]


@dataclass(frozen=True, slots=True)
class Part:
    """What of an entry its reader is shown."""

    members: Mapping[str, Uses]
    counts: Sequence[Count] = ()
    withheld: int | None = None
    """How many cells that were asked for were withheld; None where that is not the reader's."""
    whole: bool = False
    """Whether it is all of the entry: its reader, or the reader's office, asked."""

    def holds(self, fields: frozenset[str] | None) -> bool:
        """Whether it shows anything, and one of these fields where they are asked for."""
        if self.whole and fields is None:
            return True
        used = {path for uses in self.members.values() for path, _ in uses}
        used.update(path for count in self.counts for path in count.fields)
        return bool(used if fields is None else used & fields)


@dataclass(frozen=True, slots=True)
class Readership:
    """A member, a company, a processor for one controller, an office. The group's has no company.

    `of` is the one member whose history is asked for, among those that are the reader's.
    """

    role: Role
    audience: str
    company: str | None
    """Whose: of a processor, its controller."""
    processor: str | None
    held: frozenset[str]
    """Whose values the company holds by now: its own, and those of its predecessors."""
    of: str | None
    apart: bool
    """A processor, whose mandates are kept apart from one another."""

    @property
    def counts_alone(self) -> bool:
        """Whether members are counted to the reader, and not named."""
        return self.role is Role.OFFICER and self.of is None

    @property
    def sides(self) -> Sequence[tuple[Side, str]] | None:
        """Which entries concern the reader; None is all of them."""
        if self.role is Role.MEMBER:
            return [(Side.MEMBER, self.of or "")]
        if self.company is None:
            return None
        asked = (Side.RECIPIENT, self.processor or self.company)
        return [asked, *((Side.PROVIDER, each) for each in sorted(self.held))]

    @property
    def mandate(self) -> tuple[str, str | None] | None:
        """Of a processor: the one under which it asks."""
        if not self.apart or self.company is None:
            return None
        return (self.processor, self.company) if self.processor else (self.company, None)

    def part(self, entry: Entry) -> Part:
        """Give what the reader may see of an entry that concerns them."""
        if self.role is not Role.MEMBER and self._asked(entry):
            return self._whole(entry)
        members = _members(entry, self.of)
        if self.role is not Role.MEMBER:
            return Part(_provided_by(self.held, members))
        withheld = sum(sum(each.withheld.values()) for each in _told(entry, self.of))
        return Part(members, withheld=withheld)

    def shown_number(self, number: int) -> int | None:
        """Give a number of members or rows as this reader is told it: to officers in tens."""
        if self.role is not Role.OFFICER:
            return number
        return in_tens(number)

    def _asked(self, entry: Entry) -> bool:
        return self.company is None or self.company in {entry.company, entry.on_behalf_of}

    def _whole(self, entry: Entry) -> Part:
        members = _members(entry, self.of)
        if self.of is not None:
            return Part(members, whole=True)
        parts = entry.disclosures
        counts = [count for part in parts for count in part.counts]
        withheld = sum(number for part in parts for number in part.withheld.values())
        known = None if self.role is Role.OFFICER else withheld
        return Part(members, counts, known, whole=True)


async def readership(context: Context, name: str, member_id: str | None) -> Readership:
    """Give who reads `name`. A member, named by an officer or themself, is read about on record.

    Raises BAD_USER_INPUT for what is no id of a member that this reader was given.
    """
    requester, catalogue = context.requester, context.catalogue
    of = None if member_id is None else member_key(context, member_id)
    if requester.role is Role.MEMBER:
        if of not in {None, requester.subject}:
            raise not_an_id()
        of = requester.subject
    office = requester.role is Role.OFFICER
    company = requester.on_behalf_of or requester.company
    if company == GROUP_OFFICE:
        company = None
    if of is not None and (office or requester.role is Role.MEMBER):
        await _put_on_record(context, name, of)
    known = catalogue.companies.get(requester.company or "")
    return Readership(
        role=requester.role,
        audience=requester.audience,
        company=company,
        processor=requester.company if requester.on_behalf_of else None,
        held=_held(context, company) if not requester.on_behalf_of else frozenset(),
        of=of,
        apart=not office and known is not None and known.kind is CompanyKind.PROCESSOR,
    )


async def _put_on_record(context: Context, name: str, member: str) -> None:
    """A history is read about a member also when nothing else is kept of them any more."""
    tally = await tally_about(context, member)
    if tally is None:
        looked_at = {(path, Use.SELECT): frozenset({Opened(RETURNED)}) for path in ("", name)}
        context.disclosures.append(Disclosure({member: MemberDisclosure.of(0, looked_at)}))
        return
    tally.returned(member, name, Use.SELECT)
    context.disclosures.append(tally.disclosure())


def listed(context: Context, reader: Readership, name: str, number: int) -> None:
    """Put on record how much of a history or of records was told; of one member, that was."""
    if reader.of is None or reader.role not in {Role.MEMBER, Role.OFFICER}:
        context.disclosures.append(Disclosure(counts=(Count(name, (), number),)))


def _held(context: Context, company: str | None) -> frozenset[str]:
    catalogue, at = context.catalogue, context.asked_at
    before = {each for each in catalogue.companies if catalogue.custodian(each, at) == company}
    return frozenset(before | {company} if company else ())


def _told(entry: Entry, of: str | None) -> Sequence[MemberDisclosure]:
    return [part.members[of] for part in entry.disclosures if of is not None and of in part.members]


def _members(entry: Entry, of: str | None) -> Mapping[str, Uses]:
    """Give what was used of each member, all roots of the operation together."""
    found: dict[str, dict[Item, frozenset[Opened]]] = {}
    for part in entry.disclosures:
        for member, told in part.members.items():
            if of in {None, member}:
                uses = found.setdefault(member, {})
                for item, opened in told.items.items():
                    uses[item] = uses.get(item, frozenset()) | opened
    return found


def _provided_by(held: frozenset[str], members: Mapping[str, Uses]) -> Mapping[str, Uses]:
    """Give what was acquired by one of these companies: nothing else is theirs."""
    found = {
        member: {
            item: own
            for item, opened in uses.items()
            if (own := frozenset(o for o in opened if o.origin and o.origin.acquirer in held))
        }
        for member, uses in members.items()
    }
    return {member: uses for member, uses in found.items() if uses}
