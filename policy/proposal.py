"""A proposed event before the rules of acts, and what a rule is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from policy.catalogue import Catalogue
from policy.consent import ItemFold
from policy.documents import Document
from policy.events import Event, EventKind
from policy.facts import MemberFacts
from policy.notice import Notice, notice
from policy.objections import Objection
from policy.standing import fold, fold_of


@dataclass(frozen=True, eq=False)
class Proposal:
    """An event that somebody would have happen now, after all that happened before."""

    catalogue: Catalogue
    past: Sequence[Event]
    """In order of time; at the same time, in order of recording."""
    event: Event

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def document(self) -> Document:
        return self.catalogue.documents[self.catalogue.items[self.event.item or ""].document]

    @cached_property
    def item(self) -> ItemFold:
        """The item, as its events so far leave it."""
        return fold_of(self.catalogue.items[self.event.item or ""], self.past, self.catalogue)

    @cached_property
    def facts(self) -> MemberFacts:
        return fold(
            self.past, max((event.at for event in self.past), default=self.at), self.catalogue
        )

    @property
    def role(self) -> str | None:
        """What the actor acts as; None where nothing says who acts."""
        return self.event.evidence.role if self.event.evidence else None

    def last_shown(self, item: str | None) -> Event | None:
        """The latest presentation of this item."""
        shown = (e for e in reversed(self.past) if e.kind is EventKind.PRESENTED and e.item == item)
        return next(shown, None)

    def still_shown(self, shown: Event) -> Notice | None:
        """What was presented, if the act names that very content and it would be shown now too."""
        item = self.catalogue.items.get(shown.item or "")
        said, named = shown.evidence, self.event.evidence
        if item is None or said is None or named is None or said.language is None:
            return None
        version = shown.version or ""
        if version not in item.version_bits:
            return None
        now = notice(self.catalogue, item.document, version, said.language, self.at)
        return now if named.content_hash == said.content_hash == now.hash else None


Check = Callable[[Proposal], Objection | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, and the codes it can answer."""

    check: Check
    codes: frozenset[Objection]


def rule(*codes: Objection) -> Callable[[Check], Rule]:
    """Make a rule of a function that answers one of these codes, or None."""
    return lambda check: Rule(check, frozenset(codes))
