"""What is asked: four queries, by a company to which about 60 % of the members are open.

Each is written once as GraphQL; the hand-written endpoint takes the same operands as plain JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import orjson

COMPANY, PURPOSE = "ichiba", "order_fulfil"
FEW = ("shop_book", "merchant_fulfil")
"""To whom one member in a thousand is open: those who bought there."""

FIELDS = (
    *("loginEmail", "fullName", "fullNameKana", "birthDate", "gender", "postalCode"),
    *("prefecture", "city", "phone", "occupation", "pointBalance", "interestSegments"),
    *("loginName", "lastLoginAt", "mfaEnabled", "ageBand", "addressLine", "mobilePhone"),
    *("employer", "ekycStatus"),
)
"""The scalars of a member; the first twelve are those asked for."""
SELECTED = 12
CHILDREN = ("items", "amount", "status")
PAGE, SEARCHED, BELOW = 100, 50, 10

PREFECTURES = (
    *("北海道", "宮城県", "茨城県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県"),
    *("長野県", "静岡県", "愛知県", "京都府", "大阪府", "兵庫県", "岡山県", "広島県", "福岡県"),
)
YEARS = range(1945, 2000, 5)
"""Of birth: five from each of these."""

Operands = Mapping[str, str]


@dataclass(frozen=True)
class Query:
    """One of the four, with the operands of its requests."""

    kind: str
    """A word for it."""
    name: str
    path: str
    """Of the hand-written endpoint."""
    text: str
    operands: tuple[Operands, ...] = ()
    plain: tuple[Operands, ...] = ()
    """The same operands as the hand-written endpoint takes them: nothing in them is sealed."""

    def asked(self, operands: tuple[Operands, ...], plain: tuple[Operands, ...]) -> "Query":
        return replace(self, operands=operands, plain=plain)

    def bodies(self) -> list[str]:
        """The requests to the product."""
        return [_json({"query": self.text, "variables": each}) for each in self.operands]

    def plain_bodies(self) -> list[str]:
        """The requests to the hand-written endpoint."""
        return [_json(each) for each in self.plain]


def page(fields: int = SELECTED) -> Query:
    text = f"""query ($after: String) {{ members(first: {PAGE}, after: $after) {{
      nodes {{ {" ".join(FIELDS[:fields])} }} pageInfo {{ endCursor hasNextPage }}
    }} }}"""
    return Query("page", f"page of {PAGE} × {fields}", "/page", text)


def member(fields: int = SELECTED) -> Query:
    text = f"""query ($id: ID!) {{ member(id: $id) {{
      {" ".join(FIELDS[:fields])} orders(first: {BELOW}) {{ nodes {{ {" ".join(CHILDREN)} }} }}
    }} }}"""
    return Query("member", f"one member × {fields}, ≤ {BELOW} orders", "/member", text)


_FILTER = "{prefecture: {eq: $prefecture}, birthDate: {gte: $from, lt: $until}}"
_OPERANDS = "$prefecture: String!, $from: Date!, $until: Date!"


def search() -> Query:
    text = f"""query ({_OPERANDS}) {{ members(
      filter: {_FILTER}, orderBy: {{field: FULL_NAME_KANA}}, first: {SEARCHED}
    ) {{ nodes {{ {" ".join(FIELDS[:SELECTED])} }} pageInfo {{ endCursor hasNextPage }} }} }}"""
    found = tuple(_searches())
    return Query(
        "search", f"search, sorted, first {SEARCHED} × {SELECTED}", "/search", text, found, found
    )


def total() -> Query:
    text = f"query ({_OPERANDS}) {{ members(filter: {_FILTER}) {{ totalCount }} }}"
    found = tuple(_searches())
    return Query("count", "count of the same filter", "/count", text, found, found)


EVERYBODY = "{ members { totalCount } }"
"""The slow one."""
WALK = f"""query ($after: String) {{ members(first: {PAGE}, after: $after) {{
  nodes {{ id }} pageInfo {{ endCursor hasNextPage }}
}} }}"""
"""Finds ids and cursors to ask with."""


def _searches() -> Iterator[Operands]:
    for prefecture, year in product(PREFECTURES, YEARS):
        yield {"prefecture": prefecture, "from": f"{year}-01-01", "until": f"{year + 5}-01-01"}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
