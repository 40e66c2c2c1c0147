"""Pages ask as every client does: through the door of this very application, on record."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from server.session import Session

if TYPE_CHECKING:
    import httpx

UNAUTHENTICATED = "UNAUTHENTICATED"


class Refusal(Exception):
    """The question was refused: the error's code, its sentence, its correlation id."""

    def __init__(self, status: int, code: str, message: str, correlation_id: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.correlation_id = correlation_id


async def ask(
    app: Starlette, session: Session, document: str, variables: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """Give the `data` of a GraphQL document, asked as whoever is signed in. Raises Refusal."""
    response = await _client(app).post(
        "/graphql", json={"query": document, "variables": variables}, headers=_bearer(session)
    )
    data: Mapping[str, Any] = _answer(response)["data"]
    return data


async def fetch(
    app: Starlette, session: Session, path: str, params: Mapping[str, str] | None = None
) -> "httpx.Response":
    """Give a file of our own, fetched as whoever is signed in. Raises Refusal."""
    response = await _client(app).get(path, params=params, headers=_bearer(session))
    if response.status_code != HTTPStatus.OK:
        _answer(response)
    return response


def _answer(response: "httpx.Response") -> Mapping[str, Any]:
    answer: Mapping[str, Any] = response.json()
    for error in answer.get("errors", ()):
        told = error["extensions"]
        raise Refusal(response.status_code, told["code"], error["message"], told["correlationId"])
    return answer


def _bearer(session: Session) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {session.token}"}


def _client(app: Starlette) -> "httpx.AsyncClient":
    """Whose requests to the application never leave this process: made as the first is asked."""
    if not hasattr(app.state, "asking"):
        app.state.asking = _made(app)
    client: httpx.AsyncClient = app.state.asking
    return client


def _made(app: Starlette) -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 (not before somebody looks at a page)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", trust_env=False)
