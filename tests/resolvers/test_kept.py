"""What is kept stays as long as there is room; what was not used for longest goes first."""

from hypothesis import given
from hypothesis import strategies as st

from resolvers.kept import Kept

ROOM = 20
STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.booleans()), max_size=60)


@given(STEPS)
def test_the_latest_used_are_kept_and_never_weigh_more_than_there_is_room(
    steps: list[tuple[int, int, bool]],
) -> None:
    kept, weights, used = Kept[int](ROOM), dict[int, int](), list[int]()
    for key, weight, looked_up in steps:
        if looked_up:
            assert (kept.get(key) is not None) == (key in weights)
            if key not in weights:
                continue
        else:
            kept.keep(key, key, weight)
            weights.pop(key, None)
            if weight > ROOM:
                used = [each for each in used if each != key]
                continue
            weights[key] = weight
        used = [*(each for each in used if each != key), key]
        while sum(weights.values()) > ROOM:
            del weights[used.pop(0)]
        assert {each for each in range(10) if each in kept} == set(weights)


def test_what_is_too_heavy_for_the_room_is_used_and_not_kept() -> None:
    kept = Kept[str](ROOM)
    kept.keep("other", "which stays")
    assert kept.keep("key", "thing", ROOM + 1) == "thing"
    assert "key" not in kept
    assert "other" in kept
