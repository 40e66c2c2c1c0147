"""`/privacy/`: who can see what of the member, who has looked, and what the member chose."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from server.pages.cards import companies_of
from server.pages.forms import signed_in
from server.pages.look import show
from server.pages.visit import Visit

MEMBER = "member"
NAME = "name { ja en }"
CONSENTS = f"""
consents {{
  id state level since validUntil
  item {{ key sensitive {NAME} document {{ key {NAME} }} }}
}}
"""
ACCESSES = f"""
nodes {{
  id at role withheld recipient {{ {NAME} }} via {{ {NAME} }} purpose {{ {NAME} }}
  items {{ field use categories {{ ja en }} }}
}}
pageInfo {{ hasNextPage endCursor }}
"""
OWN = f"""
query PrivacyCentre {{
  me {{ fullName {CONSENTS} mailPreferences {{ sender {{ key {NAME} }} wanted }} }}
  readers {{
    company {{ key {NAME} }} onBehalfOf {{ key {NAME} }} purpose {{ key {NAME} }}
    ways {{
      open code categories {{ key {NAME} }} missing {{ key {NAME} document {{ key }} }}
      provision {{ key document {{ key {NAME} }} items {{ key {NAME} document {{ key }} }} }}
    }}
  }}
  disclosures(first: 8) {{ {ACCESSES} }}
  companies {{ key {NAME} }}
}}
"""
STANDING = frozenset({"DEEMED", "GRANTED", "EXPIRED", "SUPERSEDED", "SUSPENDED"})
"""States of a consent that can be taken back."""


@signed_in(MEMBER)
async def centre(visit: Visit) -> Response:
    """Show the member all of it; a guardian, what there is to choose for the child."""
    if visit.session.guardian_of:
        return await _of_ward(visit)
    told = await visit.ask(OWN)
    me = told["me"] or {"fullName": None, "consents": [], "mailPreferences": []}
    return show(
        visit,
        "centre.html",
        said=said(visit),
        name=me["fullName"],
        companies=companies_of(told["readers"]),
        opened=visit.request.query_params.get("open", ""),
        consents=me["consents"],
        standing=_by_item(me["consents"]),
        taken_back=STANDING,
        accesses=told["disclosures"],
        mail=me["mailPreferences"] or [],
        senders=told["companies"],
    )


async def _of_ward(visit: Visit) -> Response:
    told = await visit.ask(f"query Ward {{ {CONSENTS} }}")
    return show(
        visit,
        "ward.html",
        said=said(visit),
        consents=told["consents"],
        taken_back=STANDING,
    )


def said(visit: Visit) -> str:
    """Give what the last form did, where the address says so."""
    key = f"done.{visit.request.query_params.get('done', '')}"
    return visit.words.say(key) if visit.words.has(key) else ""


def _by_item(consents: list[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {each["item"]["key"]: each for each in consents}
