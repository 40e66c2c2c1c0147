"""What a member looks up: what a company gets, who has looked, records and receipts to keep."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from starlette.responses import Response

from server.pages.asking import fetch
from server.pages.centre import ACCESSES, MEMBER, NAME, said
from server.pages.forms import Turned, signed_in
from server.pages.look import headers_of, show
from server.pages.visit import Visit

_ROWS = "totalCount nodes"
SEEN = f"""query SeenBy($company: ID!, $purpose: ID!, $onBehalfOf: ID) {{
  me {{
    asSeenBy(company: $company, purpose: $purpose, onBehalfOf: $onBehalfOf) {{
      loginName loginEmail fullName fullNameKana birthDate gender
      postalCode prefecture city addressLine phone mobilePhone occupation employer
      pointBalance interestSegments ekycStatus
      orders(first: 10) {{ {_ROWS} {{ items amount at status service recipientName }} }}
      reservations(first: 10) {{ {_ROWS} {{ acquiredAt }} }}
      customerRecords(first: 10) {{ {_ROWS} {{ name address phone occupation }} }}
      insurancePolicies(first: 10) {{ {_ROWS} {{ no product role status }} }}
      claims(first: 10) {{ {_ROWS} {{ status }} }}
      healthRecords(first: 10) {{ {_ROWS} {{ kind value }} }}
      access {{ field state reason }}
    }}
  }}
}}"""
_NAMES = f"""query Names($company: ID!, $of: ID!) {{
  company(key: $company) {{ {NAME} }} of: company(key: $of) {{ {NAME} }}
  purposes {{ key {NAME} }}
}}"""
_RECEIPT = "query Receipt($id: ID!) { consentReceipt(id: $id) { record } }"
_ACCESSES = f"""query Accesses($after: String) {{
  disclosures(first: 50, after: $after) {{ {ACCESSES} }}
}}"""


@signed_in(MEMBER)
async def seen(visit: Visit) -> Response:
    """Show exactly what a company gets for a purpose: the query, and its answer."""
    params = visit.request.query_params
    company, purpose, controller = (params.get(name) or "" for name in ("company", "for", "of"))
    given = {"company": company, "purpose": purpose, "onBehalfOf": controller or None}
    told = (await visit.ask(SEEN, given))["me"]
    names = await visit.ask(_NAMES, {"company": company, "of": controller})
    found = told and told["asSeenBy"]
    access = found["access"] if found else []
    return show(
        visit,
        "seen.html",
        company=names["company"],
        controller=names["of"],
        purpose=next(each for each in names["purposes"] if each["key"] == purpose),
        values=list(_values(found or {})),
        visible=[each for each in access if each["state"] == "VISIBLE"],
        withheld=[each for each in access if each["state"] == "WITHHELD"],
        query=SEEN,
    )


@signed_in(MEMBER)
async def accesses(visit: Visit) -> Response:
    """List who has looked, newest first."""
    after = visit.request.query_params.get("after")
    told = await visit.ask(_ACCESSES, {"after": after})
    return show(visit, "accesses.html", accesses=told["disclosures"], said=said(visit))


@signed_in(MEMBER)
async def records(visit: Visit) -> Response:
    """Hand out the records of provision, as a table."""
    file = await fetch(visit.request.app, visit.session, "/records/provision.csv")
    return _file(visit, file.content, "text/csv; charset=utf-8", "provision.csv")


@signed_in(MEMBER)
async def receipt(visit: Visit) -> Response:
    """Hand out the receipt of one consent."""
    told = await visit.ask(_RECEIPT, {"id": visit.request.query_params.get("consent", "")})
    if told["consentReceipt"] is None:
        raise Turned("fault.nothing", 404)
    content = orjson.dumps(told["consentReceipt"]["record"], option=orjson.OPT_INDENT_2)
    return _file(visit, content, "application/ld+json", "receipt.jsonld")


def _file(visit: Visit, content: bytes, media_type: str, name: str) -> Response:
    told = {"content-disposition": f'attachment; filename="{name}"'}
    headers = {**headers_of(visit.settings), **told}
    return Response(content, media_type=media_type, headers=headers)


def _values(found: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Give each value that is shown, under the path of its field."""
    for name, value in found.items():
        if name in {"access", "totalCount"} or value is None:
            continue
        if isinstance(value, dict):
            for row in value["nodes"]:
                yield from _values(row, f"{above}{name}.")
        else:
            yield above + name, _text(value)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
