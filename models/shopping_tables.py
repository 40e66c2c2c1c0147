"""What members bought, booked and earned."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger

from models.columns import personal
from models.provenance import Kept, OfService, below_member, graphql_int
from models.types import TEXT, Instant, Words
from policy.vocabulary import RowFact


class Order(Kept, table=True):
    """A purchase, with what was given for it; `at` is also when the rule says it was placed."""

    __tablename__ = "orders"
    __table_args__: ClassVar = below_member("orders", "orders")

    service: str | None = personal("orders.service", TEXT, fact=RowFact.SERVICE)
    merchant: str | None = personal("orders.merchant", TEXT, fact=RowFact.MERCHANT)
    items: Sequence[str] | None = personal("orders.items", Words)
    amount: int | None = personal("orders.amount", BigInteger, graphql_int("amount"))
    at: datetime | None = personal("orders.at", Instant)
    status: str | None = personal("orders.status", TEXT)
    relay_email: str | None = personal("orders.relayEmail", TEXT)
    recipient_name: str | None = personal("orders.recipientName", TEXT)
    shipping_address: str | None = personal("orders.shippingAddress", TEXT)
    phone: str | None = personal("orders.phone", TEXT)


class Reservation(OfService, table=True):
    """A booking, such as of a room."""

    __tablename__ = "reservation"
    __table_args__: ClassVar = below_member("reservations", "reservation")

    plan: str | None = personal("reservations.plan", TEXT)
    starts_at: datetime | None = personal("reservations.startsAt", Instant)
    status: str | None = personal("reservations.status", TEXT)


class Coupon(OfService, table=True):
    """A coupon held or used."""

    __tablename__ = "coupon"
    __table_args__: ClassVar = below_member("coupons", "coupon")

    name: str | None = personal("coupons.name", TEXT)
    expires_at: datetime | None = personal("coupons.expiresAt", Instant)
    used_at: datetime | None = personal("coupons.usedAt", Instant)


class Cashback(OfService, table=True):
    """Money given back."""

    __tablename__ = "cashback"
    __table_args__: ClassVar = below_member("cashbacks", "cashback")

    amount: int | None = personal("cashbacks.amount", BigInteger, graphql_int("amount"))
    at: datetime | None = personal("cashbacks.at", Instant)
    reason: str | None = personal("cashbacks.reason", TEXT)


class PointEntry(OfService, table=True):
    """Points earned or, below zero, spent."""

    __tablename__ = "point_entry"
    __table_args__: ClassVar = below_member("pointHistory", "point_entry")

    amount: int | None = personal("pointHistory.amount", BigInteger, graphql_int("amount"))
    at: datetime | None = personal("pointHistory.at", Instant)
    reason: str | None = personal("pointHistory.reason", TEXT)


class ShippingAddress(OfService, table=True):
    """Where the member has things sent."""

    __tablename__ = "shipping_address"
    __table_args__: ClassVar = below_member("shippingAddresses", "shipping_address")

    name: str | None = personal("shippingAddresses.name", TEXT)
    postal_code: str | None = personal("shippingAddresses.postalCode", TEXT)
    address: str | None = personal("shippingAddresses.address", TEXT)
    phone: str | None = personal("shippingAddresses.phone", TEXT)
