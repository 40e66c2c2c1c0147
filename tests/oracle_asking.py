"""One operation before the oracle: whose it is, what it refuses, and all that it tells."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from policy.errors import ErrorCode
from policy.requester import Requester, Role
from policy.vocabulary import AUDIT, SUBJECT_REQUEST
from resolvers.seal import Seal, Unsealed
from tests.oracle_lists import (
    Given,
    Listing,
    Place,
    Refused,
    bare,
    check_filter,
    check_looks,
    size_of,
)
from tests.oracle_people import nobody
from tests.oracle_sight import EmptySight, Reader, Sight, Sights

T = TypeVar("T")
Path = tuple[str | int, ...]


class Cursor(str):
    """Stands in the oracle's answer where the server's has a sealed text."""

    __slots__ = ()


@dataclass
class Cursors:
    """What the server's cursors stand for, as far as it has handed them out."""

    places: dict[str, tuple[str, Place]] = field(default_factory=dict)
    """Sealed text → the list it is good for, and where it stands there."""
    texts: dict[str, str] = field(default_factory=dict)
    """The oracle's own text → the sealed one."""
    made: dict[str, tuple[str, Place]] = field(default_factory=dict)

    def make(self, listed: str, place: Place) -> str:
        own = f"{listed} at {place}"
        self.made[own] = listed, place
        return Cursor(own)

    def learn(self, own: str, text: str) -> None:
        """The server hands this out there: the same for the same place, and for no other one."""
        assert self.texts.setdefault(own, text) == text, own
        assert self.places.setdefault(text, self.made[own]) == self.made[own], own

    def open(self, listed: str, text: str | None) -> Place | None:
        """Raise Refused for what was not handed out for this list."""
        if text is None:
            return None
        for_what, place = self.places.get(text, ("", Place((), "")))
        if for_what != listed:
            raise Refused(ErrorCode.BAD_CURSOR)
        return place


@dataclass(frozen=True)
class Told:
    """One cell, or one whole list, that was shown or withheld; the same one is told once."""

    scope: Path
    owner: tuple[str, str]
    """(member, row); "" is a list as a whole."""
    path: str
    reason: str | None


@dataclass
class Asking:
    """One operation of one caller, answered from everybody's sights."""

    requester: Requester
    purpose: str | None
    now: datetime
    seal: Seal
    sights: Sights
    cursors: Cursors
    rehearsal: bool = False
    """Nobody is asked about: whatever is refused, is refused now."""
    refusals: set[str] = field(default_factory=set)
    told: set[Told] = field(default_factory=set)
    places: dict[tuple[str, str], list[Path]] = field(default_factory=dict)
    """(path, reason) → where in the answer it is withheld."""
    entered: bool = False
    met: Counter[str] = field(default_factory=Counter)
    """What it came across, beside what it told."""

    @property
    def reader(self) -> Reader | None:
        """Through whose eyes the roots read; None for a company that states no purpose."""
        asked, audience = self.requester, self.requester.audience
        match asked.role:
            case Role.MEMBER:
                return Reader(audience, SUBJECT_REQUEST, self.now, member=asked.subject)
            case Role.OFFICER:
                office = asked.company
                return Reader(audience, AUDIT, self.now, company=office, office=office)
            case _ if self.purpose is None:
                return None
            case _:
                parties = asked.company, asked.on_behalf_of
                return Reader(audience, self.purpose, self.now, *parties)

    def watched(self, company: str, purpose: str, on_behalf_of: str | None) -> Reader:
        """A company's eyes, while the member looks on."""
        audience = "\0".join((self.requester.audience, company, on_behalf_of or "", purpose))
        return Reader(audience, purpose, self.now, company, on_behalf_of, watched=True)

    def refuse(self, code: ErrorCode) -> None:
        self.refusals.add(str(code))

    def checked(self, check: Callable[[], T], otherwise: T) -> T:
        """What is given, unless that is refused; the rest is looked at all the same."""
        try:
            return check()
        except Refused as refused:
            self.refuse(refused.code)
            return otherwise

    def entry(self) -> Reader | None:
        """Begin a personal entry."""
        self.entered = True
        if self.reader is None:
            self.refuse(ErrorCode.PURPOSE_REQUIRED)
        return self.reader

    def sight(self, reader: Reader, key: str | None) -> Sight | None:
        if self.rehearsal:
            return EmptySight(reader, nobody())
        return None if key is None else self.sights.of(reader, key)

    def sights_of_all(self, reader: Reader) -> Sequence[Sight]:
        return [EmptySight(reader, nobody())] if self.rehearsal else self.sights.visible(reader)

    def member_key(self, token: str) -> str | None:
        """Whose id this is, for the caller."""
        try:
            kind, key = self.seal.open_node_id(self.requester.audience, token)
        except (Unsealed, ValueError):
            kind, key = "", ""
        if kind != "Member":
            self.refuse(ErrorCode.BAD_USER_INPUT)
            return None
        return key

    def listing(self, reader: Reader, relation: str, given: Given) -> Listing:
        """What a list was asked for."""
        where = given.get("filter") or {}
        order = [
            (bare(o["field"]), bare(o["direction"]) == "DESC") for o in given.get("orderBy") or ()
        ]
        name = repr((reader.audience, reader.purpose, relation, _said(where), order))
        listing = Listing(relation, where, order, name=name)

        def check() -> Listing:
            check_filter(reader, relation, given.get("filter"))
            check_looks(reader, order)
            size, backward = size_of(relation, given), given.get("last") is not None
            after, before = (self.cursors.open(name, given.get(end)) for end in ("after", "before"))
            return replace(listing, size=size, backward=backward, after=after, before=before)

        return self.checked(check, listing)

    def placed(self, listing: Listing) -> Listing:
        """The same; before nobody is asked about, nobody is left out."""
        return Listing(listing.relation, {}, name=listing.name) if self.rehearsal else listing

    def tell(self, at: Path, told: Told) -> None:
        """Put on record that a cell was shown, or where it is withheld and why."""
        self.told.add(told)
        if told.reason is not None:
            self.places.setdefault((told.path, told.reason), []).append(at)

    def disclosed(self) -> Counter[str]:
        return Counter(each.path for each in self.told if each.reason is None)

    def withheld(self) -> Counter[tuple[str, str]]:
        return Counter((each.path, each.reason) for each in self.told if each.reason is not None)


def _said(given: Any) -> Any:
    """An input, whatever the order in which it was written."""
    if isinstance(given, Mapping):
        return sorted((name, _said(each)) for name, each in given.items())
    return list(map(_said, given)) if isinstance(given, list) else bare(given)
