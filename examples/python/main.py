"""The card company looks up one of its customers, then goes through all whom it may see."""

import os
from collections.abc import Iterator
from typing import Any

from gql import Client, gql
from gql.client import SyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport

# One purpose an operation, told in a header; the reference is the case that it belongs to.
SERVICE = {"Sekisho-Purpose": "own:card:service", "Sekisho-Reference": "CASE-2026-0042"}

CUSTOMER = """
  query Customer($accountId: ID!) {
    memberByAccount(accountId: $accountId) {
      fullName
      birthDate
      ekycStatus
      access(fields: ["birthDate", "orders.service", "ekycStatus"]) {
        field
        state
        reason
      }
    }
  }
"""

MEMBERS = """
  query Members($filter: MemberFilter!, $first: Int!, $after: String) {
    members(filter: $filter, orderBy: [{ field: FULL_NAME }], first: $first, after: $after) {
      totalCount
      nodes {
        id
        fullName
        orders(
          filter: { amount: { gte: 5000 } }
          orderBy: [{ field: AT, direction: DESC }]
          first: 1
        ) {
          totalCount
          nodes {
            id
            amount
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
"""


class Sekisho:
    """Asks one operation at a time, each for the purpose that its headers state."""

    def __init__(self, session: SyncClientSession) -> None:
        self._session = session

    def ask(
        self, document: str, variables: dict[str, Any], headers: dict[str, str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give data and what was withheld of it; all or nothing: raises TransportQueryError."""
        request = gql(document)
        request.variable_values = variables
        result = self._session.execute(
            request, get_execution_result=True, extra_args={"headers": headers}
        )
        return result.data or {}, (result.extensions or {}).get("privacy", {})

    def customer(self, account_id: str) -> None:
        """Tell of one customer, and why what is null is null."""
        data, _ = self.ask(CUSTOMER, {"accountId": account_id}, SERVICE)
        found = data["memberByAccount"]
        if found is None:
            print(f"{account_id}: nobody whom this company may see")
            return
        print(f"{account_id}: {found['fullName']}, {found['birthDate']}")
        # Null alone does not say whether there is no value or whether it is withheld.
        for cell in found["access"]:
            why = f", {cell['reason']}" if cell["reason"] else ""
            print(f"{account_id}: {cell['field']} {cell['state']}{why}")

    def members(self, criteria: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give every member whom this company may see and `criteria` leave, a page at a time."""
        variables = {"filter": criteria, "first": 2}
        while True:
            data, privacy = self.ask(MEMBERS, variables, SERVICE)
            yield from data["members"]["nodes"]
            for cell in privacy["withheld"]:
                print(f"on this page: {cell['field']} withheld {cell['count']}×, {cell['reason']}")
            page = data["members"]["pageInfo"]
            if not page["hasNextPage"]:
                return
            variables["after"] = page["endCursor"]


def main() -> None:
    """Ask as the holder of TOKEN."""
    transport = HTTPXTransport(
        url=os.environ.get("SERVER_URL", "http://127.0.0.1:8000") + "/graphql",
        headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},
    )
    # With the schema at hand a mistyped field is found before anything is sent.
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        sekisho = Sekisho(session)
        sekisho.customer("card-m1")
        sekisho.customer("bank-m1")
        # Whose prefecture is withheld is not known to live there: the negation holds of them too.
        for member in sekisho.members({"not": {"prefecture": {"eq": "北海道"}}}):
            name, orders = member["fullName"] or "(name withheld)", member["orders"]
            # A list that is null has nothing that could be open; of an empty one, nothing is now.
            latest = orders["nodes"][0]["amount"] if orders and orders["nodes"] else "none"
            print(f"{name}: latest order from 5000 yen up: {latest}")
        try:
            sekisho.ask(CUSTOMER, {"accountId": "card-m1"}, {"Sekisho-Purpose": "own:bank:service"})
        except TransportQueryError as refusal:
            (error,) = refusal.errors or [{}]
            print(f"refused: {error['extensions']['code']}")


if __name__ == "__main__":
    main()
