"""Lives under watch: every act is done on the database, and held against what it must bring about.

What is stored is held against a naive fold, what the next read opens against the decision.
"""

from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.acts import Done, Once
from models.catalogue_apply import Apply
from models.tables import PROJECTIONS
from policy.acts import first_objection
from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.notice import content_hash
from policy.vocabulary import Requirement
from tests import life_questions as asked
from tests.acting import DAY, START, about, by, done
from tests.life_questions import QUESTIONS, STORED, Opened
from tests.life_stage import Dump, Stage
from tests.publications import Editions, published
from tests.reference_consent import consent_of
from tests.reference_standing import case_of, rows_of

Kind = EventKind
Act = tuple[Event, ...]
Run = Callable[[Coroutine[Any, Any, Any]], Any]

MEMBERS = ("m1", "m2")
GIVING = (Kind.GRANTED, Kind.DEEMED)
ENDING = (Kind.WITHDRAWN, Kind.REFUSED, Kind.SUSPENDED, Kind.INVALIDATED)
IDLE = {Kind.PRESENTED, Kind.DEFERRED}
CLOSING = {Kind.UNLINKED, Kind.STOP_REQUESTED, Kind.OVERSEAS_WITHDRAWN}


@dataclass
class Kept:
    """An act that was done under a key."""

    member: str
    act: Act
    once: Once
    at: datetime


class Lives:
    """Two members, from START on, and whoever is made like one of them."""

    def __init__(self, stage: Stage, run: Run, seen: Counter[str]) -> None:
        super().__init__()
        self.stage, self.run, self.seen = stage, run, seen
        self.now = START
        self.active: Editions = (0, 0)
        self.coming: Editions | None = None
        self.apply: Apply | None = None
        self.past: dict[str, list[Event]] = {member: [] for member in MEMBERS}
        self.stored: Dump = {}
        self.kept: Kept | None = None
        self._opened: dict[tuple[str, Editions], tuple[object, Opened]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """By which servers act and answer."""
        return published(self.active)

    def about(self, kind: EventKind, item: str, **parts: Any) -> Act:
        return about(kind, self.now, item, self.catalogue, **parts)

    def until(self, term: timedelta | datetime) -> datetime:
        return self.now + term if isinstance(term, timedelta) else term

    def as_shown(self, kind: EventKind, item: str, *, named: bool) -> Mapping[str, Any]:
        """Evidence that names the very notice which would be shown now."""
        document = self.catalogue.documents[self.catalogue.items[item].document]
        version = document.version_at(self.now)
        if not named or version is None:
            return {}
        shown = content_hash(self.catalogue, document.key, version.key, "ja", self.now)
        return {"evidence": by(kind, language="ja", content_hash=shown)}

    def present(self, member: str, items: Sequence[str], *, named: bool) -> None:
        kind = Kind.PRESENTED
        shown = [self.about(kind, i, **self.as_shown(kind, i, named=named)) for i in items]
        self.do(member, tuple(event for act in shown for event in act))

    def beginning(self, given: Sequence[str], *, account: bool) -> Act:
        """A history of somebody who was asked long before START, and gave this."""
        then = START - DAY
        links = [done(Kind.LINKED, then, company="card"), done(Kind.USED, then, company="ssi")]
        kinds = (Kind.PRESENTED, Kind.GRANTED)
        consents = [e for i in given for k in kinds for e in about(k, then, i, self.catalogue)]
        wished = done(Kind.ADS_PREFERENCE, then, wanted=True)
        return (done(Kind.ACCOUNT_OPENED, then) if account else wished, *links, *consents)

    def lived(self, member: str, events: Sequence[Event]) -> None:
        """Let all of this have happened to somebody of whom nothing is known."""
        self.run(self.stage.copy(self.catalogue, member, events, self.now))
        self.past[member] = [*events]
        self.stored = self.run(self.stage.dump())
        self.seen["sequences"] += 1

    def do(self, member: str, act: Act, once: Once | None = None) -> Done:
        """Do it on the database: all of it, or nothing at all."""
        past = self.past[member]
        then = self.opened(member)
        before = asked.consents_of(self.catalogue, past)
        foretold = first_objection(self.catalogue, past, act)
        came: Done = self.run(self.stage.act(self.catalogue, member, act, self.now, once))
        stored = self.run(self.stage.dump())
        assert came.objection == foretold
        assert came.before is None
        if foretold is not None:
            assert came.events == ()
            assert stored == self.stored, "a refused act leaves nothing"
            self.seen["refused"] += 1
            self.seen[f"refused {foretold[0]}"] += 1
            return came
        assert came.events == act
        past.extend(act)
        self.hear_of_versions([member])
        assert _but(stored, member) == _but(self.stored, member), "it is nobody else's act"
        self.stored = stored
        self.seen["allowed"] += 1
        self.seen[f"allowed {act[-1].kind}"] += 1
        if member in MEMBERS:
            self.judge(member, act, before, then)
        return came

    def judge(self, member: str, act: Act, before: Mapping[str, str], then: Opened) -> None:
        """Hold what it opened and closed against what kind of act it was."""
        now, kinds = self.opened(member), {event.kind for event in act}
        if kinds <= IDLE:
            assert now == then
            return
        self.next_read(member)
        if kinds <= set(ENDING):
            ended = {event.item for event in act}
            assert now.keys() <= then.keys()
            rest = {i for key in now.values() for i in asked.items_of_row(self.catalogue, key)}
            assert not ended & rest, "it takes effect at once"
            self.seen["took back what was open"] += now.keys() < then.keys()
        elif kinds & set(GIVING):
            if all(before.get(e.item or "") == e.version for e in act if e.kind in GIVING):
                assert then.keys() <= now.keys(), "a grant closes nothing at its version"
                self.seen["given again"] += bool(then)
            elif not any(event.item in before for event in act):
                assert then.keys() <= now.keys(), "a grant closes nothing of other items"
            newly = now.keys() - then.keys()
            self.seen["gave what was closed"] += bool(newly)
            self.seen["opened the new scope"] += any(QUESTIONS[n].of_version for n in newly)
        else:
            self.judge_company_or_account(act[-1], then, now)

    def judge_company_or_account(self, event: Event, then: Opened, now: Opened) -> None:
        if event.kind is Kind.ACCOUNT_CLOSED:
            assert set(now.values()) <= {"A-RET", "B-RET"}
        elif event.kind in CLOSING or event.wanted is False:
            assert now.keys() <= then.keys()
        else:
            assert then.keys() <= now.keys()
        self.seen[f"closed by {event.kind}"] += bool(then.keys() - now.keys())
        for number, key in now.items():
            if QUESTIONS[number].company == event.company:
                assert event.kind is not Kind.STOP_REQUESTED or event.categories
                needs = asked.requirements(self.catalogue, key)
                assert event.kind is not Kind.UNLINKED or not needs & LINKS

    def next_read(self, member: str) -> None:
        """The database opens what is decided; between two versions, no more than both decide."""
        numbers = self.run(self.stage.seen(self.active, self.coming, self.now, [member]))[member]
        keys = {n: self.catalogue.provision_keys[by] for n, by in numbers.items()}
        decided = {n: key for n, key in self.opened(member).items() if n in STORED}
        self.seen["cells read"] += len(STORED)
        self.seen["cells open"] += len(keys)
        if self.coming is None:
            assert keys == decided
        else:
            by_both = decided.keys() & self.opened(member, self.coming).keys()
            assert keys.keys() <= by_both
            self.seen["cells open between two versions"] += len(keys)

    def opened(self, member: str, editions: Editions | None = None) -> Opened:
        """What is decided of the member now."""
        active = editions or self.active
        state = (self.now, len(self.past[member]))
        kept = self._opened.get((member, active))
        if kept is None or kept[0] != state:
            found = asked.opened(published(active), self.past[member], self.now)
            kept = self._opened[member, active] = (state, found)
        return kept[1]

    def only_what_ended_closed(self, then: Mapping[str, Opened]) -> None:
        """Time and publications open nothing; what they close has ended, or was left out."""
        for member, before in then.items():
            self.next_read(member)
            now, past = self.opened(member), self.past[member]
            assert now.keys() <= before.keys(), "a new version opens nothing by itself"
            for number in before.keys() - now.keys():
                left_out = not asked.in_force(self.catalogue, number, before[number], self.now)
                assert left_out or self.over(past, before[number])
                self.seen["left out by a new version" if left_out else "expired"] += 1
            old = asked.superseded(self.catalogue, past, self.now)
            rest = [asked.items_of_row(self.catalogue, key) & old for key in now.values()]
            self.seen["the old scope stays open"] += any(rest)
            self.seen["the new scope stays closed"] += any(
                number not in now and asked.awaited(self.catalogue, number, self.now) & old
                for number in range(len(QUESTIONS))
            )

    def hear_of_versions(self, by_now: Collection[str]) -> None:
        """Whose consent an editorial version carries over is told of it, once; nobody else.

        `by_now` have to have been told of all that the active catalogue knows.
        """
        log = self.run(self.stage.log(list(self.past)))
        for member, past in self.past.items():
            told = log[member][len(past) :]
            assert all(event.kind is Kind.NOTIFIED for event in told)
            past.extend(told)
            versions = Counter(
                (e.item, e.version) for e in past if e.kind is Kind.NOTIFIED and e.item
            )
            assert set(versions.values()) <= {1}
            assert member not in by_now or self.carried_over(past) <= versions.keys()
            self.seen["told of an editorial version"] += len(told)

    def carried_over(self, past: Sequence[Event]) -> set[tuple[str, str]]:
        """Editorial versions that came after what stands, with no material one between."""
        if any(event.kind is Kind.ACCOUNT_CLOSED for event in past):
            return set()
        found = set[tuple[str, str]]()
        for item, consented in asked.consents_of(self.catalogue, past).items():
            versions = self.catalogue.documents[self.catalogue.items[item].document].versions
            for version in reversed(versions):
                if version.key == consented:
                    break
                if version.material:
                    found -= {each for each in found if each[0] == item}
                else:
                    found.add((item, version.key))
        return found

    def over(self, past: Sequence[Event], key: str) -> bool:
        case = case_of(self.catalogue, past)
        standing = [consent_of(case, i) for i in asked.items_of_row(self.catalogue, key)]
        return any(each.valid_until <= self.now for each in standing)

    def standing_of(self, member: str) -> Mapping[str, object]:
        """All that is stored of how somebody stands, but for the events' own numbers."""
        mine = {table.name: _of(self.stored[table.name], member) for table in PROJECTIONS}
        return {**mine, "standing": {row[:-1] for row in mine["standing"]}}

    def what_is_stored_is_what_the_events_say(self) -> None:
        events, outbox = self.stored["event"], self.stored["outbox"]
        for member, past in self.past.items():
            seqs = [row[0] for row in events if row[1] == member]
            assert len(seqs) == len(past)
            told = [tuple(row[2:-1]) for row in outbox if row[3] == member]
            assert told == [
                (seq, member, e.kind.value, e.item or "", e.company or "", e.at)
                for seq, e in zip(seqs, past, strict=True)
            ]
            mine = {table.name: _of(self.stored[table.name], member) for table in PROJECTIONS}
            by = [self.active] if self.coming is None else [self.active, self.coming]
            last = seqs[-1] if seqs else None
            assert mine in [rows_of(published(each), past, last) for each in by]

    def what_is_open_was_consented_to(self) -> None:
        """In the version consented to, which the version in force still holds."""
        for member in MEMBERS:
            for number, key in self.opened(member).items():
                assert asked.consented_to(self.catalogue, self.past[member], number, key)
                assert asked.in_force(self.catalogue, number, key, self.now)


LINKS = {Requirement.LINKED, Requirement.USED}


def _of(rows: Sequence[tuple[Any, ...]], member: str) -> set[tuple[Any, ...]]:
    """Somebody's rows of a projection, without the key they begin with."""
    return {row[1:] for row in rows if row[0] == member}


def _but(dump: Dump, member: str) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """All that is about others; keys of idempotency are nobody's."""
    about = ((name, rows) for name, rows in dump.items() if name != "idempotency")
    return {name: [row for row in rows if member not in row] for name, rows in about}
