"""What each command of `mu.proto` does, given the scratch folder and values of its attempt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from excamera_proto import mu_pb2
from excamera_store import S3Settings
from excamera_worker import executables
from excamera_worker.failures import CommandFailed, invalid
from excamera_worker.mailboxes import Mailboxes
from excamera_worker.objects import Objects
from excamera_worker.scratch import Folder
from excamera_worker.settings import Settings
from excamera_worker.sinks import FileSink, PipeSink, Sink

Result = mu_pb2.Value | mu_pb2.Transferred | mu_pb2.Ran | mu_pb2.Failure


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command of one attempt may touch."""

    folder: Folder
    values: dict[str, str]
    progress: Callable[[str], None]


class Commands:
    """s3: how S3 is reached, if not as this process's environment says."""

    def __init__(
        self, settings: Settings, mailboxes: Mailboxes, s3: S3Settings | None = None
    ) -> None:
        self._settings = settings
        self._mailboxes = mailboxes
        self._objects = Objects(s3)

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
                return await executables.run(command.run, files, self._settings, around.progress)
            case "retrieve":
                retrieve = command.retrieve
                return await self._objects.retrieve(retrieve.url, files.file(retrieve.file))
            case "upload":
                upload = command.upload
                return await self._objects.upload(files.existing(upload.file), upload.url)
            case "send":
                send = command.send
                path = files.existing(send.file)
                return await self._mailboxes.send(path, send.partition, send.recipient, send.name)
            case "receive":
                return await self._receive(command.receive, files)
            case _:
                raise invalid("the call holds no command that this worker knows")

    async def _receive(self, receive: mu_pb2.Receive, files: Folder) -> mu_pb2.Transferred:
        # Up to here nothing was awaited: a named pipe is there before the next call is begun.
        path = files.file(receive.file)
        sink: Sink = PipeSink(path) if receive.pipe else FileSink(path)
        with contextlib.closing(sink):
            return await self._mailboxes.receive(
                receive.partition, receive.recipient, receive.name, sink
            )


def _get(name: str, values: dict[str, str]) -> mu_pb2.Value:
    if name not in values:
        raise CommandFailed.not_found(f"nothing was set under {name[:200]!r} in this attempt")
    return mu_pb2.Value(text=values[name])
