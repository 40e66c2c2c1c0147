"""The documents of the interview: everything that can be selected, and lists in every way."""

from collections.abc import Iterator
from typing import cast

from graphql import GraphQLField, GraphQLObjectType, build_schema, get_named_type, is_object_type

from tests.real import ROOT

_BESIDE = {"access", "asSeenBy", "consents"}
"""Fields of a member that hold no value of theirs."""


def selection(kind: GraphQLObjectType) -> str:
    """Select everything of a member or a row."""
    fields = (_selected(name, field) for name, field in kind.fields.items() if name not in _BESIDE)
    return " ".join(fields)


def _selected(name: str, field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    if not is_object_type(kind):
        return name
    if kind.name == "Company":
        return f"{name} {{ key }}"
    if "nodes" not in kind.fields:
        return f"{name} {{ {selection(kind)} }}"
    row = get_named_type(kind.fields["nodes"].type)
    return f"{name}(first: 50) {{ nodes {{ {selection(row)} }} pageInfo {{ hasNextPage }} }}"


_SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text("utf-8"), assume_valid=True)
MEMBER = selection(cast("GraphQLObjectType", _SCHEMA.type_map["Member"]))

ALL = f"{{ members(first: 100) {{ nodes {{ {MEMBER} }} }} }}"
BY_ID = """query Q($id: ID!) {
  member(id: $id) { id fullName loginName lastLoginAt orders(first: 2) { nodes { items } } }
  node(id: $id) { id ... on Member { fullName ekycStatus } }
}"""
BY_IDS = "query Q($ids: [ID!]!) { nodes(ids: $ids) { id ... on Member { fullName loginName } } }"
BY_ACCOUNT = "query Q($id: ID!) { memberByAccount(accountId: $id) { id fullName loginName } }"
PAGES = """query Pages($after: String) {
  members(first: 7, after: $after) {
    nodes { fullName loginName orders(first: 1) { nodes { items } pageInfo { hasNextPage } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
MY_ACCESS = """{ myAccess {
  field availability reason opensWith { provision { key } item { key } condition }
} }"""
ACCESS = "{ members(first: 9) { nodes { access { field state reason } } } }"
AS_SEEN = """{ me {
  card: asSeenBy(company: "card", purpose: "own:card:service") { id fullName loginName }
  life: asSeenBy(company: "life", purpose: "service_provision") {
    fullName insurancePolicies { nodes { no } } access { field state reason }
  }
} }"""
EXPLAIN = """query Q($id: ID!) {
  explain(memberId: $id, field: "fullName", company: "card", purpose: "own:card:service") {
    values { disclose code provision { key } record reasons { provision { key } stage code } }
  }
}"""
LISTINGS = (
    "orderBy: [{field: FULL_NAME}]",
    "orderBy: [{field: PREFECTURE, direction: DESC}, {field: POINT_BALANCE}]",
    "orderBy: [{field: LAST_LOGIN_AT, direction: DESC}]",
    "orderBy: [{field: GENDER}, {field: BIRTH_DATE, direction: DESC}]",
    'filter: {fullName: {startsWith: "full"}}',
    'filter: {not: {fullName: {contains: "1"}}}',
    'filter: {prefecture: {ne: "東京都"}}',
    'filter: {loginName: {notIn: ["mihon.hanako", "login_name 29"]}}, orderBy: [{field: PHONE}]',
    "filter: {pointBalance: {gte: 40}, not: {gender: {eq: FEMALE}}}",
    'filter: {birthDate: {lt: "1960-01-01"}}',
    "filter: {phone: {isNull: true}}",
    "filter: {phone: {isNull: false}}",
    'filter: {or: [{loginName: {startsWith: "m"}}, {not: {pointBalance: {lt: 50}}}]}',
    "filter: {orders: {some: {amount: {gt: 50}}}}",
    "filter: {orders: {none: {amount: {gt: 50}}}}",
    "filter: {orders: {none: {}}}",
    "filter: {not: {orders: {some: {not: {amount: {lte: 20}}}}}}",
    'filter: {reviews: {some: {body: {contains: "1"}}}}',
    "filter: {reviews: {none: {body: {isNull: true}}}}",
    'filter: {insurancePolicies: {some: {product: {contains: "0"}}}}',
    'filter: {healthRecords: {some: {value: {contains: "0"}}}}',
)


def listed(arguments: str) -> str:
    """Ask for a page of the members in one way."""
    return f"""query Listed($first: Int, $after: String, $last: Int, $before: String) {{
      members({arguments}, first: $first, after: $after, last: $last, before: $before) {{
        totalCount
        edges {{ cursor node {{ id fullName prefecture phone }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }}"""


def _below() -> Iterator[str]:
    """Ask for the lists below members in every way."""
    page = "totalCount edges { cursor } pageInfo { hasNextPage }"
    orders = (
        "first: 1, orderBy: [{field: AMOUNT, direction: DESC}]",
        "last: 1, orderBy: [{field: RECIPIENT_NAME}]",
        "filter: {not: {amount: {lt: 30}}}",
        "filter: {status: {isNull: true}}",
        'filter: {shippingAddress: {contains: "0"}}',
    )
    for arguments in orders:
        yield f"{{ members(first: 80) {{ nodes {{ id orders({arguments}) {{ {page} }} }} }} }}"
    reviews = (
        "first: 1, orderBy: [{field: BODY, direction: DESC}]",
        'filter: {not: {body: {contains: "1"}}}',
    )
    for arguments in reviews:
        yield f"{{ members(first: 80) {{ nodes {{ id reviews({arguments}) {{ {page} }} }} }} }}"
    policies = f"insurancePolicies(first: 1) {{ {page} nodes {{ no product }} }}"
    yield f"{{ members(first: 80) {{ nodes {{ id {policies} }} }} }}"
    yield "{ members(first: 80) { totalCount } }"
    yield '{ members(filter: {fullName: {eq: "nobody"}}) { nodes { id } } }'


BELOW = tuple(_below())
