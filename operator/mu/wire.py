"""Between mu's values and the messages of `mu.proto`. Pure.

What comes from a worker is not to be trusted: a message that is no sense raises WireError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from excamera_proto import mu_pb2 as pb
from mu.commands import (
    Command,
    Echo,
    Failure,
    FailureKind,
    Get,
    Ran,
    Receive,
    Reply,
    Retrieve,
    Run,
    Send,
    Set,
    Transferred,
    Upload,
    Value,
)
from mu.errors import WireError
from mu.step import Replied
from mu.task import Attempt

NAME_LIMIT: Final = 512
REPLY_LIMIT: Final = 256 * 1024
"""Bytes of a reply, which the coordinator may have to keep; workers send the last 64 KiB of what a
program writes to each of its outputs."""


def attempt_to_wire(attempt: Attempt) -> pb.Attempt:
    return pb.Attempt(task=attempt.task, number=attempt.number)


def attempt_from_wire(message: pb.Attempt) -> Attempt:
    if not message.task or len(message.task) > NAME_LIMIT or message.number < 1:
        raise WireError("a message names no attempt")
    return Attempt(message.task, message.number)


def journals_from_wire(hello: pb.Hello) -> list[tuple[Attempt, Sequence[pb.Reply]]]:
    """Attempts and their replies; those are to be understood one by one, by who knows the calls."""
    return [(attempt_from_wire(one.attempt), one.replies) for one in hello.journals]


def command_to_wire(command: Command, partition: str = "") -> pb.Command:
    """The command of a task in `partition`."""
    match command:
        case Set(name, value):
            return pb.Command(set=pb.Set(name=name, value=value))
        case Get(name):
            return pb.Command(get=pb.Get(name=name))
        case Retrieve(url, file):
            return pb.Command(retrieve=pb.Retrieve(url=url, file=file))
        case Upload(file, url):
            return pb.Command(upload=pb.Upload(file=file, url=url))
        case Run():
            return pb.Command(run=_run_to_wire(command))
        case Send(file, recipient, name, pipe):
            send = pb.Send(
                file=file, recipient=recipient, name=name, pipe=pipe, partition=partition
            )
            return pb.Command(send=send)
        case Receive(recipient, name, file, pipe):
            receive = pb.Receive(
                recipient=recipient, name=name, file=file, pipe=pipe, partition=partition
            )
            return pb.Command(receive=receive)
        case Echo(text):
            return pb.Command(echo=pb.Echo(text=text))


def _run_to_wire(run: Run) -> pb.Run:
    return pb.Run(
        argv=run.argv,
        timeout_seconds=run.timeout,
        memory_bytes=run.memory,
        stdout_file=run.stdout,
    )


def command_from_wire(message: pb.Command) -> Command:
    match message.WhichOneof("command"):
        case "set":
            return Set(message.set.name, message.set.value)
        case "get":
            return Get(message.get.name)
        case "retrieve":
            return Retrieve(message.retrieve.url, message.retrieve.file)
        case "upload":
            return Upload(message.upload.file, message.upload.url)
        case "run":
            run = message.run
            return Run(tuple(run.argv), run.timeout_seconds, run.memory_bytes, run.stdout_file)
        case "send":
            send = message.send
            return Send(send.file, send.recipient, send.name, send.pipe)
        case "receive":
            receive = message.receive
            return Receive(receive.recipient, receive.name, receive.file, receive.pipe)
        case "echo":
            return Echo(message.echo.text)
        case _:
            raise WireError("a call holds no command that is known here")


def reply_to_wire(attempt: Attempt, call: int, reply: Reply, seconds: float = 0.0) -> pb.Reply:
    message = pb.Reply(attempt=attempt_to_wire(attempt), id=call, seconds=seconds)
    match reply:
        case Value(text):
            message.value.text = text
        case Transferred(count, digest):
            message.transferred.bytes, message.transferred.digest = count, digest
        case Ran():
            message.ran.CopyFrom(_ran_to_wire(reply))
        case Failure(kind, text):
            message.failure.kind = pb.Failure.Kind.Value(kind.name)
            message.failure.message = text
    return message


def _ran_to_wire(ran: Ran) -> pb.Ran:
    return pb.Ran(
        exit_status=ran.exit_status,
        stdout=ran.stdout,
        stderr=ran.stderr,
        user_seconds=ran.user_seconds,
        system_seconds=ran.system_seconds,
        peak_memory_bytes=ran.peak_memory_bytes,
    )


def reply_from_wire(message: pb.Reply) -> Replied:
    """The reply with its call; the attempt is for the caller to look at first."""
    if message.ByteSize() > REPLY_LIMIT:
        raise WireError(f"a reply has {message.ByteSize()} bytes")
    return Replied(message.id, _result(message))


def _result(message: pb.Reply) -> Reply:
    match message.WhichOneof("result"):
        case "value":
            return Value(message.value.text)
        case "transferred":
            return Transferred(message.transferred.bytes, message.transferred.digest)
        case "ran":
            ran = message.ran
            return Ran(
                ran.exit_status,
                ran.stdout,
                ran.stderr,
                ran.user_seconds,
                ran.system_seconds,
                ran.peak_memory_bytes,
            )
        case "failure":
            return Failure(_kind(message.failure.kind), message.failure.message)
        case _:
            raise WireError("a reply holds no result that is known here")


def _kind(number: int) -> FailureKind:
    """A kind that a newer worker may have is internal to this coordinator."""
    try:
        return FailureKind[pb.Failure.Kind.Name(pb.Failure.Kind.ValueType(number))]
    except (KeyError, ValueError):
        return FailureKind.INTERNAL
