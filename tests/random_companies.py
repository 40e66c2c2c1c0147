"""Random companies, dated in every respect, their processors' contracts and successions."""

from collections.abc import Collection, Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from policy.catalogue import Company, Measures, ProcessorContract, Succession
from policy.vocabulary import HOME_COUNTRY, CompanyKind, GroupTie, IdStatus, Interval, Label
from tests.random_dates import ALWAYS, BEGIN, DATES, dates, mostly, period, pick, some

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


def draw_companies(draw: DrawFn, documents: Collection[str]) -> dict[str, Company]:
    return {key: draw_company(draw, key, documents) for key in COMPANIES}


def draw_company(draw: DrawFn, key: str, documents: Collection[str]) -> Company:
    of_group = key in GROUP
    country = pick(draw, *COUNTRIES.get(key, (HOME_COUNTRY,)))
    return Company(
        key=key,
        name=NAME,
        kind=pick(draw, *KINDS[key]),
        country=country,
        address="",
        representative="",
        contact_point="",
        listed=period(draw, odds=19),
        ties=((draw_tie(draw, key), period(draw)),) if of_group else (),
        insurance_group=(period(draw),) if of_group and mostly(draw) else (),
        adopts={key: (period(draw),) for key in documents if of_group and mostly(draw, 1)},
        id_status=draw_id(draw) if of_group else (),
        measures=None if country == HOME_COUNTRY else draw_measures(draw),
        trace=(),
    )


def draw_tie(draw: DrawFn, key: str) -> GroupTie:
    if key == "parent":
        return GroupTie.PARENT
    return GroupTie.CONSOLIDATED_SUBSIDIARY if mostly(draw, 2) else GroupTie.AFFILIATE


def draw_id(draw: DrawFn) -> tuple[tuple[IdStatus, Interval], ...]:
    """LIVE, or PLANNED until it is."""
    if mostly(draw, 4):
        return ((IdStatus.LIVE, ALWAYS),)
    since = draw(dates)
    return ((IdStatus.PLANNED, Interval(BEGIN, since)), (IdStatus.LIVE, Interval(since)))


def draw_measures(draw: DrawFn) -> Measures | None:
    if mostly(draw, 1):
        return None
    reviewed = draw(dates)
    later = [date for date in DATES if date >= reviewed]
    return Measures("contract", reviewed, None if mostly(draw) else pick(draw, *later))


def draw_contracts(
    draw: DrawFn, fields: Collection[str], purposes: Collection[str]
) -> tuple[ProcessorContract, ...]:
    """At most two mandates of the one processor."""
    return tuple(
        ProcessorContract(
            processor="helper",
            controller=pick(draw, *GROUP),
            fields=frozenset(some(draw, tuple(fields), most=8, least=4)),
            purposes=frozenset(some(draw, tuple(purposes), most=8, least=4)),
            in_force=period(draw),
            trace=(),
        )
        for _ in range(draw(st.integers(1, 2)))
    )


def draw_successions(draw: DrawFn) -> tuple[Succession, ...]:
    """At most two moves of custody, at different times, perhaps one after the other or back."""
    moves = []
    for at in some(draw, DATES, most=2) if not mostly(draw, 1) else ():
        old, new = draw(st.permutations(GROUP))[:2]
        moves.append(Succession(old, new, at, ()))
    return tuple(reversed(moves))
