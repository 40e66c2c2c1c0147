"""How far a purpose reaches: what could be open to whom for it, by category, and through what."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.census import Census
from models.view import EVERY_FIELD, Paths, View, ways_into
from models.ways import Way, least
from policy.catalogue import Catalogue, Category
from policy.documents import Provision
from policy.grant import Asker
from policy.naming import Party, parties_named
from policy.openings import Availability, Opening, availability, openings
from resolvers.availability import OpensWith, told
from resolvers.context import Context
from resolvers.kept import Kept


@dataclass(frozen=True, slots=True)
class Opener:
    """A provision that could open some fields of a category, and all that it takes for that."""

    provision: Provision | None
    fields: Sequence[str]
    takes: Sequence[OpensWith]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One category of data for one company: what could open something of it to the company."""

    openers: Sequence[Opener]
    ways: Sequence[Way]
    """The same as conjunctions of tests of a member."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The cells in which something could be open, by party and category; all others never are."""

    cells: Mapping[Party, Mapping[str, Cell]]
    census: Census
    """Counts the members for whom something is."""


_KEPT = Kept[Reach](64)
"""Those asked for last, each for the grants of one epoch."""


async def reach_of(context: Context, parties: Iterable[Party], purpose: str) -> Reach:
    """Give how far a purpose reaches for some of those who can ask."""
    catalogue, (epoch, _) = context.catalogue, context.grants.epoch(context.asked_at)
    named = frozenset(parties_named(catalogue, purpose, context.asked_at)).intersection(parties)
    key = (context.grants, epoch, purpose, named)
    if kept := _KEPT.get((*key, context.database.dialect)):
        return kept
    cells = {}
    for party in named:
        view = View(context.grants, Asker(*party), purpose, epoch)
        cells[party] = dict(_cells(context, view))
        await asyncio.sleep(0)  # so that others are answered meanwhile
    ways = (way for each in cells.values() for cell in each.values() for way in cell.ways)
    reach = Reach(cells, Census.of(catalogue, ways, context.database.dialect))
    return _KEPT.keep((*key, context.database.dialect), reach)


def _cells(context: Context, view: View) -> Iterable[tuple[str, Cell]]:
    for category in context.catalogue.categories.values():
        paths = fields_with(context.catalogue, category)
        reached = [path for path in view.classes(paths) if _reached(context, view, path)]
        if reached:
            openers = tuple(_openers(context, view, paths, reached))
            yield category.key, Cell(openers, least(ways_into(view, reached)))


def fields_with(catalogue: Catalogue, category: Category) -> Paths:
    """Give the fields of the category that are stored."""
    fields = catalogue.fields
    return tuple(path for path in EVERY_FIELD if category.key in fields[path].categories)


def _reached(context: Context, view: View, path: str) -> bool:
    grant = view.grant(path)
    return availability(context.catalogue, view.asker, grant) is not Availability.NEVER


def _openers(
    context: Context, view: View, paths: Paths, reached: Iterable[str]
) -> Iterable[Opener]:
    """Give each provision once for all the fields for which it takes the same."""
    fields: dict[tuple[Opening, ...], list[str]] = {}
    for path in reached:
        alike = [each for each in paths if view.grants.access_class(each) == path]
        of_each: dict[str, list[Opening]] = {}
        for opening in openings(context.catalogue, view.grant(path)):
            of_each.setdefault(opening.key, []).append(opening)
        for taken in of_each.values():
            fields.setdefault(tuple(taken), []).extend(alike)
    for one, opened in fields.items():
        takes = told(context, one)
        yield Opener(takes[0].provision, opened, [each for each in takes if each.condition])
