"""The outline of a synthetic member's years with the group: customer of whom, since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.catalogue import Catalogue
from policy.vocabulary import FOREVER
from server.population_dice import Dice
from server.population_file import Clientele, Mix, Seller
from server.population_people import Person

FIRST = timedelta(minutes=20)
"""From the sign-up to anything else."""


@dataclass(frozen=True, slots=True)
class Custom:
    """Being a customer of a company since a moment."""

    of: Clientele
    since: datetime


@dataclass(frozen=True, slots=True)
class Cover:
    """An insurance contract."""

    company: str
    service: str
    no: str
    product: str
    since: datetime
    lapse_at: datetime
    insured_only: bool
    """Somebody else is the policyholder."""

    @property
    def lapsed(self) -> bool:
        """All of it lies behind us: a contract that ends has ended."""
        return self.lapse_at < FOREVER


@dataclass(frozen=True, slots=True)
class Sale:
    """An order: where, when, and what for how much."""

    seller: Seller
    at: datetime
    items: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Life:
    """A member's years with the group, [start, end); who never signed up has no events."""

    start: datetime
    end: datetime
    signed_up: bool
    closed: bool
    customs: tuple[Custom, ...]
    covers: tuple[Cover, ...]
    sales: tuple[Sale, ...]


@dataclass(frozen=True, slots=True)
class Lives:
    """Draws lives from a mix."""

    mix: Mix
    catalogue: Catalogue

    def life(self, dice: Dice, person: Person) -> Life:
        mix = self.mix
        start = dice.moment(self._opening, mix.until - timedelta(days=3))
        closed = dice.chance(mix.shares.closed)
        end = dice.moment(start + timedelta(days=1), mix.until) if closed else mix.until
        customs = tuple(
            Custom(each, dice.moment(start + FIRST, end))
            for each in mix.customers
            if dice.chance(each.share)
        )
        covers = tuple(
            self._cover(dice, person, custom) for custom in customs if custom.of.products
        )
        sales = tuple(self._sale(dice, start, end) for _ in range(dice.count(mix.orders)))
        signed_up = not dice.chance(mix.shares.without_events)
        return Life(start, end, signed_up, closed and signed_up, customs, covers, sales)

    @property
    def _opening(self) -> datetime:
        """When the first version of what is asked at sign-up came into force."""
        document = self.catalogue.documents[
            self.catalogue.items[self.mix.asked_at_sign_up].document
        ]
        return document.versions[0].in_force.start

    def _cover(self, dice: Dice, person: Person, custom: Custom) -> Cover:
        shares, until = self.mix.shares, self.mix.until
        lapsed = dice.chance(shares.lapsed)
        return Cover(
            company=custom.of.company,
            service=custom.of.service,
            no=f"{custom.of.company.upper()}-{person.key}",
            product=dice.one(custom.of.products),
            since=custom.since,
            lapse_at=dice.moment(custom.since, until) if lapsed else FOREVER,
            insured_only=dice.chance(shares.insured_only),
        )

    def _sale(self, dice: Dice, start: datetime, end: datetime) -> Sale:
        seller = dice.likely(self.mix.sellers)
        goods = dice.some(seller.goods, 3)
        names = tuple(good.name for good in goods)
        return Sale(
            seller, dice.moment(start + FIRST, end), names, sum(good.price for good in goods)
        )
