"""What a synthetic member left behind: logins, devices, advertisements, words of third parties."""

from models.tables import (
    AD_CONTACT,
    DEVICE,
    FRAUD_SIGNAL,
    LOGIN_EVENT,
    THIRD_PARTY_RECEIPT,
)
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Life
from server.population_people import Person, age_band
from server.population_shelf import Origin, Shelf
from server.population_shopping import KEEPER

_DOCUMENTED = ("192.0.2", "198.51.100", "203.0.113")
"""Networks reserved for documentation."""


def put_traces(dice: Dice, mix: Mix, person: Person, life: Life, shelf: Shelf) -> None:
    for _ in range(dice.count(1.2)):
        origin = Origin(KEEPER, "LOGIN", "WEB", dice.moment(life.start, life.end))
        by = dice.one(life.customs).of.company if life.customs and dice.chance(300) else KEEPER
        shelf.put(LOGIN_EVENT, origin, at=origin.at, company=by, ok=dice.chance(960))
    for _ in range(dice.count(0.8)):
        _put_device(dice, mix, person, life, shelf)
    for _ in range(dice.count(0.4)):
        _put_advertisement(dice, mix, life, shelf)
    if dice.chance(8):
        origin = Origin(KEEPER, "THIRD_PARTY", "SYSTEM", dice.moment(life.start, life.end))
        shelf.put(
            FRAUD_SIGNAL,
            origin,
            kind=dice.one(mix.words["fraud_kinds"]),
            informant=dice.one(mix.words["informants"]),
            as_of=origin.at.date(),
        )
    if dice.chance(60):
        origin = Origin(KEEPER, "THIRD_PARTY", "SYSTEM", dice.moment(life.start, life.end))
        third_party, basis = (
            dice.one(mix.words["third_parties"]),
            dice.one(mix.words["receipt_bases"]),
        )
        shelf.put(THIRD_PARTY_RECEIPT, origin, third_party=third_party, basis=basis)


def _link_state(dice: Dice, mix: Mix) -> str:
    """What a device told before a login is about nobody yet (S12)."""
    return "ANONYMOUS" if dice.chance(mix.shares.anonymous) else "LINKED"


def _put_device(dice: Dice, mix: Mix, person: Person, life: Life, shelf: Shelf) -> None:
    words = mix.words
    age = person.age_at(mix.until)
    guessed = dice.chance(500)
    latitude, longitude = 33 + dice.number(0, 1000) / 100, 130 + dice.number(0, 1100) / 100
    shelf.put(
        DEVICE,
        Origin(KEEPER, "DEVICE", "APP", dice.moment(life.start, life.end)),
        link_state=_link_state(dice, mix),
        device_id=f"device-{dice.digits(12)}",
        advertising_id=f"ad-{dice.digits(12)}" if dice.chance(600) else None,
        cookie_uid=f"cookie-{dice.digits(12)}",
        os=dice.one(words["systems"]),
        connection=dice.one(words["connections"]),
        user_agent=dice.one(words["user_agents"]),
        ip_address=f"{dice.one(_DOCUMENTED)}.{dice.number(1, 254)}",
        geolocation=f"{latitude:.2f},{longitude:.2f}" if dice.chance(400) else None,
        referrer=dice.one(words["referrers"]) if dice.chance(500) else None,
        viewed_urls=dice.some(words["pages"], 4),
        search_terms=dice.some(words["searches"], 3) if dice.chance(600) else None,
        inferred_age_band=age_band(age) if guessed and age is not None else None,
        inferred_gender=person.gender if guessed else None,
    )


def _put_advertisement(dice: Dice, mix: Mix, life: Life, shelf: Shelf) -> None:
    origin = Origin(KEEPER, "ADVERTISEMENT", "WEB", dice.moment(life.start, life.end))
    shelf.put(
        AD_CONTACT,
        origin,
        link_state=_link_state(dice, mix),
        ad=dice.one(mix.words["ads"]),
        at=origin.at,
        trigger=dice.one(mix.words["ad_triggers"]),
        technology=dice.one(mix.words["ad_technologies"]),
    )
