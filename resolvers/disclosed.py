"""An entry of the ledger as its reader is told it: names of items, and two languages of words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from models.disclosure import RETURNED, SELF_ACCESS, Count, Entry, Opened, Use
from models.history import Told
from policy.requester import GROUP_OFFICE, Role
from policy.vocabulary import Label
from resolvers import plain_words as words
from resolvers.context import Context
from resolvers.readership import Part, Readership
from resolvers.recorded import Recorded, RecordedCompany, RecordedProvision, Then

DISCLOSURE = "Disclosure"


class Basis(StrEnum):
    """On what it was shown."""

    PROVISION = "PROVISION"
    SELF_ACCESS = "SELF_ACCESS"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class DisclosedItem:
    """One item, how it was used, what opened it and whose it was."""

    field: str
    use: Use
    categories: Sequence[Label]
    basis: Basis
    provision: RecordedProvision | None
    acquired_by: RecordedCompany | None
    source: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class DisclosedCount:
    """A number that was told."""

    entry: str
    fields: Sequence[str]
    number: int | None


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One decision, as far as its reader may know it."""

    id: str
    at: datetime
    decision_id: str | None
    role: Role
    recipient: RecordedCompany | None
    via: RecordedCompany | None
    purpose: Recorded | None
    reference: str | None
    items: Sequence[DisclosedItem]
    counts: Sequence[DisclosedCount]
    member_id: str | None
    member_count: int | None
    withheld: int | None
    sentence: Label


def disclosed(context: Context, reader: Readership, told: Told, then: Then) -> Disclosed:
    """Give an entry that concerns the reader, as far as they may see it."""
    entry, part, seal = told.entry, reader.part(told.entry), context.seal
    asked_for = entry.on_behalf_of or entry.company
    known = None if asked_for in {None, GROUP_OFFICE} else asked_for
    one = reader.of if reader.of in part.members else None
    items = list(_items(part, then))
    return Disclosed(
        id=seal.node_id(reader.audience, DISCLOSURE, str(told.position)),
        at=entry.at,
        decision_id=entry.decision_id if part.whole else None,
        role=Role(entry.role),
        recipient=then.company(known) if known else None,
        via=then.company(entry.company) if entry.on_behalf_of and entry.company else None,
        purpose=then.purpose(entry.purpose) if entry.purpose else None,
        reference=entry.reference if part.whole else None,
        items=items,
        counts=[_count(reader, each) for each in part.counts],
        member_id=seal.node_id(reader.audience, "Member", one) if one else None,
        member_count=_number(reader, part),
        withheld=part.withheld,
        sentence=_sentence(reader, part, entry, items, then),
    )


def _items(part: Part, then: Then) -> Iterator[DisclosedItem]:
    """Give each item once, whichever of the members it was used of."""
    every = {
        (path, use, opened): None
        for uses in part.members.values()
        for (path, use), ways in uses.items()
        for opened in ways
    }
    for path, use, opened in sorted(every, key=_in_order):
        origin = opened.origin
        by_provision = opened.provision not in {SELF_ACCESS, RETURNED}
        yield DisclosedItem(
            field=path,
            use=use,
            categories=then.categories(path),
            basis=_BASES.get(opened.provision, Basis.PROVISION),
            provision=then.provision(opened.provision) if by_provision else None,
            acquired_by=then.company(origin.acquirer) if origin else None,
            source=origin.source if origin else None,
            channel=(origin.channel or None) if origin else None,
        )


_BASES: Mapping[int, Basis] = {SELF_ACCESS: Basis.SELF_ACCESS, RETURNED: Basis.RETURNED}


def _in_order(item: tuple[str, Use, Opened]) -> tuple[str, str, int, tuple[str, ...]]:
    path, use, opened = item
    return path, use, opened.provision, tuple(opened.origin or ())


def _count(reader: Readership, count: Count) -> DisclosedCount:
    return DisclosedCount(count.entry, count.fields, reader.shown_number(count.number))


def _sentence(
    reader: Readership, part: Part, entry: Entry, items: Sequence[DisclosedItem], then: Then
) -> Label:
    number = _number(reader, part)
    selected = [each for each in items if each.use is Use.SELECT]
    values = {each.field for each in selected if each.field in then.catalogue.fields}
    lists = {each.field: None for each in selected if each.field not in values}
    telling = words.Telling(
        when=words.at_instant(entry.at),
        who=_who(reader, entry, then),
        whose=words.whose(reader.role, number, at_least=reader.counts_alone),
        shown=words.names(then, sorted(values)),
        known=words.names(then, words.lists_alone(lists, values)),
        used=words.names(then, (each.field for each in items if each.use is not Use.SELECT)),
        purpose=then.purpose(entry.purpose).name if entry.purpose else None,
        grounds=list(
            dict.fromkeys(words.opened_by(each.provision) for each in items if each.provision)
        ),
        anybody=bool(items),
    )
    if not items and part.counts:
        counted = [words.NAMELESS.get(each.entry, words.A_NUMBER) for each in part.counts]
        return words.looked(replace(telling, whose=words.ITS_OWN, shown=counted))
    by_company = entry.role in {Role.SERVICE, Role.ANALYST}
    return words.received(telling) if by_company else words.looked(telling)


def _number(reader: Readership, part: Part) -> int | None:
    """Give of how many members it is, as the reader is told it."""
    number = len(part.members)
    return reader.shown_number(number) if reader.of is None else number


def _who(reader: Readership, entry: Entry, then: Then) -> Label:
    if entry.role == Role.MEMBER:
        return words.YOU if reader.role is Role.MEMBER else words.THE_MEMBER
    company = then.company(entry.company or GROUP_OFFICE).name
    if entry.role == Role.OFFICER:
        return words.officer_of(words.THE_GROUP if entry.company == GROUP_OFFICE else company)
    if entry.on_behalf_of:
        return words.acting_for(company, then.company(entry.on_behalf_of).name)
    return company
