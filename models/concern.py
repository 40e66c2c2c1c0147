"""Whom an entry of the ledger concerns."""

from collections.abc import Mapping
from enum import IntEnum

from models.disclosure import Entry
from models.record_fold import providers_of

Concern = tuple["Side", str]
"""As what, and who: the key of a member or of a company."""


class Side(IntEnum):
    """As what somebody is concerned by an entry. INVARIANT: numbers stay, rows hold them."""

    MEMBER = 0
    """Something of the member was used, or officers looked at what the member decided."""
    RECIPIENT = 1
    """The company that asked, and the one for which it asked as a processor."""
    PROVIDER = 2
    """The company that acquired what was used, whoever holds it now."""


def concerns_of(entry: Entry) -> Mapping[Side, frozenset[str]]:
    """Everybody whom the entry concerns, reads of one's own and officers' reads included."""
    told = [each for disclosure in entry.disclosures for each in disclosure.members.values()]
    alike = {id(each.items): each.items for each in told}  # members alike share what was used
    return {
        Side.MEMBER: frozenset(key for each in entry.disclosures for key in each.members),
        Side.RECIPIENT: frozenset(filter(None, (entry.company, entry.on_behalf_of))),
        Side.PROVIDER: frozenset(name for items in alike.values() for name in providers_of(items)),
    }
