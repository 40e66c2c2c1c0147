"""The life of one consent item: how events move it on (domain.md 3.1, 3.7-3)."""

from dataclasses import dataclass, field, replace

from policy.documents import Document, Item
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ItemStanding
from policy.objections import Objection
from policy.vocabulary import ConsentLevel, ConsentMode, ConsentState

_UNDECIDED = frozenset({ConsentState.NONE, ConsentState.PRESENTED, ConsentState.DEFERRED})
_ENDINGS = {
    EventKind.REFUSED: ConsentState.REFUSED,
    EventKind.WITHDRAWN: ConsentState.WITHDRAWN,
    EventKind.INVALIDATED: ConsentState.INVALIDATED,
}
_NOTICES = {
    EventKind.PRESENTED: ConsentState.PRESENTED,
    EventKind.DEFERRED: ConsentState.DEFERRED,
}


@dataclass(slots=True)
class ItemFold:
    """One item's standing while its events are applied in order."""

    item: Item
    document: Document
    standing: ItemStanding = ItemStanding()
    shown: set[str] = field(default_factory=set)
    """Versions presented since the last refusal, withdrawal, suspension or invalidation."""
    before_suspension: ItemStanding = ItemStanding()

    def apply(self, event: Event, *, account_open: bool) -> None:
        """Move on by one event. What the rules do not let count changes nothing."""
        match event.kind:
            case EventKind.PRESENTED | EventKind.DEFERRED:
                self._notice(event)
            case EventKind.DEEMED | EventKind.GRANTED:
                if self.against(event, account_open=account_open) is None:
                    self._consent(event)
            case EventKind.REFUSED | EventKind.WITHDRAWN | EventKind.INVALIDATED:
                self.standing = ItemStanding(_ENDINGS[event.kind])
                self.shown.clear()
            case EventKind.SUSPENDED:
                self._suspend()
            case EventKind.REINSTATED if self.standing.state is ConsentState.SUSPENDED:
                self.standing = self.before_suspension
            case _:
                pass

    def _notice(self, event: Event) -> None:
        if event.kind is EventKind.PRESENTED and event.version is not None:
            self.shown.add(event.version)
        if self.standing.state in _UNDECIDED:
            self.standing = ItemStanding(_NOTICES[event.kind])

    def _suspend(self) -> None:
        self.shown.clear()
        if self.standing.state is not ConsentState.SUSPENDED:
            self.before_suspension = self.standing
            self.standing = replace(self.standing, state=ConsentState.SUSPENDED)

    def against(self, event: Event, *, account_open: bool) -> Objection | None:
        """Give why this deemed or given consent does not count now; None if it does."""
        if event.version not in self.shown:
            return Objection.NOT_PRESENTED
        if self.document.requires_account_session:
            if event.acr != RAKUTEN_ID:
                return Objection.SESSION_TOO_WEAK
            if not account_open:
                return Objection.NO_ACCOUNT
        if self.document.consent is ConsentMode.NOTICE:
            return Objection.NOT_ASKED
        if event.kind is EventKind.GRANTED or self._may_be_deemed(event):
            return None
        return Objection.NOT_DEEMABLE

    def _may_be_deemed(self, event: Event) -> bool:
        granted = self.standing.state is ConsentState.GRANTED
        return (
            self.document.consent is ConsentMode.DEEMED
            and self.standing.state is not ConsentState.SUSPENDED
            and not (granted and self.standing.valid_until > event.at)
        )

    def _consent(self, event: Event) -> None:
        granted = event.kind is EventKind.GRANTED
        explicit = ConsentLevel.EXPLICIT_SENSITIVE if self.item.sensitive else ConsentLevel.EXPLICIT
        self.standing = ItemStanding(
            state=ConsentState.GRANTED if granted else ConsentState.DEEMED,
            version=event.version,
            level=explicit if granted else ConsentLevel.DEEMED,
            reaches=event.reaches,
            consented_at=event.at,
            valid_until=event.valid_until,
        )
