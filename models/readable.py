"""Entries that can be read, whatever somebody did to their bytes."""

from collections.abc import Iterator

from models.disclosure import Entry, Opened
from models.entry_form import decode
from policy.requester import Role

LONGEST = 1000
"""Characters of a name: no catalogue has longer ones, and no index takes much longer ones."""
_PROVISIONS = range(-1, 2**31)
_EVENTS = range(2**63)
_ROLES = frozenset(Role)


def readable(body: bytes) -> Entry | None:
    """The entry of this body; None where it is none, or none that was ever made here.

    What is damaged can be of the right form and still hold what no database takes: it must not
    stand in the way of the others. `sekisho ledger verify` finds it.
    """
    try:
        entry = decode(body)
    except Exception:  # noqa: BLE001 (bytes of anybody's making: whatever they do to the decoder)
        return None
    return entry if _sound(entry) else None


def _sound(entry: Entry) -> bool:
    members = [each for disclosure in entry.disclosures for each in disclosure.members.values()]
    return (
        entry.role in _ROLES
        and all("\0" not in name and len(name) <= LONGEST for name in _names(entry))
        and all(each.last_seq in _EVENTS for each in members)
        and all(number in _PROVISIONS for number in _provisions(entry))
    )


def _names(entry: Entry) -> Iterator[str]:
    """Every name that stands in a row of its own once it is folded."""
    yield from filter(None, (entry.company, entry.on_behalf_of))
    yield from (entry.role, entry.purpose, entry.policy_version)
    for disclosure in entry.disclosures:
        yield from disclosure.members
    yield from (each.origin.acquirer for each in _opened(entry) if each.origin is not None)


def _provisions(entry: Entry) -> Iterator[int]:
    return (each.provision for each in _opened(entry))


def _opened(entry: Entry) -> Iterator[Opened]:
    """What opened anything; members alike share it, and it is looked at once."""
    alike = {
        id(told.items): told.items
        for disclosure in entry.disclosures
        for told in disclosure.members.values()
    }
    return (each for items in alike.values() for opened in items.values() for each in opened)
