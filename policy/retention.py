"""How long data stay when what they were for has ended (S17, S18, S70; art. 22)."""

from policy.vocabulary import YEAR

KEPT_AFTER_END = 3 * YEAR
"""From the end of an account, or of the contract that data belong to, where no date is set.

As long as the records of what was provided while it lasted (rules 21, 25), and no longer: a member
can dispute what is on record, and nobody keeps the person behind it beyond that.
"""
