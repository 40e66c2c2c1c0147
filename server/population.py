"""A synthetic population: as many members as wanted, each drawn from a seed and a number."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.world import ContractRecord, MemberRecord
from policy.catalogue import Catalogue
from server.population_dice import Dice
from server.population_events import Happenings
from server.population_file import Mix
from server.population_insurance import put_insurance
from server.population_lives import Lives
from server.population_people import People, japanese
from server.population_profiles import put_profiles
from server.population_shopping import put_shopping
from server.population_sketch import Sketch
from server.population_traces import put_traces

LARGEST = 9_999_999
"""The most members that keys of one width can number."""

HIGHEST_SEED = 2**31 - 1


def key_of(seed: int, number: int) -> str:
    """The key of a member, which no other seed gives; keys of one seed sort by number."""
    return f"s{seed}-{number:07}"


@dataclass(frozen=True)
class Population:
    """The members of one seed."""

    mix: Mix
    catalogue: Catalogue
    seed: int

    def members(self, first: int, last: int) -> Iterator[MemberRecord]:
        """Draw those numbered first to last, both included; each is the same in any company."""
        mix = self.mix
        people, lives = People(mix, japanese()), Lives(mix, self.catalogue)
        happenings = Happenings(mix, self.catalogue)
        for number in range(first, last + 1):
            dice = Dice.of(self.seed, number)
            person = people.person(dice, key_of(self.seed, number))
            life = lives.life(dice, person)
            sketch = Sketch(mix, dice, person, life)
            seen = sketch.some_time() if life.signed_up else None
            for put in (put_shopping, put_profiles, put_insurance, put_traces):
                put(sketch)
            yield MemberRecord(
                key=person.key,
                account=people.account(dice, person, seen),
                rows=sketch.rows,
                contracts=[
                    ContractRecord(cover.company, cover.no, cover.lapse_at) for cover in life.covers
                ],
                events=happenings.events(dice, person, life),
            )
