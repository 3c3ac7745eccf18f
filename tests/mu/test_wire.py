"""mu's values as messages, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_proto import mu_pb2 as pb
from mu import (
    Echo,
    Failure,
    FailureKind,
    Get,
    Ran,
    Receive,
    Retrieve,
    Run,
    Send,
    Set,
    Transferred,
    Upload,
    Value,
    WireError,
)
from mu.commands import REPLY_OF
from mu.step import Replied
from mu.task import Attempt
from mu.wire import (
    attempt_from_wire,
    attempt_to_wire,
    command_from_wire,
    command_to_wire,
    reply_from_wire,
    reply_to_wire,
)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
sizes = st.integers(0, 2**63)
seconds = st.floats(0, 1e6)

commands = st.one_of(
    st.builds(Set, texts, texts),
    st.builds(Get, texts),
    st.builds(Retrieve, texts, texts),
    st.builds(Upload, texts, texts),
    st.builds(Run, st.lists(texts).map(tuple), seconds, sizes, texts),
    st.builds(Send, texts, texts, texts, st.booleans()),
    st.builds(Receive, texts, texts, texts, st.booleans()),
    st.builds(Echo, texts),
)
replies = st.one_of(
    st.builds(Value, texts),
    st.builds(Transferred, sizes, texts),
    st.builds(Ran, st.integers(-64, 255), texts, texts, seconds, seconds, sizes),
    st.builds(Failure, st.sampled_from(FailureKind), texts),
)


@given(commands)
def test_a_command_is_the_same_after_a_journey(command):
    sent = command_to_wire(command).SerializeToString()
    assert command_from_wire(pb.Command.FromString(sent)) == command


@given(replies, st.integers(0, 2**32 - 1))
def test_a_reply_is_the_same_after_a_journey(reply, call):
    sent = reply_to_wire(Attempt("t", 1), call, reply).SerializeToString()
    received = pb.Reply.FromString(sent)
    assert reply_from_wire(received) == Replied(call, reply)
    assert attempt_from_wire(received.attempt) == Attempt("t", 1)


def test_every_command_has_its_reply():
    assert set(REPLY_OF) == {Set, Get, Retrieve, Upload, Run, Send, Receive, Echo}


def test_every_kind_of_failure_has_a_number_on_the_wire():
    names = set(pb.Failure.Kind.keys()) - {"KIND_UNSPECIFIED"}
    assert {kind.name for kind in FailureKind} == names


@pytest.mark.parametrize("number", [0, 11, 4000])
def test_a_kind_of_failure_that_is_not_known_counts_as_internal(number):
    message = pb.Reply(failure=pb.Failure(kind=number))
    assert reply_from_wire(message).reply == Failure(FailureKind.INTERNAL)


def test_messages_without_sense_are_refused():
    with pytest.raises(WireError):
        reply_from_wire(pb.Reply())
    with pytest.raises(WireError):
        command_from_wire(pb.Command())
    for task, number in (("", 1), ("t", 0), ("t" * 1000, 1)):
        with pytest.raises(WireError):
            attempt_from_wire(pb.Attempt(task=task, number=number))
    assert attempt_from_wire(attempt_to_wire(Attempt("t", 2))) == Attempt("t", 2)
