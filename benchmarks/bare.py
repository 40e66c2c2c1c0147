"""What somebody would write by hand: four Starlette routes, each with its statement and its shape.

`python -m benchmarks.bare`, in the settings' environment. The token is verified as the product
verifies it; the SQL is the product's text on the product's connections, one snapshot a request;
tuples become dicts as they are written down here, and orjson writes them. There is no GraphQL, no
plan, no record and no log.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import orjson
from orjson import Fragment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.listening import listen
from benchmarks.queries import BELOW, CHILDREN, COMPANY, FIELDS, PAGE, PURPOSE, SEARCHED, SELECTED
from benchmarks.statements import FROM, PREFECTURE, UNTIL, Statements, view_of
from models.condition_sql import parameters
from models.reader import Read
from models.view import Layout
from server.checkpoint import Checkpoint, open_checkpoint
from server.clock import new_id, now
from server.purposes import HEADER
from server.settings import read_settings

Row = Sequence[Any]
Asked = dict[str, Any]


class Bare:
    """The four answers."""

    def __init__(self, here: Checkpoint) -> None:
        view = view_of(here, COMPANY, PURPOSE, now())
        self.here = here
        self.statements = made = Statements.of(here, view, FIELDS[:SELECTED], CHILDREN)
        self.page_at, self.member_at, self.search_at = (
            _first(each.layout, FIELDS[0]) for each in (made.page, made.member, made.search)
        )
        self.key_at = made.page.layout.positions["member_key"]
        self.rows_at = made.member.layout.positions["rows 0"]
        self.order_at = _first(made.member.lists[0], f"orders.{CHILDREN[0]}")
        self.total_at = made.count.layout.positions["total"]

    async def page(self, asked: Asked, binds: Asked) -> Asked:
        binds |= {"after_key": asked["after"], "limit": PAGE + 1}
        rows = await self._rows(self.statements.page, binds)
        return self._page(rows, self.page_at, PAGE)

    async def member(self, asked: Asked, binds: Asked) -> Asked | None:
        binds |= {"member": asked["id"], "limit": BELOW + 1}
        rows = await self._rows(self.statements.member, binds)
        if not rows:
            return None
        orders = [_order(row, self.order_at) for row in (rows[0][self.rows_at] or ())[:BELOW]]
        return _member(rows[0], self.member_at) | {"orders": orders}

    async def search(self, asked: Asked, binds: Asked) -> Asked:
        binds |= _operands(asked) | {"limit": SEARCHED + 1}
        rows = await self._rows(self.statements.search, binds)
        return self._page(rows, self.search_at, SEARCHED)

    async def count(self, asked: Asked, binds: Asked) -> Asked:
        rows = await self._rows(self.statements.count, binds | _operands(asked) | {"limit": 0})
        return {"total": rows[0][self.total_at]}

    async def _rows(self, read: Read, binds: Asked) -> Sequence[Row]:
        return (await self.here.database.reader.alone(read, binds)).rows

    def _page(self, rows: Sequence[Row], at: int, size: int) -> Asked:
        shown, more = rows[:size], len(rows) > size
        nodes = [_member(row, at) for row in shown]
        return {"nodes": nodes, "more": more, "end": shown[-1][self.key_at] if shown else None}


def _member(row: Row, at: int) -> Asked:
    mail, name, kana, born, gender, postal, prefecture, city, phone, work, points, segments = row[
        at : at + SELECTED
    ]
    return {
        "loginEmail": mail,
        "fullName": name,
        "fullNameKana": kana,
        "birthDate": born,
        "gender": gender,
        "postalCode": postal,
        "prefecture": prefecture,
        "city": city,
        "phone": phone,
        "occupation": work,
        "pointBalance": points,
        "interestSegments": segments and Fragment(segments),
    }


def _order(row: Row, at: int) -> Asked:
    items, amount, status = row[at : at + len(CHILDREN)]
    return {"items": items and Fragment(items), "amount": amount, "status": status}


def _operands(asked: Asked) -> Asked:
    days = {name: date.fromisoformat(asked[name]) for name in (FROM, UNTIL)}
    return {PREFECTURE: asked[PREFECTURE], **days}


def _first(layout: Layout, name: str) -> int:
    """Where the values begin in a tuple; they come in the order in which they were asked for."""
    return layout.positions[name]


def _route(name: str) -> Route:
    async def respond(request: Request) -> Response:
        bare: Bare = request.app.state.bare
        headers, at = request.headers, now()
        requester = await bare.here.identity.requester(headers.getlist("authorization"))
        if requester.company != COMPANY or headers[HEADER] != PURPOSE:
            raise PermissionError
        answer: Callable[[Asked, Asked], Awaitable[Asked | None]] = getattr(bare, name)
        asked = orjson.loads(await request.body())
        said = await answer(asked, parameters(at, requester.subject))
        return Response(orjson.dumps(said), media_type="application/json")

    return Route(f"/{name}", respond, methods=["POST"])


def application() -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_checkpoint(read_settings(), now, new_id) as here:
            app.state.bare = Bare(here)
            yield

    routes = [_route(name) for name in ("page", "member", "search", "count")]
    return Starlette(lifespan=lifespan, routes=routes)


if __name__ == "__main__":
    listen("benchmarks.bare:application")
