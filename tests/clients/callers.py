"""Who has a session with the server: companies, members and an officer, each with a token."""

from collections.abc import Iterator, Mapping

from tests.clients.programs import Server, sekisho

COMPANIES = {"card": "own:card:service", "ssi": "service_provision", "shop_tea": "merchant_own"}
"""With what each one asks for."""

MEMBERS = ("m1", "m5")
LOOKS_ON = "m1"
"""Of whom the company that GIVEN names would see something."""

Variables = Mapping[str, object]

GIVEN: Mapping[str, Variables] = {
    "Company": {"key": "card"},
    "MemberByAccount": {"accountId": "card-m1"},
    "AccessMatrix": {"purpose": "own:card:service"},
    "Explain": {"field": "fullName", "company": "card", "purpose": "own:card:service"},
    "AsSeenBy": {"company": "card", "purpose": "own:card:service"},
}
"""What the roots that cannot be asked without arguments are asked with."""

LISTED: Variables = {
    "filter": {"not": {"prefecture": {"eq": "北海道"}}, "orders": {"none": {"amount": {"lt": 1}}}},
    "orderBy": [{"field": "PREFECTURE", "direction": "DESC"}, {"field": "FULL_NAME"}],
}
"""How those list members who may look at these fields."""


def callers(server: Server) -> Iterator[dict[str, object]]:
    """As session.ts reads them."""
    for company, purpose in COMPANIES.items():
        token = sekisho(server, "token", "--company", company)
        yield _caller(
            company, token, purpose, refused=("Explain", "AccessMatrix", "Readers", "Consents")
        )
    for key in MEMBERS:
        token = sekisho(server, "token", "--role", "member", "--member", key)
        yield _caller(key, token, None, refused=("MemberByAccount", "AccessMatrix"))
    office = ("--role", "officer", "--company", "card")
    known = sekisho(server, "id", *office, "--member", "m1")
    token = sekisho(server, "token", *office)
    officer = _caller(
        "officer", token, None, refused=("Members", "MemberByAccount", "Readers", "Consents")
    )
    yield officer | {"members": [known]}


def _caller(
    name: str, token: str, purpose: str | None, refused: tuple[str, ...]
) -> dict[str, object]:
    listed = {"PageMembers": LISTED, "PageBackMembers": LISTED} if name == "card" else {}
    return {
        "name": name,
        "token": token,
        "purpose": purpose,
        "members": [],
        "given": {**GIVEN, **listed},
        "looksOn": name == LOOKS_ON,
        "refused": refused,
    }
