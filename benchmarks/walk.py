"""Finds what to ask with: ids and cursors of the product, and the keys behind them."""

from dataclasses import dataclass, field

import httpx

from benchmarks import queries
from benchmarks.queries import WALK, Query
from benchmarks.servers import Server, settings_of
from server.checkpoint import seal_of


@dataclass(frozen=True)
class Places:
    """Members to ask for, and places behind which pages begin: sealed, and plain."""

    ids: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def page(
        self, fields: int = queries.SELECTED, first: int = 0, last: int | None = None
    ) -> Query:
        """Pages that begin behind these ones."""
        cursors, ends = self.cursors[first:last], self.ends[first:last]
        sealed, plain = ([{"after": each} for each in some] for some in (cursors, ends))
        return queries.page(fields).asked(tuple(sealed), tuple(plain))

    def member(self, fields: int = queries.SELECTED) -> Query:
        """Members from everywhere."""
        sealed, plain = ([{"id": each} for each in some[::17]] for some in (self.ids, self.keys))
        return queries.member(fields).asked(tuple(sealed), tuple(plain))


def walk(server: Server, headers: dict[str, str], company: str, pages: int) -> Places:
    """Ask for page after page, so many at most; those behind which others follow."""
    seal, places = seal_of(settings_of(server.data)), Places()
    after = None
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=600) as client:
        for _ in range(pages):
            asked = {"query": WALK, "variables": {"after": after}}
            answer = client.post("/graphql", json=asked, headers=headers).json()
            members = answer["data"]["members"]
            found = [node["id"] for node in members["nodes"]]
            places.ids.extend(found)
            keys = [seal.open_node_id(f"company:{company}", each)[1] for each in found]
            places.keys.extend(keys)
            if not members["pageInfo"]["hasNextPage"]:
                break
            after = members["pageInfo"]["endCursor"]
            places.cursors.append(after)
            places.ends.append(keys[-1])
    return places
