"""What a synthetic member bought, booked and earned, and what they had to say about it."""

from datetime import timedelta

from models.tables import (
    CASHBACK,
    COUPON,
    INQUIRY,
    ORDERS,
    POINT_ENTRY,
    RESERVATION,
    REVIEW,
    SHIPPING_ADDRESS,
    SURVEY_ANSWER,
)
from policy.vocabulary import YEAR
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Life, Sale
from server.population_people import Person
from server.population_shelf import Origin, Shelf

KEEPER = "rakuten_group"
"""Who runs points, coupons and surveys, and keeps the accounts."""
POINTS = "points"
TRAVEL = "travel"
_DAY = timedelta(days=1)


def put_shopping(dice: Dice, mix: Mix, person: Person, life: Life, shelf: Shelf) -> None:
    for sale in life.sales:
        _put_sale(dice, mix, person, sale, shelf)
    if life.sales and dice.chance(500):
        _put_shipping_address(dice, person, life, shelf)
    _put_points(dice, mix, life, shelf)
    for _ in range(dice.count(0.2)):
        origin = Origin(KEEPER, "SURVEY", "WEB", dice.moment(life.start, life.end))
        shelf.put(
            SURVEY_ANSWER,
            origin,
            screened=dice.chance(mix.shares.screened),
            question=dice.one(mix.words["questions"]),
            answer=dice.one(mix.words["answers"]),
            at=origin.at,
        )
    for _ in range(dice.count(0.25)):
        by = dice.one(life.sales).seller.company if life.sales else KEEPER
        channel = dice.likely(mix.odds["channels"])
        origin = Origin(by, "INQUIRY", channel, dice.moment(life.start, life.end))
        screened = dice.chance(mix.shares.screened)
        body = dice.one(mix.words["inquiries"])
        shelf.put(INQUIRY, origin, screened=screened, body=body, at=origin.at)


def _put_sale(dice: Dice, mix: Mix, person: Person, sale: Sale, shelf: Shelf) -> None:
    """The order and what follows from it."""
    seller, words = sale.seller, mix.words
    origin = Origin(seller.company, "ORDER", dice.likely(mix.odds["channels"]), sale.at)
    by_service = Origin(seller.company, "ORDER", origin.channel, sale.at, seller.service)
    kept = {}
    if dice.chance(mix.shares.kept_briefly):
        kept["retention_until"] = sale.at + dice.number(3, 10) * YEAR
    mailed = seller.merchant or seller.company
    shelf.put(
        ORDERS,
        origin,
        **kept,
        service=seller.service,
        merchant=seller.merchant,
        items=sale.items,
        amount=sale.amount,
        at=sale.at,
        status=dice.likely(mix.odds["order_statuses"]),
        relay_email=f"{person.key}-{mailed.replace('_', '-')}@relay.example.jp",
        recipient_name=person.name,
        shipping_address=person.address,
        phone=person.mobile,
    )
    if seller.company == TRAVEL:
        shelf.put(
            RESERVATION,
            by_service,
            plan=sale.items[0],
            starts_at=sale.at + dice.number(1, 90) * _DAY,
            status=dice.likely(mix.odds["reservation_statuses"]),
        )
    if dice.chance(120):
        at = sale.at + dice.number(3, 30) * _DAY
        shelf.put(
            REVIEW,
            by_service,
            screened=dice.chance(mix.shares.screened),
            rating=min(dice.number(2, 7), 5),
            body=dice.one(words["reviews"]),
            at=at,
        )


def _put_shipping_address(dice: Dice, person: Person, life: Life, shelf: Shelf) -> None:
    """Where things go: mostly home."""
    origin = Origin(life.sales[0].seller.company, "ORDER", "WEB", life.sales[0].at)
    shelf.put(
        SHIPPING_ADDRESS,
        origin,
        name=person.name,
        postal_code=person.postal_code,
        address=person.address if dice.chance(800) else f"{person.address} 勤務先",
        phone=person.mobile,
    )


def _put_points(dice: Dice, mix: Mix, life: Life, shelf: Shelf) -> None:
    for _ in range(dice.count(0.8)):
        origin = Origin(KEEPER, "POINTS", "WEB", dice.moment(life.start, life.end), POINTS)
        amount, reason = dice.number(-2000, 3000), dice.one(mix.words["points"])
        shelf.put(POINT_ENTRY, origin, amount=amount, at=origin.at, reason=reason)
    for _ in range(dice.count(0.4)):
        origin = Origin(KEEPER, "CAMPAIGN", "APP", dice.moment(life.start, life.end))
        expires = origin.at + dice.number(7, 180) * _DAY
        used = dice.moment(origin.at, expires) if dice.chance(400) else None
        name = dice.one(mix.words["coupons"])
        shelf.put(COUPON, origin, name=name, expires_at=expires, used_at=used)
    for _ in range(dice.count(0.15)):
        origin = Origin(KEEPER, "CAMPAIGN", "WEB", dice.moment(life.start, life.end))
        amount, reason = dice.number(1, 50) * 100, dice.one(mix.words["cashbacks"])
        shelf.put(CASHBACK, origin, amount=amount, at=origin.at, reason=reason)
