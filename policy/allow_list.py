"""What a token's allow-list of purposes opens, spelled out."""

from datetime import datetime

from policy.catalogue import Catalogue

_STAR = "*"
_OWN = "own:"


def expand(allow: tuple[str, ...], catalogue: Catalogue, at: datetime) -> frozenset[str]:
    """Every purpose registered at `at` that the list names.

    `x*` is x and its children, `own:<company>:*` that company's own purposes. What the catalogue
    does not know, a bare `*` included, opens nothing.
    """
    known = {key for key, purpose in catalogue.purposes.items() if purpose.registered_at <= at}
    return frozenset(
        purpose for entry in allow for purpose in _named(entry, catalogue, at) if purpose in known
    )


def _named(entry: str, catalogue: Catalogue, at: datetime) -> frozenset[str]:
    if not entry.endswith(_STAR):
        return frozenset({entry})
    stem = entry.removesuffix(_STAR)
    if stem.startswith(_OWN) and stem.endswith(":"):
        return _own(stem.removeprefix(_OWN).removesuffix(":"), catalogue)
    return catalogue.children(stem, at) if stem else frozenset()


def _own(company: str, catalogue: Catalogue) -> frozenset[str]:
    return frozenset(
        key for key, purpose in catalogue.purposes.items() if company and purpose.owner == company
    )
