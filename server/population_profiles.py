"""What companies acquired of a synthetic member themselves: profiles, means of payment, papers."""

from datetime import datetime

from models.tables import (
    CONTACT_PREFERENCE,
    CREDIT_CHECK,
    CUSTOMER_RECORD,
    IDENTITY_DOCUMENT,
    PAYMENT,
    PAYMENT_METHOD,
)
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Custom, Life
from server.population_people import Person
from server.population_shelf import Origin, Shelf
from server.population_shopping import KEEPER

_LENDERS = frozenset({"card", "bank", "mobile"})
_PAYING = frozenset({"card", "bank", "payment", "mobile"})


def put_profiles(dice: Dice, mix: Mix, person: Person, life: Life, shelf: Shelf) -> None:
    for custom in life.customs:
        _put_custom(dice, mix, person, life, custom, shelf)
    if dice.chance(350):
        origin = Origin(KEEPER, "ACCOUNT", "WEB", dice.moment(life.start, life.end))
        _put_payment_method(dice, mix, origin, shelf)
        for _ in range(dice.count(0.7)):
            _put_payment(dice, mix, life, origin, shelf)
    if dice.chance(100):
        origin = Origin(KEEPER, "EKYC", "APP", dice.moment(life.start, life.end))
        _put_identity_document(dice, mix, person, origin, shelf)
    if dice.chance(120):
        origin = Origin(KEEPER, "ACCOUNT", "SETTINGS", dice.moment(life.start, life.end))
        for company in dice.some(mix.senders, 2):
            shelf.put(
                CONTACT_PREFERENCE, origin, company=company, means=dice.one(mix.words["means"])
            )


def _put_custom(  # noqa: PLR0913, PLR0917 (a member is drawn with all that is known of it)
    dice: Dice, mix: Mix, person: Person, life: Life, custom: Custom, shelf: Shelf
) -> None:
    """What a company asks of a new customer."""
    company = custom.of.company
    no = next((cover.no for cover in life.covers if cover.company == company), None)
    channel = dice.likely(mix.odds["channels"])
    origin = Origin(company, "APPLICATION", channel, custom.since, custom.of.service, no)
    shelf.put(
        CUSTOMER_RECORD,
        origin,
        name=person.name,
        address=person.address,
        phone=person.phone if dice.chance(300) else person.mobile,
        occupation=person.occupation if dice.chance(800) else None,
    )
    if company in _PAYING:
        _put_payment_method(dice, mix, origin, shelf)
        for _ in range(dice.count(1)):
            _put_payment(dice, mix, life, origin, shelf)
    if company in _LENDERS:
        if dice.chance(400):
            _put_identity_document(dice, mix, person, origin, shelf)
        words = mix.words
        shelf.put(
            CREDIT_CHECK,
            Origin(company, "CREDIT_BUREAU", "SYSTEM", custom.since, custom.of.service),
            bureau=dice.one(words["bureaus"]),
            as_of=custom.since.date(),
            grade=dice.likely(mix.odds["grades"]),
        )


def _put_payment_method(dice: Dice, mix: Mix, origin: Origin, shelf: Shelf) -> None:
    """A card, or an account of which all but the last digits are masked."""
    if dice.chance(650):
        expiry = f"{dice.number(1, 12):02}/{dice.number(26, 31)}"
        brand, last4 = dice.one(mix.words["card_brands"]), dice.digits(4)
        shelf.put(PAYMENT_METHOD, origin, card_brand=brand, card_last4=last4, card_expiry=expiry)
    else:
        masked = f"{dice.one(mix.words['banks'])} 普通 ****{dice.digits(3)}"
        shelf.put(PAYMENT_METHOD, origin, bank_account_masked=masked)


def _put_payment(dice: Dice, mix: Mix, life: Life, origin: Origin, shelf: Shelf) -> None:
    at = _later(dice, origin, life)
    amount, method = dice.number(5, 300) * 100, dice.one(mix.words["payment_methods"])
    paid = Origin(origin.company, "PAYMENT", "SYSTEM", at, origin.service, origin.contract_no)
    shelf.put(PAYMENT, paid, amount=amount, at=at, method=method)


def _put_identity_document(
    dice: Dice, mix: Mix, person: Person, origin: Origin, shelf: Shelf
) -> None:
    """A paper, its number cut to what no real one has."""
    shelf.put(
        IDENTITY_DOCUMENT,
        origin,
        type=dice.one(mix.words["identity_documents"]),
        number=f"000{dice.digits(9)}",
        verified_at=origin.at if dice.chance(850) else None,
        full_name=person.name,
        birth_date=person.born,
        address=person.address,
    )


def _later(dice: Dice, origin: Origin, life: Life) -> datetime:
    return dice.moment(origin.at, life.end)
