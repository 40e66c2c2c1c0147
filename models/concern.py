"""Whom an entry of the ledger concerns."""

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
    """The company that acquired what was shown, whoever holds it now."""


def concerns_of(entry: Entry) -> frozenset[Concern]:
    """Everybody whom the entry concerns, reads of one's own and officers' reads included."""
    recipients = filter(None, (entry.company, entry.on_behalf_of))
    found = {(Side.RECIPIENT, company) for company in recipients}
    seen: set[int] = set()
    for disclosure in entry.disclosures:
        for member, told in disclosure.members.items():
            found.add((Side.MEMBER, member))
            if id(told.items) not in seen:  # members alike share what was used of them
                seen.add(id(told.items))
                found |= {(Side.PROVIDER, each) for each in providers_of(told.items)}
    return frozenset(found)
