"""The switches on every page: which language, which colours."""

from starlette.responses import Response

from server.pages.forms import Fields, act
from server.pages.look import lead, own_path
from server.pages.visit import THEME, THEMES, Visit
from server.pages.words import COOKIE as LANGUAGE
from server.pages.words import LANGUAGES


@act()
async def choose(visit: Visit, fields: Fields) -> Response:
    """Keep what was chosen, and lead back to the page it was chosen on."""
    response = lead(visit, own_path(fields.get("next")) or "/")
    if (language := fields.get("language")) in LANGUAGES:
        visit.prefer(response, LANGUAGE, str(language))
    if (theme := fields.get("theme")) in THEMES:
        visit.prefer(response, THEME, str(theme))
    return response
