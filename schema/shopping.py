"""What a member bought, booked and earned."""

from datetime import datetime
from typing import ClassVar

import strawberry

from schema.company import Company
from schema.directives import personal
from schema.provenance import Provenance
from schema.scalars import EmailAddress


@strawberry.type(description="A purchase, with what was given for it.")
class Order(Provenance):
    """`merchant` and `service` say where it was made."""

    relation: ClassVar = "orders"

    merchant: Company | None = personal("The merchant it was placed with.")
    service: str | None = personal("Key of the service it was placed through.")
    items: list[str] | None = personal("What was bought.")
    amount: int | None = personal("The price, in yen.")
    at: datetime | None = personal("When it was placed.")
    status: str | None = personal("How far it has come.")
    relay_email: EmailAddress | None = personal(
        "An address that relays the merchant's mail to the member."
    )
    recipient_name: str | None = personal("To whom it goes.")
    shipping_address: str | None = personal("Where it goes.")
    phone: str | None = personal("The telephone number given for it.")


@strawberry.type(description="A booking, such as of a room.")
class Reservation(Provenance):
    """Of what, and when it begins."""

    relation: ClassVar = "reservations"

    plan: str | None = personal("What is booked.")
    starts_at: datetime | None = personal("When it begins.")
    status: str | None = personal("How far it has come.")


@strawberry.type(description="A coupon that the member holds or has used.")
class Coupon(Provenance):
    """Unused while `usedAt` is null."""

    relation: ClassVar = "coupons"

    name: str | None = personal("What it is good for.")
    expires_at: datetime | None = personal("When it ends.")
    used_at: datetime | None = personal("When it was used.")


@strawberry.type(description="Money given back.")
class Cashback(Provenance):
    """An entry of its history."""

    relation: ClassVar = "cashbacks"

    amount: int | None = personal("How much, in yen.")
    at: datetime | None = personal("When it was given.")
    reason: str | None = personal("What for.")


@strawberry.type(description="An entry of the points account.")
class PointEntry(Provenance):
    """The balance stands on the member."""

    relation: ClassVar = "pointHistory"

    amount: int | None = personal("Points earned or, below zero, spent.")
    at: datetime | None = personal("When they were.")
    reason: str | None = personal("What for.")


@strawberry.type(description="An address that the member has things sent to.")
class ShippingAddress(Provenance):
    """Kept for the next order; what was given for one stands on it."""

    relation: ClassVar = "shippingAddresses"

    name: str | None = personal("Who receives there.")
    postal_code: str | None = personal("The postal code.")
    address: str | None = personal("The address.")
    phone: str | None = personal("The telephone number.")
