"""The course of an item: after each of its events it stands as the fold up to there says."""

from hypothesis import given

from policy.events import Event
from policy.facts import ItemStanding
from policy.standing import course, fold
from tests.histories import ITEMS, histories
from tests.small_catalogue import small_catalogue


@given(histories())
def test_each_step_of_the_course_is_the_fold_up_to_there(events: tuple[Event, ...]) -> None:
    catalogue = small_catalogue()
    for item in (catalogue.items[key] for key in ITEMS if key in catalogue.items):
        steps = list(course(item, events, catalogue))
        assert [event for event, _ in steps] == [e for e in events if e.item == item.key]
        upto = [
            fold(events[:number], event.at, catalogue).items.get(item.key, ItemStanding())
            for number, event in enumerate(events, 1)
            if event.item == item.key
        ]
        assert [standing for _, standing in steps] == upto
