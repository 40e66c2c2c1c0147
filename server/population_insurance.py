"""What insurers know of a synthetic member: policies, premiums, claims, health."""

from datetime import datetime, timedelta

from models.tables import BENEFICIARY, CLAIM, HEALTH_RECORD, INSURANCE_POLICY, PREMIUM
from policy.vocabulary import FOREVER, YEAR
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Cover, Life
from server.population_shelf import Origin, Shelf

_KINDS = {
    "healthDeclaration": "declarations",
    "medicalHistory": "illnesses",
    "checkupResults": "checkups",
    "treatment": "treatments",
    "hospitalisation": "hospitalisations",
    "disability": "disabilities",
}
"""Kind of a health record → the words to draw from; a kind that no list names stays closed."""
_UNLISTED = "creed", "creeds"
_MINUTE = timedelta(minutes=1)


def put_insurance(dice: Dice, mix: Mix, life: Life, shelf: Shelf) -> None:
    for cover in life.covers:
        origin = Origin(
            cover.company,
            "APPLICATION",
            dice.likely(mix.odds["channels"]),
            cover.since,
            cover.service,
            cover.no,
        )
        _put_policy(dice, mix, life, cover, origin, shelf)
        _put_health(dice, mix, origin, shelf)
        if dice.chance(250):
            _put_claim(dice, mix, life, cover, origin, shelf)


def _put_policy(  # noqa: PLR0913, PLR0917 (a member is drawn with all that is known of it)
    dice: Dice, mix: Mix, life: Life, cover: Cover, origin: Origin, shelf: Shelf
) -> None:
    shelf.put(
        INSURANCE_POLICY,
        origin,
        no=cover.no,
        product=cover.product,
        role="INSURED" if cover.insured_only else "POLICYHOLDER",
        status="LAPSED" if cover.lapsed else "IN_FORCE",
        lapse_at=cover.lapse_at if cover.lapsed else None,
    )
    amount = dice.number(5, 120) * 100
    ends = min(cover.lapse_at, life.end)
    for year in range(dice.number(1, 3)):
        due = cover.since + year * YEAR
        if due < ends:
            paid = due + dice.number(0, 20) * timedelta(days=1) if dice.chance(930) else None
            shelf.put(PREMIUM, origin, amount=amount, due_at=due, paid_at=paid)
    for share in ((100,), (50, 50))[dice.chance(250)] if dice.chance(500) else ():
        kin = dice.one(mix.words["relationships"])
        shelf.put(BENEFICIARY, origin, relationship=kin, share=share)


def _put_health(dice: Dice, mix: Mix, origin: Origin, shelf: Shelf) -> None:
    """What was declared, mostly after a consent to its being acquired at all."""
    agreed = {}
    if dice.chance(900):
        agreed["acquisition_consent_at"] = origin.at - _MINUTE
    declared = Origin(
        origin.company,
        "DECLARATION",
        origin.channel,
        origin.at,
        origin.service,
        origin.contract_no,
    )
    kinds = list(_KINDS.items()) + ([_UNLISTED] if dice.chance(20) else [])
    for kind, words in dice.some(kinds, 3):
        shelf.put(HEALTH_RECORD, declared, **agreed, kind=kind, value=dice.one(mix.words[words]))


def _put_claim(  # noqa: PLR0913, PLR0917 (a member is drawn with all that is known of it)
    dice: Dice, mix: Mix, life: Life, cover: Cover, origin: Origin, shelf: Shelf
) -> None:
    at: datetime = dice.moment(cover.since, max(min(cover.lapse_at, life.end), cover.since))
    agreed = at if dice.chance(900) else FOREVER
    shelf.put(
        CLAIM,
        Origin(origin.company, "CLAIM", origin.channel, at, origin.service, origin.contract_no),
        acquisition_consent_at=agreed,
        no=f"C-{cover.no}",
        kind=dice.one(mix.words["claim_kinds"]),
        amount=dice.number(10, 800) * 1000,
        status=dice.likely(mix.odds["claim_statuses"]),
        diagnosis=dice.one(mix.words["diagnoses"]) if dice.chance(700) else None,
    )
