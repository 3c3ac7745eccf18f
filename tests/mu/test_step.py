"""How machines move."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mu.combinators import (
    exchange,
    if_then_else,
    parallel,
    publish,
    repeat,
    sequence,
    wait_for,
    while_,
)
from mu.commands import (
    Echo,
    Failure,
    FailureKind,
    Ran,
    Receive,
    Retrieve,
    Run,
    Send,
    Transferred,
    Upload,
    Value,
)
from mu.compile import compiled
from mu.errors import IllegalEvent
from mu.position import Failed, Succeeded, shown_state
from mu.replay import replay, started
from mu.step import Announce, FactPublished, Issue, Replied, Start, Withdraw, step
from mu.table import FAILED, ForkState, Table
from mu.verdict import Verdict
from tests.mu.machines import calls, fine, machines

RUN = Run(("program",))


def after(machine, *replies):
    """Plays replies, each to the oldest outstanding call; the position and the last effects."""
    table = compiled(machine)
    position, effects = started(table)
    for reply in replies:
        call = next(iter(position.calls)).call
        assert call is not None
        position, effects = step(table, position, Replied(call, reply))
    return position, effects


def failed(machine, *replies) -> Failed:
    outcome = after(machine, *replies)[0].outcome
    assert isinstance(outcome, Failed)
    return outcome


def test_a_sequence_makes_one_call_after_the_other_and_gives_out_what_it_kept():
    machine = sequence(exchange("a", Echo("x"), keep="x"), exchange("b", RUN))
    position, effects = after(machine, Value("x"))
    assert [effect.state for effect in calls(effects)] == ["b"]
    position, _ = after(machine, Value("x"), Ran(0))
    assert position.outcome == Succeeded({"x": Value("x")})


def test_an_empty_machine_is_done_at_once():
    assert after(sequence())[0].outcome == Succeeded({})
    assert after(parallel(sequence(), repeat(0, exchange("a", RUN))))[0].outcome == Succeeded({})


def test_a_command_can_be_made_from_what_was_kept():
    machine = sequence(
        exchange("a", Echo("x"), keep="word"),
        exchange("b", lambda memory: Run(("say", memory.text("word")))),
    )
    _, effects = after(machine, Value("hello"))
    assert [effect.command for effect in calls(effects)] == [Run(("say", "hello"))]


def test_a_choice_looks_at_the_last_reply():
    machine = sequence(
        exchange("a", RUN, allowed_statuses=(0, 1)),
        if_then_else(lambda m: m.last == Ran(1), exchange("b", RUN), exchange("c", RUN)),
    )
    assert shown_state(after(machine, Ran(1))[0]) == "b"
    assert shown_state(after(machine, Ran(0))[0]) == "c"


def test_a_counted_loop_goes_round_so_often_each_time_it_is_entered():
    machine = repeat(2, repeat(3, exchange("a", RUN)))
    position, _ = after(machine, *[Ran(0)] * 5)
    assert position.outcome is None
    position, _ = after(machine, *[Ran(0)] * 6)
    assert isinstance(position.outcome, Succeeded)


def test_a_while_loop_ends_when_its_predicate_no_longer_holds():
    machine = while_(lambda m: m.last != Value("stop"), exchange("a", Echo()))
    assert after(machine, Value("on"), Value("on"))[0].outcome is None
    assert after(machine, Value("on"), Value("stop"))[0].outcome is not None


def test_branches_run_at_once_and_are_joined():
    machine = sequence(parallel(exchange("a", RUN), exchange("b", RUN)), exchange("c", RUN))
    _, effects = after(machine)
    assert [effect.state for effect in calls(effects)] == ["a", "b"]
    assert calls(after(machine, Ran(0))[1]) == []
    assert [effect.state for effect in calls(after(machine, Ran(0), Ran(0))[1])] == ["c"]


def test_the_failure_of_one_branch_cancels_the_others():
    machine = parallel(exchange("a", RUN), exchange("b", RUN), exchange("c", RUN))
    position, effects = after(machine, Ran(1))
    assert isinstance(position.outcome, Failed)
    assert effects == (Withdraw(1), Withdraw(2))


def test_a_machine_that_receives_is_blocked_and_shows_it():
    machine = parallel(exchange("working", RUN), exchange("waiting", Receive("me", "it", "in")))
    position, _ = after(machine)
    assert position.blocked
    assert shown_state(position) == "waiting"
    table = compiled(machine)
    position, _ = step(table, position, Replied(1, Transferred(1)))
    assert not position.blocked
    assert shown_state(position) == "working"


def test_what_a_program_has_yet_to_write_is_sent_only_after_all_has_been_received():
    """Each answer with the state that is shown before it, and whether a message may be gone."""
    table = compiled(
        parallel(
            exchange("waiting", Receive("me", "it", "in", pipe=True)),
            exchange("sending", Send("out", "you", "it", pipe=True)),
            exchange("working", RUN),
        )
    )
    position, _ = started(table)
    history = []
    for call, reply in ((0, Transferred(1)), (2, Ran(0)), (1, Transferred(1))):
        history.append((shown_state(position), position.has_sent(table)))
        position, _ = step(table, position, Replied(call, reply))
    assert history == [("waiting", False), ("working", True), ("sending", True)]
    assert isinstance(position.outcome, Succeeded)


def test_a_file_may_be_gone_as_soon_as_its_send_is_called():
    table = compiled(
        parallel(
            exchange("waiting", Receive("me", "it", "in")),
            exchange("sending", Send("out", "you", "it")),
        )
    )
    assert started(table)[0].has_sent(table)


def test_a_fact_lets_those_pass_that_wait_for_it_then_or_later():
    table = compiled(
        sequence(wait_for("x"), exchange("a", RUN), wait_for("y"), wait_for("x", name="z"))
    )
    position, effects = started(table, ["y"])
    assert position.blocked
    assert not effects
    position, effects = step(table, position, FactPublished("x"))
    assert [effect.state for effect in calls(effects)] == ["a"]
    position, _ = step(table, position, Replied(0, Ran(0)))
    assert isinstance(position.outcome, Succeeded)


def test_what_a_machine_publishes_lets_its_own_branches_pass():
    machine = parallel(
        sequence(wait_for("x"), exchange("a", RUN)), sequence(exchange("b", RUN), publish("x"))
    )
    table = compiled(machine)
    position, effects = started(table)
    position, effects = step(table, position, Replied(calls(effects)[0].call, Ran(0)))
    assert effects[0] == Announce("x")
    assert isinstance(effects[1], Issue)


@pytest.mark.parametrize(
    ("reply", "reason", "message", "permanent"),
    [
        (Ran(3, stderr="x\nbad input\n\n"), "exit_status", "exit status 3: bad input", True),
        (Ran(1), "exit_status", "exit status 1", False),
        (Ran(-9), "signal", "ended by signal 9", False),
        (Failure(FailureKind.TIMED_OUT, "after 5 s"), "timed_out", "after 5 s", False),
        (Failure(FailureKind.NOT_FOUND), "not_found", "not found", True),
        (Failure(FailureKind.DENIED, "no"), "denied", "no", True),
        (Failure(FailureKind.UNREACHABLE), "unreachable", "unreachable", False),
    ],
)
def test_a_failure_says_where_why_and_whether_another_attempt_could_help(
    reply, reason, message, permanent
):
    outcome = failed(exchange("a", RUN, permanent_statuses={3}), reply)
    assert outcome == Failed("a", reason, message, permanent)


def test_a_message_that_was_dropped_is_worth_another_attempt():
    outcome = failed(exchange("a", Receive("me", "it", "in")), Failure(FailureKind.NOT_FOUND))
    assert not outcome.permanent


@pytest.mark.parametrize("command", [Retrieve("url", "file"), Upload("file", "url")])
def test_a_transfer_that_is_denied_is_made_once_more(command):
    table = compiled(sequence(exchange("a", command), exchange("b", RUN)))
    position, effects = started(table)
    denied = Failure(FailureKind.DENIED, "run out")
    position, again = step(table, position, Replied(calls(effects)[0].call, denied))
    assert [(effect.state, effect.command) for effect in calls(again)] == [("a", command)]
    assert calls(again)[0].call != calls(effects)[0].call
    permitted, _ = step(table, position, Replied(calls(again)[0].call, Transferred(1)))
    assert shown_state(permitted) == "b"
    refused, _ = step(table, position, Replied(calls(again)[0].call, denied))
    assert refused.outcome == Failed("a", "denied", "run out", permanent=True)


def test_each_visit_of_a_transfer_may_be_made_once_more():
    denied, permitted = Failure(FailureKind.DENIED), Transferred(1)
    machine = repeat(2, exchange("a", Retrieve("url", "file")))
    assert after(machine, denied, permitted, denied, permitted)[0].outcome == Succeeded({})


def test_a_tolerated_failure_is_a_reply_like_others():
    machine = sequence(
        exchange("a", Retrieve("url", "file"), tolerate={FailureKind.NOT_FOUND}),
        if_then_else(lambda m: isinstance(m.last, Failure), exchange("b", RUN)),
    )
    assert shown_state(after(machine, Failure(FailureKind.NOT_FOUND))[0]) == "b"
    assert isinstance(after(machine, Transferred(1))[0].outcome, Succeeded)


def test_an_unexpected_reply_loses_the_attempt():
    outcome = failed(exchange("a", Echo("x"), expect=lambda r: r == Value("x")), Value("y"))
    assert (outcome.reason, outcome.permanent) == ("unexpected", False)


def test_a_pipeline_may_classify_replies_itself():
    machine = exchange("a", RUN, classify=lambda r: Verdict.PERMANENT if r == Ran(1) else None)
    assert failed(machine, Ran(1)).permanent
    assert not failed(machine, Ran(2)).permanent
    assert after(machine, Ran(0))[0].outcome == Succeeded({})


def test_events_that_make_no_sense_are_refused():
    table = compiled(sequence(exchange("a", RUN), exchange("b", Send("f", "r", "n"))))
    position, _ = started(table)
    for event in (Start(), Replied(7, Ran(0)), Replied(0, Value("x"))):
        with pytest.raises(IllegalEvent):
            step(table, position, event)
    position, _ = step(table, position, Replied(0, Ran(1)))
    with pytest.raises(IllegalEvent):
        step(table, position, Replied(0, Ran(0)))


@given(machines(), st.randoms(use_true_random=False))
def test_every_machine_comes_to_its_end_whatever_the_order_of_replies(machine, chance):
    table = compiled(machine)
    position, _ = started(table)
    for _ in range(1000):
        if position.outcome is not None:
            break
        token = chance.choice(list(position.calls))
        position, _ = step(table, position, Replied(token.call, fine(token.command)))
    assert isinstance(position.outcome, Succeeded)


@given(machines(), st.randoms(use_true_random=False), st.floats(0, 1), st.floats(0, 1))
def test_an_ended_position_has_no_tokens(machine, chance, giving_up, failing):
    machine = parallel(machine, exchange("beside it", RUN))
    table = that_gives_up(compiled(machine), chance, giving_up)
    position, effects = started(table)
    outstanding = {effect.call for effect in calls(effects)}
    while position.outcome is None:
        token = chance.choice(list(position.calls))
        reply = Failure(FailureKind.DENIED) if chance.random() < failing else fine(token.command)
        position, effects = step(table, position, Replied(token.call, reply))
        outstanding |= {effect.call for effect in calls(effects)}
        outstanding.discard(token.call)
    withdrawn = {effect.call for effect in effects if isinstance(effect, Withdraw)}
    assert position.tokens == ()
    assert withdrawn >= outstanding


def that_gives_up(table: Table, chance: random.Random, probability: float) -> Table:
    """The table with some states that lead to `failed`, as no combinator makes them yet."""

    def changed(state):
        if isinstance(state, ForkState):
            branches = [FAILED if chance.random() < probability else b for b in state.branches]
            return replace(state, branches=tuple(branches))
        return replace(state, then=FAILED) if chance.random() < probability else state

    start = FAILED if chance.random() < probability / 4 else table.start
    return Table(start, {state.name: changed(state) for state in table})


@given(machines(), st.randoms(use_true_random=False), st.integers(0, 20))
def test_a_replayed_journal_leads_to_the_same_position_and_the_same_calls(machine, chance, length):
    table = compiled(machine)
    position, _ = started(table)
    journal: list[Replied] = []
    while position.outcome is None and len(journal) < length:
        token = chance.choice(list(position.calls))
        journal.append(Replied(token.call, fine(token.command)))
        position, _ = step(table, position, journal[-1])
    again, effects = replay(table, journal)
    assert again == position
    assert {effect.call for effect in calls(effects)} == {token.call for token in position.calls}


@given(machines(), st.integers(0, 2**32))
def test_the_order_of_branches_changes_neither_the_calls_nor_the_result(machine, seed):
    def play(chance):
        position, effects = started(table)
        made = {(effect.call, effect.command) for effect in calls(effects)}
        while position.outcome is None:
            token = chance.choice(list(position.calls))
            position, effects = step(table, position, Replied(token.call, fine(token.command)))
            made |= {(effect.call, effect.command) for effect in calls(effects)}
        return made, position.outcome

    table = compiled(machine)
    assert play(random.Random(seed)) == play(random.Random(seed + 1))


def test_replay_takes_a_reply_beyond_a_wait_as_proof_of_the_fact():
    table = compiled(sequence(wait_for("x"), exchange("a", RUN), exchange("b", RUN)))
    position, effects = replay(table, [Replied(0, Ran(0))])
    assert [effect.state for effect in calls(effects)] == ["b"]
    assert position.facts == {"x"}


def test_a_journal_of_another_machine_is_refused():
    table = compiled(exchange("a", RUN))
    with pytest.raises(IllegalEvent):
        replay(table, [Replied(0, Ran(0)), Replied(1, Ran(0))])
    with pytest.raises(IllegalEvent):
        replay(table, [Replied(0, Value("x"))])
