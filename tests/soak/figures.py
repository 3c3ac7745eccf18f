"""What a long-lived process holds, and what its jobs leave behind, as numbers."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import threading
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from excamera_rendezvous import Rendezvous
from mu.server import Server
from tests.chaos import processes

PAGE = resource.getpagesize()
MIB = 1024 * 1024
POOLS = ("asyncio_", "rendezvous")
"""Threads of pools come when they are first needed, up to a fixed number, and stay."""


@dataclass(frozen=True)
class Figures:
    """`resident` is in MiB; all the others are counts. Connections are sockets of any kind, and
    threads those that belong to no pool."""

    processes: int
    zombies: int
    threads: int
    tasks: int
    open_files: int
    connections: int
    mailboxes: int
    mailbox_bytes: int
    jobs_held: int
    scratch: int
    spilled: int
    resident: float

    @classmethod
    def taken(cls, mark: str, folder: Path, server: Server, rendezvous: Rendezvous) -> Figures:
        gc.collect()
        links = [_target(entry) for entry in Path("/proc/self/fd").iterdir()]
        boxes = rendezvous._boxes
        return cls(
            processes=len([pid for pid in processes.marked(mark) if pid != os.getpid()]),
            zombies=_zombies(),
            threads=sum(not one.name.startswith(POOLS) for one in threading.enumerate()),
            tasks=len(asyncio.all_tasks()),
            open_files=len(links),
            connections=sum(link.startswith("socket:") for link in links),
            mailboxes=boxes.count,
            mailbox_bytes=boxes.memory.used + boxes.memory.on_disk,
            jobs_held=len(server._runs) + boxes.jobs,
            scratch=len(list((folder / "tmp").iterdir())),
            spilled=len(list((folder / "spill").rglob("*.part"))),
            resident=round(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / MIB, 1),
        )

    def grown_since(self, before: Figures, memory: float) -> list[str]:
        """What there is more of than there was; `memory` (MiB) may have been added."""
        allowed = {"resident": memory}
        now, then = asdict(self), asdict(before)
        return [
            f"{name}: {then[name]} before, {now[name]} after"
            for name in then
            if now[name] > then[name] + allowed.get(name, 0)
        ]


def table(rows: dict[str, Figures]) -> str:
    """In Markdown, a row for each figure."""
    lines = [f"| | {' | '.join(rows)} |", "|---|" + "---|" * len(rows)]
    for field in fields(Figures):
        values = " | ".join(str(getattr(figures, field.name)) for figures in rows.values())
        name = field.name.replace("_", " ") + (", MiB" if field.name == "resident" else "")
        lines.append(f"| {name} | {values} |")
    return "\n".join(lines)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:  # the listing's own
        return ""


def _zombies() -> int:
    children = processes.children(os.getpid())
    return sum(_state(pid) == "Z" for pid in children)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
