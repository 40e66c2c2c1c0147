"""How a page becomes HTML: templates that escape all they are given, under strict headers."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.page_headers import STRICT, page_headers
from server.pages.files import address_of
from server.pages.visit import THEMES, Visit
from server.pages.words import LANGUAGES
from server.settings import CHECKOUT, Settings

JAPAN = timezone(timedelta(hours=9), "JST")


def show(visit: Visit, template: str, status: int = 200, **data: Any) -> Response:
    """A page: its template, filled with `data` and with what every page shows."""
    page = _templates().get_template(template)
    html = page.render(
        visit=visit,
        session=visit.session,
        t=visit.words.say,
        label=visit.words.of,
        languages=LANGUAGES,
        themes=THEMES,
        static=address_of,
        development=visit.settings.in_development,
        **({"said": ""} | data),
    )
    response = HTMLResponse(html, status, headers=headers_of(visit.settings))
    return visit.sealed_into(response)


def lead(visit: Visit, path: str) -> Response:
    """After a form: lead to a page, which is then asked for with GET."""
    response = RedirectResponse(path, 303, headers=headers_of(visit.settings))
    return visit.sealed_into(response)


def headers_of(settings: Settings) -> Mapping[str, str]:
    """The headers of these pages; their forms may lead to the issuer, for signing in and out."""
    issuer = _origin(settings.oidc_discovery_url)
    forms = " ".join(filter(None, (STRICT["form-action"], issuer)))
    return page_headers({**STRICT, "img-src": "'self' data:", "form-action": forms})


def own_path(path: str | None) -> str | None:
    """Give a path of this server, for leading somebody there; None for any other address."""
    if not path or not path.isascii() or not path.isprintable() or "\\" in path:
        return None
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith("//")
    return path if own and not parts.scheme and not parts.netloc else None


@cache
def _templates() -> Any:
    """Read templates as pages need them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (for people)

    templates = Environment(
        loader=FileSystemLoader(CHECKOUT / "server" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"minute": _in_japan, "day": _day}
    return templates


def _origin(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _in_japan(instant: str) -> str:
    """An instant of the API as people here read it: the day and the minute."""
    return f"{datetime.fromisoformat(instant).astimezone(JAPAN):%Y-%m-%d %H:%M}"


def _day(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(JAPAN):%Y-%m-%d}"
