"""The product's own statements of the four queries, ready for the driver.

Made by what makes the product's, in the order in which its planner reads the same filter: the texts
are the same but for the names of operands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.criteria import Below, Every, Leaf, Listing, Op, RowsBelow, Sort
from models.reader import Read, read_of
from models.redacted import member_by_key, page_of_members
from models.view import View
from policy.grant import Asker
from server.checkpoint import Checkpoint

PREFECTURE, FROM, UNTIL = "prefecture", "from", "until"
"""The names under which the filter's operands are bound."""
_BIRTH = Every((Leaf("birthDate", Op.LT, UNTIL), Leaf("birthDate", Op.GTE, FROM)))
_FILTER = Every((_BIRTH, Leaf("prefecture", Op.EQ, PREFECTURE)))
_USED = ("birthDate", "prefecture")


@dataclass(frozen=True)
class Statements:
    """One of each."""

    page: Read
    member: Read
    search: Read
    count: Read

    @classmethod
    def of(
        cls, here: Checkpoint, view: View, fields: Sequence[str], children: Sequence[str]
    ) -> "Statements":
        paths, below = tuple(fields), tuple(f"orders.{name}" for name in children)
        orders = RowsBelow("orders", below, Listing())
        by_name = Listing(_FILTER, (Sort("fullNameKana"),))
        used = (*_USED, "fullNameKana")
        of_each = (
            page_of_members(view, paths, (), Listing(after=())),
            member_by_key(view, paths, (Below("orders"),), (), (orders,)),
            page_of_members(view, paths, (), by_name, used),
            page_of_members(view, (), (), Listing(_FILTER), _USED, counted=True),
        )
        return cls(*(read_of(each, here.database.dialect) for each in of_each))


def view_of(here: Checkpoint, company: str, purpose: str, at: datetime) -> View:
    """Through whose eyes they read."""
    grants = here.versions.held.grants
    epoch, _ = grants.epoch(at)
    return View(grants, Asker(company), purpose, epoch)
