"""What a case gives, as changes to the catalogue's files."""

from collections.abc import Sequence
from typing import Any

from tests.versions import Change, Files, entry, with_version
from tests.worked_examples import Given


def files(given: Given) -> Files:
    """The catalogue's files as this case has them."""
    found = Files()
    companies = found["companies.yaml"]
    for each in given.measures:
        company = entry(companies["companies"], each.company)
        company["measures"] = {"basis": each.basis, "reviewed_at": each.reviewed_at}
    for move in given.succession:
        parties = {"predecessor": move.predecessor, "successor": move.successor}
        companies["successions"].append(
            {**parties, "effective_at": move.effective_at, "trace": ["S26"]}
        )
    if given.version:
        adds = {row: _adds(categories) for row, categories in given.version.adds.items()}
        with_version(found, given.version.document, given.version.key, change=adds)
    return found


def _adds(categories: Sequence[str]) -> Change:
    def change(row: dict[str, Any]) -> None:
        row["categories"] |= dict.fromkeys(categories, "all")

    return change
