"""What insurers know of a synthetic member: policies, premiums, claims, health."""

from dataclasses import replace
from datetime import timedelta

from models.tables import BENEFICIARY, CLAIM, HEALTH_RECORD, INSURANCE_POLICY, PREMIUM
from policy.vocabulary import FOREVER, YEAR
from server.population_lives import Cover
from server.population_sketch import Origin, Sketch

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def put_insurance(sketch: Sketch) -> None:
    for cover in sketch.life.covers:
        channel = sketch.likely("channels")
        origin = Origin(cover.company, "APPLICATION", channel, cover.since, cover.service, cover.no)
        _put_policy(sketch, cover, origin)
        _put_health(sketch, origin)
        if sketch.dice.chance(250):
            _put_claim(sketch, cover, origin)


def _put_policy(sketch: Sketch, cover: Cover, origin: Origin) -> None:
    dice = sketch.dice
    sketch.put(
        INSURANCE_POLICY,
        origin,
        no=cover.no,
        product=cover.product,
        role="INSURED" if cover.insured_only else "POLICYHOLDER",
        status="LAPSED" if cover.lapsed else "IN_FORCE",
        lapse_at=cover.lapse_at if cover.lapsed else None,
    )
    amount = dice.number(5, 120) * 100
    for year in range(dice.number(1, 3)):
        due = cover.since + year * YEAR
        if due < min(cover.lapse_at, sketch.life.end):
            paid = due + dice.number(0, 20) * _DAY if dice.chance(930) else None
            sketch.put(PREMIUM, origin, amount=amount, due_at=due, paid_at=paid)
    if dice.chance(500):
        for share in (50, 50) if dice.chance(250) else (100,):
            kin = sketch.word("relationships")
            sketch.put(BENEFICIARY, origin, relationship=kin, share=share)


def _put_health(sketch: Sketch, origin: Origin) -> None:
    """What was declared, mostly after a consent to its being acquired at all."""
    dice, health = sketch.dice, sketch.mix.health
    declared = replace(origin, source="DECLARATION")
    agreed = origin.at - _MINUTE if dice.chance(900) else FOREVER
    for kind in dice.some(tuple(health), 3):
        sketch.put(
            HEALTH_RECORD,
            declared,
            acquisition_consent_at=agreed,
            kind=kind,
            value=dice.one(health[kind]),
        )


def _put_claim(sketch: Sketch, cover: Cover, origin: Origin) -> None:
    dice = sketch.dice
    at = dice.moment(cover.since, min(cover.lapse_at, sketch.life.end))
    sketch.put(
        CLAIM,
        replace(origin, source="CLAIM", at=at),
        acquisition_consent_at=at if dice.chance(900) else FOREVER,
        no=f"C-{cover.no}",
        kind=sketch.word("claim_kinds"),
        amount=dice.number(10, 800) * 1000,
        status=sketch.likely("claim_statuses"),
        diagnosis=sketch.word("diagnoses") if dice.chance(700) else None,
    )
