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
from server.population_lives import Sale
from server.population_sketch import Origin, Sketch

_DAY = timedelta(days=1)


def put_shopping(sketch: Sketch) -> None:
    sales = sketch.life.sales
    for sale in sales:
        _put_sale(sketch, sale)
    if sales and sketch.dice.chance(500):
        _put_shipping_address(sketch, sales[0])
    _put_points(sketch)
    _put_texts(sketch)


def _put_sale(sketch: Sketch, sale: Sale) -> None:
    """The order and what follows from it."""
    dice, seller, person = sketch.dice, sale.seller, sketch.person
    origin = Origin(
        seller.company, "ORDER", sketch.likely("channels"), sale.at, service=seller.service
    )
    kept = {}
    if dice.chance(sketch.mix.shares.kept_briefly):
        kept["retention_until"] = sale.at + dice.number(3, 10) * YEAR
    relay = f"{person.key}-{seller.merchant or seller.company}".replace("_", "-")
    sketch.put(
        ORDERS,
        origin,
        **kept,
        merchant=seller.merchant,
        items=sale.items,
        amount=sale.amount,
        at=sale.at,
        status=sketch.likely("order_statuses"),
        relay_email=f"{relay}@relay.example.jp",
        recipient_name=person.name,
        shipping_address=person.address,
        phone=person.mobile,
    )
    if seller.books:
        starts_at = sale.at + dice.number(1, 90) * _DAY
        status = sketch.likely("reservation_statuses")
        sketch.put(RESERVATION, origin, plan=sale.items[0], starts_at=starts_at, status=status)
    if dice.chance(120):
        sketch.put(
            REVIEW,
            origin,
            screened=dice.chance(sketch.mix.shares.screened),
            rating=min(dice.number(2, 7), 5),
            body=sketch.word("reviews"),
            at=sale.at + dice.number(3, 30) * _DAY,
        )


def _put_shipping_address(sketch: Sketch, sale: Sale) -> None:
    """Where things go: mostly home."""
    person = sketch.person
    sketch.put(
        SHIPPING_ADDRESS,
        Origin(sale.seller.company, "ORDER", "WEB", sale.at),
        name=person.name,
        postal_code=person.postal_code,
        address=person.address if sketch.dice.chance(800) else f"{person.address} 勤務先",
        phone=person.mobile,
    )


def _put_points(sketch: Sketch) -> None:
    """Points, coupons, money back."""
    dice = sketch.dice
    for _ in range(dice.count(0.8)):
        origin = sketch.kept("POINTS", "WEB", sketch.mix.points)
        amount, reason = dice.number(-2000, 3000), sketch.word("points")
        sketch.put(POINT_ENTRY, origin, amount=amount, at=origin.at, reason=reason)
    for _ in range(dice.count(0.4)):
        origin = sketch.kept("CAMPAIGN", "APP")
        expires = origin.at + dice.number(7, 180) * _DAY
        used = dice.moment(origin.at, expires) if dice.chance(400) else None
        sketch.put(COUPON, origin, name=sketch.word("coupons"), expires_at=expires, used_at=used)
    for _ in range(dice.count(0.15)):
        origin = sketch.kept("CAMPAIGN", "WEB")
        amount, reason = dice.number(1, 50) * 100, sketch.word("cashbacks")
        sketch.put(CASHBACK, origin, amount=amount, at=origin.at, reason=reason)


def _put_texts(sketch: Sketch) -> None:
    """Answers and questions, most of them screened by now (Q19)."""
    dice, sales, screened = sketch.dice, sketch.life.sales, sketch.mix.shares.screened
    for _ in range(dice.count(0.2)):
        origin = sketch.kept("SURVEY", "WEB")
        sketch.put(
            SURVEY_ANSWER,
            origin,
            screened=dice.chance(screened),
            question=sketch.word("questions"),
            answer=sketch.word("answers"),
            at=origin.at,
        )
    for _ in range(dice.count(0.25)):
        company = dice.one(sales).seller.company if sales else sketch.mix.keeper
        origin = Origin(company, "INQUIRY", sketch.likely("channels"), sketch.some_time())
        body = sketch.word("inquiries")
        sketch.put(INQUIRY, origin, screened=dice.chance(screened), body=body, at=origin.at)
