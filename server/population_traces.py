"""What a synthetic member left behind: logins, devices, advertisements, words of third parties."""

from models.tables import AD_CONTACT, DEVICE, FRAUD_SIGNAL, LOGIN_EVENT, THIRD_PARTY_RECEIPT
from server.population_people import age_band
from server.population_sketch import Sketch

_DOCUMENTED = ("192.0.2", "198.51.100", "203.0.113")
"""Networks reserved for documentation."""


def put_traces(sketch: Sketch) -> None:
    dice, customs = sketch.dice, sketch.life.customs
    for _ in range(dice.count(1.2)):
        origin = sketch.kept("LOGIN", "WEB")
        elsewhere = customs and dice.chance(300)
        company = dice.one(customs).of.company if elsewhere else origin.company
        sketch.put(LOGIN_EVENT, origin, at=origin.at, company=company, ok=dice.chance(960))
    for _ in range(dice.count(0.8)):
        _put_device(sketch)
    for _ in range(dice.count(0.4)):
        _put_advertisement(sketch)
    if dice.chance(8):
        origin = sketch.kept("THIRD_PARTY", "SYSTEM")
        kind, informant = sketch.word("fraud_kinds"), sketch.word("informants")
        as_of = origin.at.date()
        sketch.put(FRAUD_SIGNAL, origin, kind=kind, informant=informant, as_of=as_of)
    if dice.chance(60):
        origin = sketch.kept("THIRD_PARTY", "SYSTEM")
        third_party, basis = sketch.word("third_parties"), sketch.word("receipt_bases")
        sketch.put(THIRD_PARTY_RECEIPT, origin, third_party=third_party, basis=basis)


def _link_state(sketch: Sketch) -> str:
    """What a device told before a login is about nobody yet (S12)."""
    return "ANONYMOUS" if sketch.dice.chance(sketch.mix.shares.anonymous) else "LINKED"


def _put_device(sketch: Sketch) -> None:
    dice, words, person = sketch.dice, sketch.mix.words, sketch.person
    age, guessed = person.age_at(sketch.mix.until), dice.chance(500)
    latitude, longitude = 33 + dice.number(0, 1000) / 100, 130 + dice.number(0, 1100) / 100
    sketch.put(
        DEVICE,
        sketch.kept("DEVICE", "APP"),
        link_state=_link_state(sketch),
        device_id=f"device-{dice.digits(12)}",
        advertising_id=f"ad-{dice.digits(12)}" if dice.chance(600) else None,
        cookie_uid=f"cookie-{dice.digits(12)}",
        os=sketch.word("systems"),
        connection=sketch.word("connections"),
        user_agent=sketch.word("user_agents"),
        ip_address=f"{dice.one(_DOCUMENTED)}.{dice.number(1, 254)}",
        geolocation=f"geo:{latitude:.2f},{longitude:.2f}" if dice.chance(400) else None,
        referrer=sketch.word("referrers") if dice.chance(500) else None,
        viewed_urls=dice.some(words["pages"], 4),
        search_terms=dice.some(words["searches"], 3) if dice.chance(600) else None,
        inferred_age_band=age_band(age) if guessed and age is not None else None,
        inferred_gender=person.gender if guessed else None,
    )


def _put_advertisement(sketch: Sketch) -> None:
    origin = sketch.kept("ADVERTISEMENT", "WEB")
    sketch.put(
        AD_CONTACT,
        origin,
        link_state=_link_state(sketch),
        ad=sketch.word("ads"),
        at=origin.at,
        trigger=sketch.word("ad_triggers"),
        technology=sketch.word("ad_technologies"),
    )
