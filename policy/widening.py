"""Whether one row of a provision permits more than another: what a member was not asked about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.catalogue import Purpose
from policy.documents import Party, Provision, PurposeSet, Version


@dataclass(frozen=True, slots=True)
class Held:
    """What a version of a document holds, with the purposes that are registered beside it."""

    rows: Mapping[str, Provision]
    published_at: datetime
    purposes: Mapping[str, Purpose]

    @classmethod
    def of(
        cls,
        rows: Iterable[Provision],
        document: str,
        version: Version,
        purposes: Mapping[str, Purpose],
    ) -> "Held":
        """Give it from the rows of all documents; an inactive one permits nothing."""
        mine = [row for row in rows if (row.document, row.version) == (document, version.key)]
        return cls({row.key: row for row in mine if row.active}, version.published_at, purposes)

    def reached(self, listed: PurposeSet) -> frozenset[str]:
        """Give the purposes that a row lists, with the children registered when it came (S14)."""
        children = {
            purpose.key
            for purpose in self.purposes.values()
            if purpose.parent in listed.with_children and purpose.registered_at <= self.published_at
        }
        return (listed.exact | listed.with_children | children) - listed.but


def widened(before: Held, after: Held) -> Iterator[tuple[str, str]]:
    """Give each provision that permits more afterwards, with what is more."""
    for key, row in after.rows.items():
        if key not in before.rows:
            yield key, "permits what nothing permitted before"
        else:
            for more in _more(before, before.rows[key], after, row):
                yield key, more


def _more(before: Held, old: Provision, after: Held, new: Provision) -> Iterator[str]:
    yield from _more_data(old, new)
    for purpose in sorted(after.reached(new.purposes) - before.reached(old.purposes)):
        yield f"serves {purpose!r} as well"
    if new.purposes.own and not old.purposes.own:
        yield "serves the recipients' own purposes as well"
    yield from _less_asked(old, new)


def _more_data(old: Provision, new: Provision) -> Iterator[str]:
    if not _within(new.providers, old.providers):
        yield "takes from other providers"
    if not _within(new.recipients, old.recipients):
        yield "reaches other recipients"
    for category, fields in new.categories.items():
        known = old.categories.get(category, frozenset())
        if known is not None and (fields is None or not fields <= known):
            yield f"opens more of {category!r}"
    for listed in sorted(new.sensitive_lists - old.sensitive_lists):
        yield f"opens the list {listed!r}"


def _less_asked(old: Provision, new: Provision) -> Iterator[str]:
    if new.min_consent < old.min_consent or new.items[: len(old.items)] != old.items:
        yield "asks for less consent"
    for requirement in old.requires:
        if requirement not in new.requires:
            yield f"asks no more for {requirement.value}"
    if old.purposes.own and new.own_purpose is not old.own_purpose:
        yield "lets own purposes in by another act"
    if new.unknown_age and not old.unknown_age:
        yield "takes a consent of unknown age"


def _within(new: Party, old: Party) -> bool:
    """Whether the new scope holds nobody whom the old one does not."""
    return (
        new.group is old.group
        and (not old.companies or new.companies <= old.companies)
        and (not old.kinds or bool(new.kinds and new.kinds <= old.kinds))
        and old.but <= new.but
        and new.publisher >= old.publisher
        and new.other >= old.other
    )
