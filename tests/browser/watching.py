"""What a page does that no page may: asking outside, breaking its policy, complaining."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route

LOOPBACK = {"127.0.0.1", "localhost", "::1"}

_TELL = """addEventListener("securitypolicyviolation", (event) =>
  tellViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""


@dataclass
class Watch:
    """All of it stays empty. Clear a list where a test provokes what stands in it."""

    outside: list[str] = field(default_factory=list)
    """Addresses outside of this machine; each was refused."""
    violations: list[str] = field(default_factory=list)
    """Of the page's content security policy."""
    said: list[str] = field(default_factory=list)
    """On the console, and errors that nobody caught."""

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a context from now on."""
        context.route(_leads_outside, self._refuse)
        context.expose_function("tellViolation", self._note)
        context.add_init_script(_TELL)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        context.on("page", self._over)

    def _over(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._count(socket.url))

    def _refuse(self, route: Route) -> None:
        self._count(route.request.url)
        route.abort()

    def _count(self, address: str) -> None:
        if _leads_outside(address):
            self.outside.append(address)

    def _note(self, violation: str) -> None:
        self.violations.append(violation)

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")


def _leads_outside(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOOPBACK


def violations_on(page: Page, exclude: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page once it has loaded, but for what is below `exclude`.

    After a click a page can be read before its stylesheet has come, in the browser's own colours.
    """
    page.wait_for_load_state()
    found = Axe().run(page, {"exclude": [[selector] for selector in exclude]})
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
