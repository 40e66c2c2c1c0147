"""A member is shown what the insurer asks, says yes to one item, and takes it back again."""

import os
from typing import Any
from uuid import uuid4

from gql import Client, gql
from gql.client import SyncClientSession
from gql.transport.httpx import HTTPXTransport

SHOW = """
  mutation Show($input: PresentDocumentInput!) {
    presentDocument(input: $input) {
      presentation {
        id
        text
        items { key name { en } sensitive }
        disadvantages
      }
      userErrors { code message field }
    }
  }
"""

GIVE = """
  mutation Give($input: GiveConsentInput!) {
    giveConsent(input: $input) {
      consents { item { key } state }
      userErrors { code message field }
    }
  }
"""

TAKE_BACK = """
  mutation TakeBack($input: WithdrawConsentInput!) {
    withdrawConsent(input: $input) {
      consents { item { key } state }
      userErrors { code message field }
    }
  }
"""


class Member:
    """Does one thing at a time. Members send no purpose: their role implies it."""

    def __init__(self, session: SyncClientSession) -> None:
        self._session = session

    def do(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Give the payload; say what the rules have against it."""
        request = gql(mutation)
        # Sent again under the same key, it is still done once.
        request.variable_values = {"input": {**given, "idempotencyKey": str(uuid4())}}
        (payload,) = self._session.execute(request).values()
        for error in payload["userErrors"]:
            print(f"not done: {error['code']}, {error['message']}")
        for consent in payload.get("consents") or ():
            print(f"{consent['item']['key']}: {consent['state']}")
        return dict(payload)


def main() -> None:
    """Act as the member who holds TOKEN."""
    transport = HTTPXTransport(
        url=os.environ.get("SERVER_URL", "http://127.0.0.1:8000") + "/graphql",
        headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},
    )
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        member = Member(session)
        shown = member.do(SHOW, document="DOC_B", language="EN")["presentation"]
        # All of it is shown before any choice; nothing is ticked yet.
        print(shown["text"])
        for item in shown["items"]:
            print(f"[ ] {item['name']['en']}")
        for disadvantage in shown["disadvantages"]:
            print(f"without it: {disadvantage}")
        ticked = ["B.use"]
        member.do(GIVE, presentation=shown["id"], items=ticked)
        member.do(TAKE_BACK, items=ticked)
        member.do(TAKE_BACK, items=ticked)


if __name__ == "__main__":
    main()
