"""Events that happen again and again: few objects, few writes, and a count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.recurrence import DISTINCT, PAUSE_SECONDS, WINDOW, Recurrence, Told

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAUSE = timedelta(seconds=PAUSE_SECONDS)


def lost(words: str = "1 worker lost") -> Event:
    return Event(Reason.WORKERS_LOST, words, warning=True)


def told(recurrence: Recurrence, event: Event, now: datetime) -> Told:
    found = recurrence.again("clip", event, now)
    assert found is not None
    return found


def test_the_same_again_is_one_event_with_a_count() -> None:
    recurrence = Recurrence()
    first = told(recurrence, lost(), NOW)
    assert (first.is_new, first.count, first.shared) == (True, 1, False)
    again = told(recurrence, lost(), NOW + PAUSE)
    assert (again.name, again.is_new, again.count) == (first.name, False, 2)
    assert (again.since, again.last) == (NOW, NOW + PAUSE)


def test_what_comes_too_often_is_counted_and_written_later() -> None:
    recurrence = Recurrence()
    told(recurrence, lost(), NOW)
    for second in range(1, 10):
        assert recurrence.again("clip", lost(), NOW + timedelta(seconds=second)) is None
    assert told(recurrence, lost(), NOW + PAUSE).count == 11


def test_what_was_not_told_for_long_is_told_anew() -> None:
    recurrence = Recurrence()
    first = told(recurrence, lost(), NOW)
    later = told(recurrence, lost(), NOW + WINDOW)
    assert later.is_new
    assert later.name != first.name


def test_other_words_have_events_of_their_own_until_they_are_too_many() -> None:
    recurrence = Recurrence()
    own = [told(recurrence, lost(f"{n} workers lost"), NOW) for n in range(DISTINCT)]
    assert len({one.name for one in own}) == DISTINCT
    shared = told(recurrence, lost("99 workers lost"), NOW)
    assert (shared.is_new, shared.shared) == (True, True)
    more = told(recurrence, lost("100 workers lost"), NOW + PAUSE)
    assert (more.name, more.count) == (shared.name, 2)
    assert told(recurrence, lost("0 workers lost"), NOW + PAUSE).name == own[0].name


def test_another_reason_is_another_event() -> None:
    recurrence = Recurrence()
    first = told(recurrence, lost(), NOW)
    assert told(recurrence, Event(Reason.JOB_RESUMED, "1 worker lost"), NOW).name != first.name


def test_an_event_that_is_gone_is_written_anew() -> None:
    recurrence = Recurrence()
    first = told(recurrence, lost(), NOW)
    recurrence.forget(first)
    assert told(recurrence, lost(), NOW).is_new


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 60)), max_size=80))
def test_nothing_is_miscounted_and_a_flapping_trouble_costs_little(
    history: list[tuple[int, float]],
) -> None:
    recurrence, now, written = Recurrence(), NOW, list[tuple[datetime, Told]]()
    seen: dict[str, Told] = {}
    for words, pause in history:
        now += timedelta(seconds=pause)
        found = recurrence.again("clip", lost(f"{words} workers lost"), now)
        if found is not None:
            written.append((now, found))
            seen[found.name] = found
    assert sum(one.count for one in seen.values()) == len(history)
    for name in seen:
        times = [at for at, one in written if one.name == name]
        assert all(b - a >= PAUSE for a, b in pairwise(times))
    for at, _ in written:
        fresh = [one for one in seen.values() if at - WINDOW < one.since <= at]
        assert len(fresh) <= 2 * (DISTINCT + 1)
