"""Ages, as coarse as the rule of guardians needs them (Q16)."""

from datetime import date, datetime

from policy.vocabulary import AgeGroup

ADULT_YEARS, YOUTH_YEARS = 18, 16


def age_group(born: date | None, at: datetime) -> AgeGroup:
    """Give the age at `at`, by the day in UTC; UNKNOWN without a day of birth."""
    if born is None:
        return AgeGroup.UNKNOWN
    age = years(born, at.date())
    if age >= ADULT_YEARS:
        return AgeGroup.ADULT
    return AgeGroup.YOUTH if age >= YOUTH_YEARS else AgeGroup.CHILD


def years(born: date, day: date) -> int:
    """Give the full years between the two days."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
