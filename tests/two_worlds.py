"""Two worlds that one caller cannot tell apart, by the decision, and that differ all they can."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.columns import path_of
from policy.events import Event, EventKind
from tests.dice import Dice
from tests.lives import FREE, SLOTS, WRITTEN, Drawing, Life, Row
from tests.populations import draw_past
from tests.real import CATALOGUE, STORED
from tests.sights import Caller, Eyes, Sight

DRAWN = 320
AT_MOST = 7
"""Members whose account a caller sees, as many whom it sees by rows alone, twice as many others."""

Lives = Mapping[str, Life]


@dataclass(frozen=True)
class Pair:
    """World A, world B, and where they differ."""

    caller: Caller
    now: datetime
    a: Lives
    b: Lives
    differences: Counter[str]
    withheld: frozenset[str]
    """Paths of which a withheld value of a member whom the caller sees differs."""
    redacted: frozenset[str]
    """Those of them with such a value in a row that is open."""
    sights: Mapping[str, Sight]
    """What the caller sees of each member it sees, in both."""
    changed: Sequence[str]
    """Members with an account in both worlds whose own data differ."""

    @property
    def visible(self) -> Sequence[str]:
        return list(self.sights)


@dataclass
class Varying:
    """Changes what the caller cannot see; every change is judged by itself, and kept or undone."""

    eyes: Eyes
    drawing: Drawing
    differences: Counter[str] = field(default_factory=Counter)
    withheld: set[str] = field(default_factory=set)
    redacted: set[str] = field(default_factory=set)

    @property
    def dice(self) -> Dice:
        return self.drawing.dice

    def vary(self, lives: Lives) -> Pair:
        """Give the lives with a second world beside them."""
        other: dict[str, Life] = {}
        for key, life in lives.items():
            if varied := self._varied(life):
                other[key] = varied
        for _ in range(self.dice.below(9)):
            key = draw_key(self.dice)
            stranger = None if key in {*lives, *other} else self._hidden(key)
            if stranger:
                other[key] = stranger
                self.differences["hidden member added"] += 1
        seen = {key: self.eyes.sees(life) for key, life in lives.items()}
        return Pair(
            caller=self.eyes.caller,
            now=self.eyes.now,
            a=lives,
            b=other,
            differences=self.differences,
            withheld=frozenset(self.withheld),
            redacted=frozenset(self.redacted),
            sights={key: sight for key, sight in seen.items() if sight},
            changed=[key for key, life in lives.items() if key in other and other[key] != life],
        )

    def _varied(self, life: Life) -> Life | None:
        if self.eyes.sees(life) is not None:
            return self._beside_the_open(life)
        fate = self.dice.below(8)
        if fate == 0:
            self.differences["hidden member removed"] += 1
            return None
        return (self._hidden(life.key) if fate > 2 else None) or self._beside_the_open(life)

    def _hidden(self, key: str) -> Life | None:
        """Somebody of this key whom the caller does not see."""
        for _ in range(4):
            life = self.drawing.life(key)
            if self.eyes.sees(life) is None:
                self.differences["hidden member"] += 1
                return life
        return None

    def _beside_the_open(self, life: Life) -> Life:
        """The life with everything else changed, as far as the decision does not notice."""
        for row in life.rows:
            life = self._cells(life, row)
        for row in life.rows:
            if row.relation and not self.eyes.open_cells(life, row) and self.dice.mostly(1):
                life = self._kept(life, "row removed", life.without(row))
            elif self.dice.mostly(1):
                anew = self.drawing.row(life.key, row.relation, row.key)
                changed = replace(row, stored=anew.stored)
                life = self._kept(life, "origin", life.with_row(changed))
        for relation in WRITTEN:
            taken = {row.key for row in life.rows}
            free = [key for key in keys_of(life.key, relation) if key not in taken]
            for key in self.dice.some(free, most=self.dice.pick(0, 0, 1, 2), least=0):
                row = self.drawing.row(life.key, relation, key)
                life = self._kept(life, "row added", life.with_row(row))
        for events in self._histories(life):
            life = self._kept(life, "history", replace(life, events=events))
        return life

    def _cells(self, life: Life, row: Row) -> Life:
        """Every withheld value of the row anew, but for those that the rule reads."""
        cells, held = dict(row.cells), self.eyes.open_cells(life, row)
        for column in FREE[row.relation]:
            path = path_of(column) or ""
            if path not in held and self.dice.mostly(3):
                value = self.drawing.cell(column)
                if value != cells[column.name]:
                    cells[column.name] = value
                    self.differences["cell"] += 1
                    self._note(life, row, path)
        return life.with_row(replace(row, cells=tuple(cells.items())))

    def _note(self, life: Life, row: Row, path: str) -> None:
        if self.eyes.sees(life):
            self.withheld.add(path)
            if not row.relation or self.eyes.open_cells(life, row):
                self.redacted.add(path)

    def _histories(self, life: Life) -> Iterator[tuple[Event, ...]]:
        """The history without one event, with one more, with another one."""
        past = draw_past(self.dice, CATALOGUE, life.key, self.eyes.now)
        others = [event for event in past if event.kind is not EventKind.ACCOUNT_CLOSED]
        for number in self.dice.some(range(len(life.events)), most=2, least=0):
            yield (*life.events[:number], *life.events[number + 1 :])
        for event in self.dice.some(others, most=3, least=0):
            yield (*life.events, event)

    def _kept(self, life: Life, what: str, changed: Life) -> Life:
        if self.eyes.sees(changed) != self.eyes.sees(life):
            return life
        self.differences[what] += 1
        return changed


def draw_key(dice: Dice) -> str:
    return f"m{dice.below(200) + 200 * dice.below(2):03}"


def keys_of(member: str, relation: str) -> Sequence[str]:
    return [f"{relation}-{member}-{slot}" for slot in range(SLOTS)]


def draw_lives(drawing: Drawing, eyes: Eyes, drawn: int = DRAWN) -> Lives:
    """Members of whom the caller sees much, little and nothing, in no order of their keys."""
    kinds: dict[str, dict[str, Life]] = {"account": {}, "rows": {}, "nothing": {}}
    keys = [eyes.caller.member] * drawn if eyes.caller.member else []
    for key in (*keys, *(draw_key(drawing.dice) for _ in range(drawn))):
        if any(key in lives for lives in kinds.values()):
            continue
        life = drawing.life(key)
        sight = eyes.sees(life)
        kind = "nothing" if sight is None else "account" if sight.cells else "rows"
        if len(kinds[kind]) < AT_MOST * (2 if kind == "nothing" else 1):
            kinds[kind][key] = life
    return {key: life for lives in kinds.values() for key, life in lives.items()}


def draw_one(drawing: Drawing, caller: Caller, drawn: int) -> Pair:
    """One world for this caller, as a pair of which nobody asks how the other one differs."""
    eyes, every = Eyes(caller, drawing.now), frozenset(STORED)
    lives = draw_lives(drawing, eyes, drawn)
    seen = {key: sight for key, life in lives.items() if (sight := eyes.sees(life))}
    return Pair(caller, drawing.now, lives, {}, Counter(), every, every, seen, ())


def draw_pair(drawing: Drawing, caller: Caller) -> Pair:
    """Two worlds for this caller."""
    eyes = Eyes(caller, drawing.now)
    pair = Varying(eyes, drawing).vary(draw_lives(drawing, eyes))
    for key in {**pair.a, **pair.b}:
        assert eyes.sees(pair.a.get(key)) == eyes.sees(pair.b.get(key)), key
    return pair
