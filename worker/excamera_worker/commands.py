"""What each command of `mu.proto` does, given the scratch folder and values of its attempt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from excamera_proto import mu_pb2
from excamera_store import Grants
from excamera_worker import executables
from excamera_worker.failures import CommandFailed, invalid
from excamera_worker.handover import handed_over
from excamera_worker.mailboxes import Mailboxes
from excamera_worker.objects import Objects
from excamera_worker.residents import Residents
from excamera_worker.scratch import Folder
from excamera_worker.settings import Settings
from excamera_worker.sinks import FileSink, PipeSink, Sink
from excamera_worker.sources import FileSource, PipeSource, Source
from excamera_worker.under_way import UnderWay

Result = mu_pb2.Value | mu_pb2.Transferred | mu_pb2.Ran | mu_pb2.Failure


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command of one attempt may touch. grants: leave for objects in buckets."""

    folder: Folder
    values: dict[str, str]
    progress: Callable[[str], None]
    under_way: UnderWay
    grants: Grants


class Commands:
    def __init__(self, settings: Settings, mailboxes: Mailboxes, residents: Residents) -> None:
        self._settings = settings
        self._mailboxes = mailboxes
        self._residents = residents
        self._objects = Objects()

    async def carry_out(self, command: mu_pb2.Command, around: Surroundings) -> Result:
        """The command's one reply type; any exception means that it could not be carried out."""
        files = around.folder
        match command.WhichOneof("command"):
            case "echo":
                return mu_pb2.Value(text=command.echo.text)
            case "set":
                around.values[command.set.name] = command.set.value
                return mu_pb2.Value(text=command.set.value)
            case "get":
                return _get(command.get.name, around.values)
            case "run":
                return await self._run(command.run, around)
            case "retrieve":
                path = files.file(command.retrieve.file)
                return await self._objects.retrieve(command.retrieve.url, path, around.grants)
            case "upload":
                path = files.existing(command.upload.file)
                return await self._objects.upload(path, command.upload.url, around.grants)
            case "send":
                return await self._send(command.send, around)
            case "receive":
                return await self._receive(command.receive, around)
            case _:
                raise invalid("the call holds no command that this worker knows")

    async def _run(self, run: mu_pb2.Run, around: Surroundings) -> mu_pb2.Ran:
        with around.under_way.one(), handed_over(around.grants, around.folder) as variables:
            ran = await executables.run(
                run,
                around.folder,
                self._settings,
                around.progress,
                variables,
                self._residents.start,
            )
            around.under_way.failures += ran.exit_status != 0
            return ran

    # In the two that follow nothing is awaited before a named pipe is made: it is there before the
    # next call is begun.

    async def _send(self, send: mu_pb2.Send, around: Surroundings) -> mu_pb2.Transferred:
        files = around.folder
        source: Source = (
            PipeSource(files.file(send.file), around.under_way)
            if send.pipe
            else FileSource(files.existing(send.file))
        )
        with contextlib.closing(source):
            return await self._mailboxes.send(source, send.partition, send.recipient, send.name)

    async def _receive(self, receive: mu_pb2.Receive, around: Surroundings) -> mu_pb2.Transferred:
        path = around.folder.file(receive.file)
        sink: Sink = PipeSink(path) if receive.pipe else FileSink(path)
        depended_on = around.under_way.one() if receive.pipe else contextlib.nullcontext()
        with contextlib.closing(sink), depended_on:
            return await self._mailboxes.receive(
                receive.partition, receive.recipient, receive.name, sink
            )


def _get(name: str, values: dict[str, str]) -> mu_pb2.Value:
    if name not in values:
        raise CommandFailed.not_found(f"nothing was set under {name[:200]!r} in this attempt")
    return mu_pb2.Value(text=values[name])
