"""What a caller says beside its operation."""

from collections.abc import Sequence
from typing import NamedTuple


class Said(NamedTuple):
    """All values of each header, or of the opening of a socket."""

    authorization: Sequence[str]
    purposes: Sequence[str]
    references: Sequence[str]
    explain: Sequence[str] = ()
    in_a_url: bool = False
    """Operands would land in proxy logs."""
