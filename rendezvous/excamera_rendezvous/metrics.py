"""What Prometheus is told. No label grows with jobs or chunks."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from excamera_rendezvous.storage import Storage

PUT_RESULTS: Final = ("stored", "already_there", "conflict", "refused", "broken_off")
GET_RESULTS: Final = ("delivered", "refused", "broken_off")
DROP_RESULTS: Final = ("done", "refused")


class Metrics:
    """One registry for one rendezvous, so that several can live in one process."""

    def __init__(self, storage: Storage) -> None:
        self.registry = CollectorRegistry()
        self._gauges(storage)
        self.received = self._counter("received_bytes", "Bytes of messages that came in.")
        self.sent = self._counter("sent_bytes", "Bytes of messages that went out.")
        self.spilled = self._counter("spilled_bytes", "Bytes that were written to disk.")
        self.expired = self._counter(
            "expired_mailboxes", "Mailboxes of jobs that nobody touched any more."
        )
        self.dropped = self._counter("dropped_mailboxes", "Mailboxes dropped with their jobs.")
        self.puts = self._results("puts", PUT_RESULTS)
        self.gets = self._results("gets", GET_RESULTS)
        self.drops = self._results("drops", DROP_RESULTS)
        Info("excamera_rendezvous_build", "The version.", registry=self.registry).info(
            {"version": _version()}
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"excamera_rendezvous_{name}", text, labels, registry=self.registry)

    def _results(self, name: str, results: tuple[str, ...]) -> Counter:
        """By result, all of them present from the start, so that rates begin at 0."""
        counter = self._counter(name, f"How many {name} ended, by how.", "result")
        for result in results:
            counter.labels(result)
        return counter

    def _gauges(self, storage: Storage) -> None:
        boxes, memory = storage.boxes, storage.boxes.memory
        for name, text, read in (
            ("jobs", "Jobs that have mailboxes.", lambda: boxes.jobs),
            ("mailboxes", "Mailboxes, with a message or somebody who waits.", lambda: boxes.count),
            ("waiting_readers", "Readers that wait for more.", lambda: storage.waiting_readers),
            ("waiting_writers", "Puts that wait for room.", lambda: storage.waiting_writers),
            ("memory_bytes", "Bytes that messages take in memory.", lambda: memory.used),
            ("memory_limit_bytes", "The bound on those bytes.", lambda: memory.limit),
            ("spill_bytes", "Bytes that messages take on disk.", lambda: memory.on_disk),
            ("spill_limit_bytes", "The bound on those bytes.", lambda: memory.disk_limit),
        ):
            gauge = Gauge(f"excamera_rendezvous_{name}", text, registry=self.registry)
            gauge.set_function(read)


def _version() -> str:
    try:
        return version("excamera")
    except PackageNotFoundError:
        return "unknown"
