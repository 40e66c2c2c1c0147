"""What companies acquired of a synthetic member themselves: profiles, means of payment, papers."""

from models.tables import (
    CONTACT_PREFERENCE,
    CREDIT_CHECK,
    CUSTOMER_RECORD,
    IDENTITY_DOCUMENT,
    PAYMENT,
    PAYMENT_METHOD,
)
from server.population_lives import Custom
from server.population_sketch import Origin, Sketch


def put_profiles(sketch: Sketch) -> None:
    dice = sketch.dice
    for custom in sketch.life.customs:
        _put_custom(sketch, custom)
    if dice.chance(350):
        _put_paying(sketch, sketch.kept("ACCOUNT", "WEB"), 0.7)
    if dice.chance(100):
        _put_identity_document(sketch, sketch.kept("EKYC", "APP"))
    if dice.chance(120):
        origin = sketch.kept("ACCOUNT", "SETTINGS")
        for company in dice.some(sketch.mix.senders, 2):
            sketch.put(CONTACT_PREFERENCE, origin, company=company, means=sketch.word("means"))


def _put_custom(sketch: Sketch, custom: Custom) -> None:
    """What a company asks of a new customer."""
    dice, person, of = sketch.dice, sketch.person, custom.of
    covers = sketch.life.covers
    no = next((cover.no for cover in covers if cover.company == of.company), None)
    channel = sketch.likely("channels")
    origin = Origin(of.company, "APPLICATION", channel, custom.since, of.service, no)
    sketch.put(
        CUSTOMER_RECORD,
        origin,
        name=person.name,
        address=person.address,
        phone=person.phone if dice.chance(300) else person.mobile,
        occupation=person.occupation if dice.chance(800) else None,
    )
    if of.pays:
        _put_paying(sketch, origin, 1)
    if of.lends:
        if dice.chance(400):
            _put_identity_document(sketch, origin)
        asked = Origin(of.company, "CREDIT_BUREAU", "SYSTEM", custom.since, of.service)
        bureau, grade = sketch.word("bureaus"), sketch.likely("grades")
        sketch.put(CREDIT_CHECK, asked, bureau=bureau, as_of=custom.since.date(), grade=grade)


def _put_paying(sketch: Sketch, origin: Origin, payments: float) -> None:
    """A card, or an account of which all but the last digits are masked, and payments."""
    dice, end = sketch.dice, sketch.life.end
    if dice.chance(650):
        expiry = f"{dice.number(1, 12):02}/{dice.number(26, 31)}"
        brand, last4 = sketch.word("card_brands"), dice.digits(4)
        sketch.put(PAYMENT_METHOD, origin, card_brand=brand, card_last4=last4, card_expiry=expiry)
    else:
        masked = f"{sketch.word('banks')} 普通 ****{dice.digits(3)}"
        sketch.put(PAYMENT_METHOD, origin, bank_account_masked=masked)
    for _ in range(dice.count(payments)):
        at = dice.moment(origin.at, end)
        paid = Origin(origin.company, "PAYMENT", "SYSTEM", at, origin.service)
        amount, method = dice.number(5, 300) * 100, sketch.word("payment_methods")
        sketch.put(PAYMENT, paid, amount=amount, at=at, method=method)


def _put_identity_document(sketch: Sketch, origin: Origin) -> None:
    """A paper, under a number that begins like no real one."""
    dice, person = sketch.dice, sketch.person
    sketch.put(
        IDENTITY_DOCUMENT,
        origin,
        type=sketch.word("identity_documents"),
        number=f"000{dice.digits(9)}",
        verified_at=origin.at if dice.chance(850) else None,
        full_name=person.name,
        birth_date=person.born,
        address=person.address,
    )
