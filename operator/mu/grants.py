"""Leave for a worker to use the objects that a call is about.

Workers have no credentials. Whoever has some signs a request for each object that a command reads
or writes, anew each time that the call is made, and the signed requests travel beside the command:
what a machine issues, replays and keeps knows nothing of them. How a request is signed is the
application's business, and so is which places need no leave, such as a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from excamera_proto import mu_pb2 as pb
from mu.commands import Command, Retrieve, Run, Upload

READ: Final = "GET"
WRITE: Final = "PUT"

Sign = Callable[[str, str, float], str]
"""From READ or WRITE, an object's URL and seconds to the URL of a request that is good for so long;
empty where none is needed. Raises SigningFailed."""


def unsigned(method: str, url: str, seconds: float) -> str:
    """No leave is needed anywhere."""
    return ""


def needs(command: Command) -> Iterator[tuple[str, str]]:
    """Methods and URLs of what the command does to objects. An upload looks at what is there."""
    match command:
        case Retrieve(url=url):
            yield READ, url
        case Upload(url=url):
            yield READ, url
            yield WRITE, url
        case Run(reads=urls):
            yield from ((READ, url) for url in urls)


def grants(command: Command, sign: Sign, seconds: float) -> list[pb.Grant]:
    """Leave for all that the command needs. Raises SigningFailed."""
    made = [(how, url, sign(how, url, seconds)) for how, url in needs(command)]
    return [pb.Grant(method=how, url=url, signed=signed) for how, url, signed in made if signed]
