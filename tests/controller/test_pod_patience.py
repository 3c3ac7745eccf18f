"""Who is given up, and when: for any history of troubles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.backends.pod_patience import IMPATIENT, Patience
from excamera_controller.backends.pod_signs import Trouble
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure

SECONDS = 10.0
NAMES = ("a", "b", "c")


def trouble(reason: Reason, *, final: bool = False) -> Trouble:
    return Trouble(Failure(reason, reason.value), final)


REASONS = (Reason.IMAGE_UNPULLABLE, Reason.WORKERS_NOT_STARTING, Reason.UNSCHEDULABLE)
troubles = st.dictionaries(
    st.sampled_from(NAMES), st.builds(trouble, st.sampled_from(REASONS)), max_size=len(NAMES)
)


@given(st.lists(st.tuples(st.floats(0.0, 8.0), troubles), max_size=40))
def test_each_pod_is_given_up_after_its_own_time_without_a_break(
    history: list[tuple[float, dict[str, Trouble]]],
) -> None:
    patience, now = Patience(SECONDS), 0.0
    began: dict[str, float] = {}
    for step, seen in history:
        now += step
        for name in NAMES:
            if name not in seen or seen[name].failure.reason not in IMPATIENT:
                began.pop(name, None)
            else:
                began.setdefault(name, now)
        due = {name for name, at in began.items() if now - at >= SECONDS}
        given_up = patience.exhausted(seen, now)
        assert given_up == {name: seen[name].failure for name in due}


def test_what_is_final_is_not_waited_for() -> None:
    never = trouble(Reason.IMAGE_UNPULLABLE, final=True)
    assert Patience(SECONDS).exhausted({"a": never}, 0.0) == {"a": never.failure}
