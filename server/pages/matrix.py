"""`/matrix/`: of how many members each company could be shown what, for privacy officers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from server.pages.forms import signed_in
from server.pages.look import show
from server.pages.visit import Visit
from server.spreadsheet import MEDIA_TYPE, lines

GROUP_OFFICE = "*"
ALL = "*"
"""Stands in the file for all companies, or all categories, together."""
STEPS = 10
"""Of colour, for shares from 0 to 100 percent."""
COLUMNS = (
    *("purpose", "at", "company", "companyName", "onBehalfOf", "category", "categoryName"),
    *("availability", "membersAtLeast", "sharePercent", "suppressed"),
)
PURPOSES = """
query Purposes($company: ID) {
  purposes(company: $company) { key name { ja en } parent { key } owner { key } }
}
"""
MATRIX = """
query Matrix($purpose: ID!) {
  accessMatrix(purpose: $purpose) {
    purpose { key name { ja en } } at members { ...shown } total { ...shown }
    columns { category { key name { ja en } } total { ...shown } }
    rows {
      company { key name { ja en } } onBehalfOf { key name { ja en } } total { ...shown }
      cells {
        category { key name { ja en } } availability shown { ...shown }
        opensWith {
          provision { key version document { name { ja en } } } fields
          takes { item { name { ja en } } level condition }
        }
      }
    }
  }
}
fragment shown on AccessMatrixCount { members share suppressed }
"""

Found = Mapping[str, Any]
"""A part of an answer of the API."""


@signed_in("officer")
async def matrix(visit: Visit) -> Response:
    """Show the matrix of one purpose, and what opens the cell that was chosen."""
    purposes = await _purposes(visit)
    asked = visit.request.query_params
    purpose = asked.get("purpose") or next((each["key"] for each in purposes), None)
    found = None if purpose is None else await _matrix(visit, purpose)
    rows = [] if found is None else found["rows"]
    return show(
        visit,
        "matrix.html",
        here=visit.place,
        families=_families(purposes),
        own=[each for each in purposes if each["owner"]],
        found=found,
        reached=[row for row in rows if row["total"]],
        unreached=[row for row in rows if not row["total"]],
        chosen=_chosen(rows, asked.get("company"), asked.get("for"), asked.get("category")),
        steps=STEPS,
    )


@signed_in("officer")
async def figures(visit: Visit) -> Response:
    """Give the same numbers as a file, a line for each, and no others."""
    found = await _matrix(visit, visit.request.query_params.get("purpose", ""))
    label, at = visit.words.of, (found["purpose"]["key"], found["at"])
    told = [(*at, *(_text(part) for part in line)) for line in _lines(found, label)]
    headers = {
        "content-disposition": 'attachment; filename="access-matrix.csv"',
        "content-type": MEDIA_TYPE,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(lines([COLUMNS, *told]), headers=headers)


async def _purposes(visit: Visit) -> Sequence[Found]:
    """Give what the office can ask about: of one company, what a provision names it for."""
    company = visit.session.company
    given = {"company": None if company == GROUP_OFFICE else company}
    found: Sequence[Found] = (await visit.ask(PURPOSES, given))["purposes"]
    return found


async def _matrix(visit: Visit, purpose: str) -> Found:
    found: Found = (await visit.ask(MATRIX, {"purpose": purpose}))["accessMatrix"]
    return found


def _families(purposes: Sequence[Found]) -> Sequence[Sequence[Found]]:
    """Give each purpose with those under it, companies' own purposes aside."""
    keys = {each["key"] for each in purposes}
    above = {each["key"]: (each["parent"] or each)["key"] for each in purposes}
    shared = [each for each in purposes if not each["owner"]]
    heads = [each for each in shared if above[each["key"]] == each["key"]]
    orphans = [each for each in shared if above[each["key"]] not in keys]
    families = [
        [head, *(each for each in shared if each is not head and above[each["key"]] == head["key"])]
        for head in heads
    ]
    return [*families, *([each] for each in orphans)]


def _chosen(
    rows: Sequence[Found], company: str | None, controller: str | None, category: str | None
) -> tuple[Found, Found] | None:
    """Give the row and the cell that was asked about; None where none was."""
    for row in rows:
        of = (row["company"]["key"], (row["onBehalfOf"] or {}).get("key"))
        if of == (company, controller or None):
            for cell in row["cells"]:
                if cell["category"]["key"] == category:
                    return row, cell
    return None


def _lines(found: Found, label: Any) -> Iterator[tuple[object, ...]]:
    for row in found["rows"]:
        company, controller = row["company"], row["onBehalfOf"] or {}
        of = (company["key"], label(company["name"]), controller.get("key"))
        for cell in row["cells"]:
            category = cell["category"]
            which = (category["key"], label(category["name"]), cell["availability"])
            yield (*of, *which, *_numbers(cell["shown"]))
        yield (*of, ALL, None, None, *_numbers(row["total"]))
    for column in found["columns"]:
        category = column["category"]
        which = (category["key"], label(category["name"]), None)
        yield (ALL, None, None, *which, *_numbers(column["total"]))
    yield (ALL, None, None, ALL, None, None, *_numbers(found["total"]))


def _numbers(shown: Found | None) -> tuple[object, ...]:
    shown = shown or {}
    return shown.get("members"), shown.get("share"), shown.get("suppressed")


def _text(part: object) -> str:
    return "" if part is None else str(part).lower() if isinstance(part, bool) else str(part)
