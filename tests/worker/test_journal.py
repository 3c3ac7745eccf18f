"""The journal, through random histories of calls, replies and forgetting."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from excamera_proto import mu_pb2
from excamera_worker.journal import Attempt, Journal

ATTEMPTS = st.builds(Attempt, st.sampled_from(["a", "b"]), st.integers(1, 2))
CALLS = st.integers(0, 3)


class History(RuleBasedStateMachine):
    """Against a model: the calls that run, and the replies in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal()
        self.running: set[tuple[Attempt, int]] = set()
        self.replies: dict[Attempt, dict[int, mu_pb2.Reply]] = {}

    @rule(attempt=ATTEMPTS, call=CALLS)
    def begin(self, attempt: Attempt, call: int) -> None:
        known = (attempt, call) in self.running or call in self.replies.get(attempt, {})
        assert self.journal.begin(attempt, call) is not known
        if not known:
            self.running.add((attempt, call))
        self.replies.setdefault(attempt, {})

    @rule(attempt=ATTEMPTS, call=CALLS, text=st.text(max_size=3))
    def answer(self, attempt: Attempt, call: int, text: str) -> None:
        reply = mu_pb2.Reply(attempt=attempt.message, id=call, value=mu_pb2.Value(text=text))
        waited_for = (attempt, call) in self.running
        assert self.journal.answer(reply) is waited_for
        if waited_for:
            self.running.remove((attempt, call))
            self.replies[attempt][call] = reply

    @rule(attempt=ATTEMPTS)
    def forget(self, attempt: Attempt) -> None:
        self.journal.forget(attempt)
        self.running = {(held, call) for held, call in self.running if held != attempt}
        self.replies.pop(attempt, None)

    @rule(attempt=ATTEMPTS, call=CALLS)
    def ask(self, attempt: Attempt, call: int) -> None:
        assert self.journal.answered(attempt, call) == self.replies.get(attempt, {}).get(call)

    @invariant()
    def all_that_is_held_is_handed_over(self) -> None:
        messages = {Attempt.of(m.attempt): list(m.replies) for m in self.journal.messages()}
        assert messages == {held: list(given.values()) for held, given in self.replies.items()}


History.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestHistory = History.TestCase
