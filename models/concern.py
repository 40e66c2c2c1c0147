"""Whom an entry of the ledger concerns."""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

from models.disclosure import Entry
from models.record_fold import providers_of

Concern = tuple["Side", str]
"""As what, and who: the key of a member or of a company."""
Concerns = Mapping["Side", frozenset[str]]
"""Everybody whom an entry concerns."""
Stood = Iterable[tuple[int, Concerns]]
"""The positions of entries, and whom each concerns."""


class Side(IntEnum):
    """As what somebody is concerned by an entry. INVARIANT: numbers stay, rows hold them."""

    MEMBER = 0
    """Something of the member was used, or officers looked at what the member decided."""
    RECIPIENT = 1
    """The company that asked, and the one for which it asked as a processor."""
    PROVIDER = 2
    """The company that acquired what was used, whoever holds it now."""


def concerns_of(entry: Entry) -> Concerns:
    """Everybody whom the entry concerns, reads of one's own and officers' reads included."""
    told = [each for disclosure in entry.disclosures for each in disclosure.members.values()]
    alike = {id(each.items): each.items for each in told}  # members alike share what was used
    return {
        Side.MEMBER: frozenset(key for each in entry.disclosures for key in each.members),
        Side.RECIPIENT: frozenset(filter(None, (entry.company, entry.on_behalf_of))),
        Side.PROVIDER: frozenset(name for items in alike.values() for name in providers_of(items)),
    }


def by_member(stood: Stood, numbers: Mapping[str, int]) -> Mapping[int, list[int]]:
    """Member → positions, the members by their numbers."""
    positions: dict[int, list[int]] = {}
    for position, concerns in stood:
        for member in concerns[Side.MEMBER]:
            positions.setdefault(numbers[member], []).append(position)
    return positions


def by_company(stood: Stood, numbers: Mapping[str, int]) -> Iterator[tuple[Side, int, int]]:
    """Give (side, company, position), the companies by their numbers."""
    for position, concerns in stood:
        for side in (Side.RECIPIENT, Side.PROVIDER):
            for company in concerns[side]:
                yield side, numbers[company], position
