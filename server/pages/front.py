"""`/`: where to go from here, for people with a browser; for programs, in plain text."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.pages.forms import page
from server.pages.look import show
from server.pages.visit import Visit

GREETING = """Sekisho: personal data, by purpose and consent.

/graphql         GraphQL, with Authorization: Bearer <JWT> and Sekisho-Purpose; WebSocket, too
/schema.graphql  its schema
/workbench/      a workbench for queries
/privacy/        the privacy centre of the signed-in member
/matrix/         who can see what, in numbers, for privacy officers
/records/        provision.csv, provision.json, receipt.csv, receipt.json: a caller's records
/healthz         alive
/readyz          ready
"""


async def front(request: Request) -> Response:
    """Greet whoever comes, in the form that they ask for."""
    if "text/html" in request.headers.get("accept", ""):
        return await _front(request)
    return PlainTextResponse(GREETING)


@page
async def _front(visit: Visit) -> Response:
    return show(visit, "front.html")
