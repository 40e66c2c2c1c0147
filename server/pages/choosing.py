"""What a member does in the privacy centre: choose, say whose mail is wanted, close the account."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from server.pages.centre import MEMBER, NAME
from server.pages.forms import Fields, act, signed_in
from server.pages.look import lead, show
from server.pages.visit import Visit
from server.session import new_session

_PRESENTED = f"""
presentation {{
  id text language disadvantages contactPoint countries
  document {{ key {NAME} publisher {{ {NAME} }} }}
  items {{ key sensitive {NAME} }}
  companions {{ name }}
  permissions {{
    items recipients {{ name country }} categories {{ name }} purposes {{ name }}
  }}
}}
"""


async def _done(
    visit: Visit, mutation: str, given: Mapping[str, Any], answer: str = ""
) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """Do one act; give its payload, and what the rules have against it."""
    name = f"{mutation[0].upper()}{mutation[1:]}"
    told = await visit.ask(
        f"mutation Act($input: {name}Input!) {{"
        f" {mutation}(input: $input) {{ {answer} userErrors {{ code message }} }} }}",
        {"input": given},
    )
    payload: Mapping[str, Any] = told[mutation]
    return payload, payload["userErrors"]


def _led_back(
    visit: Visit,
    errors: Sequence[Mapping[str, Any]],
    done: str,
    place: str = "main",
    company: str = "",
) -> Response:
    """Lead back to the place where it was done; or tell what the rules have against it."""
    if errors:
        return show(visit, "objection.html", 409, errors=errors)
    query = urlencode({"done": done} | ({"open": company} if company else {}))
    return lead(visit, f"/privacy/?{query}#{quote(place)}")


@act(MEMBER)
async def ask(visit: Visit, fields: Fields) -> Response:
    """Show a document before anything of it is consented to: step one of two."""
    item = fields.get("item", "")
    given = {
        "document": fields.get("document", ""),
        "language": visit.words.language.upper(),
        "channel": "WEB",
    }
    payload, errors = await _done(visit, "presentDocument", given, _PRESENTED)
    if errors or payload["presentation"] is None:
        return show(visit, "objection.html", 409, errors=errors)
    shown = payload["presentation"]
    asked = [each for each in shown["items"] if each["key"] == item]
    touched = [each for each in shown["permissions"] if item in each["items"]]
    return show(visit, "ask.html", shown=shown, asked=asked, touched=touched)


@act(MEMBER)
async def give(visit: Visit, fields: Fields) -> Response:
    """Give the consent that was just shown: step two."""
    given = {"presentation": fields.get("presentation", ""), "items": [fields.get("item", "")]}
    _, errors = await _done(visit, "giveConsent", given)
    return _led_back(visit, errors, "given")


@act(MEMBER)
async def withdraw(visit: Visit, fields: Fields) -> Response:
    """Take a consent back, at once."""
    _, errors = await _done(visit, "withdrawConsent", {"items": [fields.get("item", "")]})
    return _led_back(
        visit, errors, "withdrawn", fields.get("place") or "main", fields.get("company", "")
    )


@act(MEMBER)
async def mail(visit: Visit, fields: Fields) -> Response:
    """Say whether a sender's mail is wanted."""
    given = {"sender": fields.get("sender", ""), "wanted": fields.get("wanted") == "yes"}
    _, errors = await _done(visit, "setMailPreference", given)
    return _led_back(visit, errors, "mail", "mail")


@act(MEMBER)
async def register(visit: Visit, _fields: Fields) -> Response:
    """Put on record that the bearer acts for the member whom the token names."""
    _, errors = await _done(visit, "registerGuardian", {})
    return _led_back(visit, errors, "registered")


@signed_in(MEMBER)
async def closing(visit: Visit) -> Response:
    """Say what closing the account means, and ask once more."""
    return show(visit, "close.html", unsure=False)


@act(MEMBER)
async def close(visit: Visit, fields: Fields) -> Response:
    """Close the account, once that was confirmed; nobody is signed in to it any more."""
    if fields.get("sure") != "yes":
        return show(visit, "close.html", 400, unsure=True)
    _, errors = await _done(visit, "closeAccount", {})
    if not errors:
        visit.session = new_session(visit.here)
        return show(visit, "closed.html")
    return _led_back(visit, errors, "")
