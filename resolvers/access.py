"""What of a member's fields a caller sees: something, nothing, or that it is withheld, and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.condition_sql import parameters
from models.disclosure import RETURNED, Opened, Use
from models.opened_sql import read_openings
from models.presence import presence_of_rows
from models.provenance import OF_ACCOUNT
from models.tables import RELATIONS
from models.view import ACCOUNT, Layout, View
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from resolvers.context import Context
from resolvers.eyes import Eyes
from resolvers.replay import Replay
from resolvers.snapshot import Row
from resolvers.tally import Tally


class AccessState(StrEnum):
    """Of all that a member has in one field."""

    VISIBLE = "VISIBLE"
    ABSENT = "ABSENT"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """One field of one member as the caller sees it; the reason is that of WITHHELD."""

    field: str
    state: AccessState
    reason: str | None


def paths_asked(catalogue: Catalogue, given: Sequence[str] | None) -> tuple[str, ...]:
    """Give the fields asked about, each once; all of them for null. Raises BAD_USER_INPUT."""
    every = [path for path, field in catalogue.fields.items() if field.relation in RELATIONS]
    if given is None:
        return tuple(every)
    if unknown := [number for number, path in enumerate(given, 1) if path not in every]:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            f"Entry {unknown[0]} of `fields` is no personal field, such as `orders.items`: "
            "the query `{ myAccess { field } }` lists them.",
        )
    return tuple(dict.fromkeys(given))


Seen = Mapping[str, tuple[AccessState, frozenset[Opened]]]
"""Path → how it stands, and what opened something of it."""


@dataclass(frozen=True, slots=True)
class AccessReader:
    """Reads how fields stand for members that these eyes see, one statement per child relation."""

    context: Context
    eyes: Eyes
    tally: Tally
    replay_of: Callable[[str], Replay]

    async def read(
        self, paths: Sequence[str], members: Mapping[str, Row], layout: Layout
    ) -> Mapping[str, Mapping[str, FieldAccess]]:
        """Give, per member and path, what the caller is told.

        The members' own tuples must hold the account's fields among the paths.
        """
        seen: dict[str, dict[str, tuple[AccessState, frozenset[Opened]]]] = {
            member: {path: self._scalar(path, row, layout) for path in paths if _is_scalar(path)}
            for member, row in members.items()
        }
        for relation, its in _by_relation(paths).items():
            for member, found in (await self._rows(relation, its, list(members))).items():
                seen[member] |= found
        return {member: await self._told(member, paths, found) for member, found in seen.items()}

    def _scalar(self, path: str, row: Row, layout: Layout) -> tuple[AccessState, frozenset[Opened]]:
        why = layout.of(row, f"why {self.eyes.view.grants.access_class(path)}")
        if not isinstance(why, int):
            return AccessState.WITHHELD, frozenset()
        present = layout.of(row, path) is not None
        opened = frozenset({Opened(why, OF_ACCOUNT)})
        return AccessState.VISIBLE if present else AccessState.ABSENT, opened

    async def _rows(
        self, relation: str, paths: tuple[str, ...], members: list[str]
    ) -> Mapping[str, Seen]:
        view = self.eyes.view
        if not any(view.grant(path).alternatives for path in paths):
            shut = dict.fromkeys(paths, (AccessState.WITHHELD, frozenset[Opened]()))
            return dict.fromkeys(members, shut)
        known = presence_of_rows(view, relation, paths)
        layout = known.layout
        binds = parameters(self.context.asked_at, self.context.requester.subject)
        rows = await self.context.snapshot.fetch(known.main, binds | {"members": members})
        return {
            str(layout.of(row, "member_key")): {
                path: _summed_up(view, path, row, layout) for path in paths
            }
            for row in rows
        }

    async def _told(
        self, member: str, paths: Sequence[str], seen: Seen
    ) -> Mapping[str, FieldAccess]:
        shut = [path for path in paths if seen[path][0] is AccessState.WITHHELD]
        reasons = await self._reasons(member, shut)
        told = {}
        for path in paths:
            state, opened = seen[path]
            # Whether something is there is a use of the value, as a count of it would be: also
            # that no row is, which no provision opened.
            if state is AccessState.ABSENT and not opened:
                opened = frozenset({Opened(RETURNED)})
            self.tally.used(member, path, Use.COUNT, opened)
            told[path] = FieldAccess(path, state, reasons.get(path))
        return told

    async def _reasons(self, member: str, shut: Sequence[str]) -> Mapping[str, str]:
        view = self.eyes.view
        if not view.asker.shown_to_subject:
            return {path: view.reason(path) for path in shut}
        replay = self.replay_of(member)
        await replay.read(_relation_of(path) for path in shut)
        return {path: replay.field(path) for path in shut}


def _summed_up(
    view: View, path: str, row: Row, layout: Layout
) -> tuple[AccessState, frozenset[Opened]]:
    """Sum up the cells of a field: one that shows is enough, one that is withheld is no absence."""
    of_class = view.grants.access_class(path)
    text: Any = layout.of(row, f"why {of_class}")
    if layout.of(row, f"has {path}"):
        return AccessState.VISIBLE, read_openings(text)
    if not layout.of(row, f"could {of_class}") or layout.of(row, f"shut {of_class}"):
        return AccessState.WITHHELD, frozenset()
    return AccessState.ABSENT, read_openings(text)


def _by_relation(paths: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in paths:
        if not _is_scalar(path):
            found[_relation_of(path)] = (*found.get(_relation_of(path), ()), path)
    return found


def _is_scalar(path: str) -> bool:
    return _relation_of(path) == ACCOUNT


def _relation_of(path: str) -> str:
    return path.rpartition(".")[0]
