"""Random companies, dated in every respect, their processors' contracts and successions."""

from collections.abc import Collection, Mapping

from policy.companies import Company, Measures, ProcessorContract, Succession
from policy.vocabulary import HOME_COUNTRY, CompanyKind, GroupTie, IdStatus, Interval, Label
from tests.dice import Dice
from tests.random_dates import ALWAYS, BEGIN, DATES, period

NAME = Label("名", "name")

GROUP = ("parent", "shop", "ssi", "life", "abroad")
COMPANIES = (*GROUP, "merchant", "helper")
KINDS: Mapping[str, tuple[CompanyKind, ...]] = {
    "parent": (CompanyKind.PARENT,),
    "shop": (CompanyKind.COMMERCE, CompanyKind.FINTECH),
    "ssi": (CompanyKind.SSI,),
    "life": (CompanyKind.INSURER, CompanyKind.INSURANCE_HOLDING),
    "abroad": (CompanyKind.COMMERCE, CompanyKind.INSURER),
    "merchant": (CompanyKind.MERCHANT,),
    "helper": (CompanyKind.PROCESSOR,),
}
COUNTRIES: Mapping[str, tuple[str, ...]] = {
    "abroad": ("SG", "SG", "FR", ""),
    "helper": (HOME_COUNTRY, HOME_COUNTRY, "SG"),
}


def draw_companies(dice: Dice, documents: Collection[str]) -> dict[str, Company]:
    return {key: draw_company(dice, key, documents) for key in COMPANIES}


def draw_company(dice: Dice, key: str, documents: Collection[str]) -> Company:
    of_group = key in GROUP
    country = dice.pick(*COUNTRIES.get(key, (HOME_COUNTRY,)))
    return Company(
        key=key,
        name=NAME,
        kind=dice.pick(*KINDS[key]),
        country=country,
        address="",
        representative="",
        contact_point="",
        listed=period(dice, odds=29),
        ties=((draw_tie(dice, key), period(dice)),) if of_group else (),
        insurance_group=(period(dice),) if of_group and dice.mostly() else (),
        adopts={key: (period(dice),) for key in documents if of_group and dice.mostly(1)},
        id_status=draw_id(dice) if of_group else (),
        measures=None if country == HOME_COUNTRY else draw_measures(dice),
        trace=(),
    )


def draw_tie(dice: Dice, key: str) -> GroupTie:
    if key == "parent":
        return GroupTie.PARENT
    return GroupTie.CONSOLIDATED_SUBSIDIARY if dice.mostly(2) else GroupTie.AFFILIATE


def draw_id(dice: Dice) -> tuple[tuple[IdStatus, Interval], ...]:
    """LIVE, or PLANNED until it is."""
    if dice.mostly(4):
        return ((IdStatus.LIVE, ALWAYS),)
    since = dice.pick(*DATES)
    return ((IdStatus.PLANNED, Interval(BEGIN, since)), (IdStatus.LIVE, Interval(since)))


def draw_measures(dice: Dice) -> Measures | None:
    if dice.mostly(1):
        return None
    reviewed = dice.pick(*DATES)
    later = [date for date in DATES if date >= reviewed]
    return Measures("contract", reviewed, None if dice.mostly() else dice.pick(*later))


def draw_contracts(
    dice: Dice, fields: Collection[str], purposes: Collection[str]
) -> tuple[ProcessorContract, ...]:
    """At most two mandates of the one processor."""
    return tuple(
        ProcessorContract(
            processor="helper",
            controller=dice.pick(*GROUP),
            fields=frozenset(dice.some(tuple(fields), most=8, least=4)),
            purposes=frozenset(dice.some(tuple(purposes), most=8, least=4)),
            in_force=period(dice),
            trace=(),
        )
        for _ in range(1 + dice.below(2))
    )


def draw_successions(dice: Dice) -> tuple[Succession, ...]:
    """At most two moves of custody, at different times, perhaps one after the other or back."""
    moves = []
    for at in dice.some(DATES, most=2) if not dice.mostly(1) else ():
        old, new = dice.some(GROUP, most=2, least=2)
        if dice.mostly(1):
            old, new = new, old
        moves.append(Succession(old, new, at, ()))
    return tuple(reversed(moves))
