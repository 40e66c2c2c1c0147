"""One request of a person: in which language, in which colours, signed in as whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.checkpoint import Checkpoint
from server.pages.asking import ask
from server.pages.words import COOKIE as LANGUAGE
from server.pages.words import Words, preferred, words_in
from server.session import Session, is_secure, keep, new_session, session_of
from server.settings import Settings

THEME = "sekisho-theme"
THEMES = ("auto", "light", "dark")
A_YEAR = 365 * 24 * 3600


@dataclass
class Visit:
    """What a page needs beside its data."""

    request: Request
    words: Words
    theme: str
    session: Session
    """Of nobody until somebody signs in; what it becomes, the answer hands to the browser."""
    held: Session | None
    """As the browser holds it."""

    @property
    def here(self) -> Checkpoint:
        checkpoint: Checkpoint = self.request.app.state.checkpoint
        return checkpoint

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def address(self) -> str:
        """Where this page is: the path on this server."""
        return self.request.url.path

    @property
    def place(self) -> str:
        """The same with what was asked of it, for coming back to it."""
        asked = self.request.url.query
        return f"{self.address}?{asked}" if asked else self.address

    async def ask(
        self, document: str, variables: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Give the `data` of a GraphQL document, as whoever is signed in. Raises Refusal."""
        return await ask(self.request.app, self.session, document, variables)

    def prefer(self, response: Response, cookie: str, choice: str) -> None:
        """Have the browser keep a choice that is no secret."""
        secure = is_secure(self.settings, self.request)
        response.set_cookie(
            cookie, choice, A_YEAR, path="/", secure=secure, httponly=True, samesite="lax"
        )

    def sealed_into(self, response: Response) -> Response:
        """Hand the session to the browser, if it is another than the browser holds."""
        if self.session != self.held:
            keep(self.here, self.settings, self.request, response, self.session)
        return response


def visit_of(request: Request) -> Visit:
    """Read what the browser says of itself; whoever comes without a session gets a new one."""
    state = request.app.state
    held = session_of(state.checkpoint, state.settings, request)
    language = preferred(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
    theme = request.cookies.get(THEME)
    return Visit(
        request=request,
        words=words_in(language),
        theme=theme if theme in THEMES else THEMES[0],
        session=held or new_session(state.checkpoint),
        held=held,
    )
