"""How long data stay when what they were for has ended (S17, S18, S70; art. 22)."""

from datetime import datetime

from policy.vocabulary import YEAR

KEPT_AFTER_END = 3 * YEAR
"""From the end of an account, or of the contract that data belong to, where no date is set.

As long as the records of what was provided while it lasted (rules 21, 25), and no longer: a member
can dispute what is on record, and nobody keeps the person behind it beyond that.
"""

RECORD_YEARS = 3
"""How long the record of a provision is kept after it (arts. 29(2), 30(4); rules 21, 25)."""


def first_month_kept(at: datetime) -> str:
    """Give the earliest month, as 2026-04, whose records are kept still.

    Those of the months before ended at least three years ago.
    """
    return f"{at.year - RECORD_YEARS:04}-{at.month:02}"
