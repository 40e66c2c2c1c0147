"""Synthetic people: who they are and how their account says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from random import Random
from typing import Protocol

from models.account_table import AGE_BANDS
from models.world import Values
from policy.age import ADULT_YEARS, YOUTH_YEARS, age_group, years
from policy.vocabulary import AgeGroup
from server.population_dice import Dice
from server.population_file import Mix, Prefecture

_OLDEST, _YOUNGEST = 88, 10
_MINORS = frozenset({AgeGroup.CHILD, AgeGroup.YOUTH})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `born` is None for those who did not say."""

    key: str
    name: str
    kana: str
    roman: str
    gender: str
    born: date | None
    prefecture: str
    city: str
    line: str
    postal_code: str
    phone: str
    mobile: str
    occupation: str
    employer: str | None
    guarded: bool
    """A guardian stands behind what they say while they are minors."""

    @property
    def address(self) -> str:
        return f"{self.prefecture}{self.city}{self.line}"

    def age_at(self, at: datetime) -> int | None:
        """Full years."""
        return None if self.born is None else years(self.born, at.date())

    def group_at(self, at: datetime) -> AgeGroup:
        """As coarse as the rule needs it (Q16)."""
        return age_group(self.born, at)

    def guarded_at(self, at: datetime) -> bool:
        return self.guarded and self.group_at(at) in _MINORS


def age_band(age: int) -> str:
    return AGE_BANDS[min(max(age // 10 - 1, 0), len(AGE_BANDS) - 1)]


Reading = tuple[str, str, str]
"""A name as it is written, in kana, and in Latin letters."""


class Names(Protocol):
    """What is asked of the generator library, which draws from `random`."""

    random: Random

    def last_name_pair(self) -> Reading: ...

    def first_name_pair(self) -> Reading: ...

    def first_name_female_pair(self) -> Reading: ...

    def first_name_male_pair(self) -> Reading: ...

    def town(self) -> str: ...

    def job(self) -> str: ...


def japanese() -> Names:
    """The library's Japanese names with their readings, towns and occupations."""
    wanted = [f"faker.providers.{name}" for name in ("person", "job", "address")]
    # Loaded here: it takes a tenth of a second, for which no other command should wait.
    made: Names = import_module("faker.factory").Factory.create("ja_JP", wanted)
    return made


@dataclass(frozen=True, slots=True)
class People:
    """Draws people from a mix."""

    mix: Mix
    names: Names

    def person(self, dice: Dice, key: str) -> Person:
        mix, names = self.mix, self.names
        names.random = dice.random
        gender = dice.likely(mix.odds["genders"])
        given = {
            "FEMALE": names.first_name_female_pair,
            "MALE": names.first_name_male_pair,
        }.get(gender, names.first_name_pair)
        last, first = names.last_name_pair(), given()
        prefecture = dice.likely(mix.prefectures)
        city, postal = dice.one(prefecture.cities)
        born = self._born(dice)
        adult = born is None or years(born, mix.until.date()) >= ADULT_YEARS
        return Person(
            key=key,
            name=f"{last[0]} {first[0]}",
            kana=f"{last[1]} {first[1]}",
            roman=f"{last[2]}.{first[2]}".lower(),
            gender=gender,
            born=None if dice.chance(mix.shares.age_unknown) else born,
            prefecture=prefecture.name,
            city=city,
            line=self._line(dice),
            postal_code=f"{postal}-{dice.digits(4)}",
            phone=_landline(dice, prefecture),
            mobile=f"0{dice.one('789')}0-0{dice.digits(3)}-{dice.digits(4)}",
            occupation=names.job() if adult else "学生",
            employer=dice.one(mix.words["employers"]) if adult and dice.chance(600) else None,
            guarded=dice.chance(mix.shares.guardian),
        )

    def _born(self, dice: Dice) -> date:
        """Mostly grown up; the shares say how many are not."""
        kind = dice.random.random() * 1000
        shares = self.mix.shares
        if kind < shares.child:
            youngest, oldest = _YOUNGEST, YOUTH_YEARS
        elif kind < shares.child + shares.youth:
            youngest, oldest = YOUTH_YEARS, ADULT_YEARS
        else:
            youngest, oldest = ADULT_YEARS, _OLDEST
        today = self.mix.until.date()
        # A day more than so many years ago, and at most a day less than so many more.
        latest = today - timedelta(days=youngest * 365 + youngest // 4 + 1)
        earliest = today - timedelta(days=oldest * 365 + oldest // 4 - 2)
        return latest - timedelta(days=dice.number(0, (latest - earliest).days))

    def _line(self, dice: Dice) -> str:
        line = f"{self.names.town()}{dice.number(1, 6)}-{dice.number(1, 30)}-{dice.number(1, 20)}"
        if dice.chance(450):
            line += (
                f" {dice.one(self.mix.words['buildings'])}{dice.number(1, 12)}0{dice.number(1, 9)}"
            )
        return line

    def account(self, dice: Dice, person: Person, last_login_at: datetime | None) -> Values:
        """What the account says."""
        mix = self.mix
        age = person.age_at(mix.until)
        login = f"{person.roman}.{person.key}"
        return {
            "login_name": login,
            "login_email": f"{login}@{dice.one(mix.words['domains'])}",
            "last_login_at": last_login_at,
            "mfa_enabled": dice.chance(350),
            "full_name": person.name,
            "full_name_kana": person.kana,
            "birth_date": person.born,
            "age_band": None if age is None else age_band(age),
            "gender": person.gender if dice.chance(940) else None,
            "postal_code": person.postal_code,
            "prefecture": person.prefecture,
            "city": person.city,
            "address_line": person.line,
            "phone": person.phone if dice.chance(550) else None,
            "mobile_phone": person.mobile if dice.chance(920) else None,
            "occupation": person.occupation if dice.chance(850) else None,
            "employer": person.employer,
            "point_balance": int(dice.random.expovariate(1 / 1500)),
            "interest_segments": dice.some(mix.words["segments"], 4) if dice.chance(700) else None,
            "ekyc_status": dice.likely(mix.odds["ekyc_statuses"]),
        }


def _landline(dice: Dice, prefecture: Prefecture) -> str:
    """Ten digits whose exchange begins with 0: no such number is ever assigned."""
    exchange = dice.digits(5 - len(prefecture.area_code))
    return f"{prefecture.area_code}-0{exchange}-{dice.digits(4)}"
