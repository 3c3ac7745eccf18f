"""EncodeJobs in one namespace as tests handle them: apply, look at, wait for."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.cluster.cluster import Cluster, Object

BUCKET = "videos"
SECRET = "object-store"
ENDED = ("Succeeded", "Failed")
NOBODY = "http://127.0.0.1:9"
"""An endpoint at which nobody answers."""


def until(condition: Callable[[], Any], seconds: float, what: Callable[[], object] = str) -> Any:
    """The first true value of `condition()`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what()}"
        time.sleep(0.5)
    return value


@dataclass
class Jobs:
    """`endpoint` of the object store, as jobs reach it, and its credentials; see `secret`."""

    cluster: Cluster
    namespace: str

    @property
    def endpoint(self) -> str:
        raise NotImplementedError

    def operator_log(self) -> str:
        """Its last lines, for a failed test."""
        raise NotImplementedError

    def secret(self, name: str, **values: str) -> None:
        data = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1", **values}
        metadata = {"name": name, "namespace": self.namespace}
        made = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
        self.cluster.create(made)

    def copy_secret(self, name: str, copy: str, **values: str) -> None:
        """Under another name, with other values where some are given."""
        data = self.cluster.get("secret", name, self.namespace)["data"]
        kept = {key: base64.b64decode(data[key]).decode() for key in data}
        self.secret(copy, **kept | values)

    def apply(self, name: str, source: str, **spec: Any) -> None:
        """An EncodeJob that writes NAME.webm."""
        made: Object = {
            "apiVersion": "excamera.dev/v1alpha1",
            "kind": "EncodeJob",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {
                "source": {"uri": source},
                "output": {"uri": f"s3://{BUCKET}/{name}.webm"},
                "storage": {"secretRef": {"name": SECRET}},
                "encoding": {"chunkFrames": 6, "chainLength": 4},
                "workers": {"backend": "Pod", "max": 2},
                **spec,
            },
        }
        self.cluster.apply(made)

    def status(self, name: str) -> dict[str, Any]:
        status: dict[str, Any] = self.cluster.get("ej", name, self.namespace).get("status") or {}
        return status

    def finalizers(self, name: str) -> list[str]:
        """What holds the job."""
        metadata = self.cluster.get("ej", name, self.namespace)["metadata"]
        return list(metadata.get("finalizers") or ())

    def summary(self, name: str) -> dict[str, Any]:
        """The condition Succeeded."""
        conditions = self.status(name).get("conditions") or ()
        return next((dict(c) for c in conditions if c["type"] == "Succeeded"), {})

    def said(self, name: str, reason: str, seconds: float = 30) -> str:
        """The message that goes with `reason`, which must be there in time, as must be an event."""
        until(lambda: self.summary(name).get("reason") == reason, seconds, lambda: self.story(name))
        message: str = self.summary(name)["message"]
        until(lambda: reason in self.reasons(name), 10, lambda: self.reasons(name))
        return message

    def ended(self, name: str, seconds: float = 240) -> dict[str, Any]:
        """The status once the job has succeeded or failed."""
        until(lambda: self.status(name).get("phase") in ENDED, seconds, lambda: self.story(name))
        return self.status(name)

    def succeeded(self, name: str, seconds: float = 240) -> dict[str, Any]:
        status = self.ended(name, seconds)
        assert status["phase"] == "Succeeded", self.story(name)
        return status

    def published(self, name: str, count: int, seconds: float = 120) -> None:
        """Waits until that many chunks are finished."""
        until(
            lambda: (self.status(name).get("progress") or {}).get("published", 0) >= count,
            seconds,
            lambda: self.story(name),
        )

    def patch(self, name: str, **spec: Any) -> None:
        self.cluster.patch("ej", name, self.namespace, {"spec": spec})

    def delete(self, name: str) -> None:
        """Returns when the resource is gone."""
        self.kubectl("delete", "ej", name, "--timeout=60s", timeout=90)

    def events(self, kind: str, **fields: str) -> list[Object]:
        """About objects of that kind; fields: as events have them, such as reason."""
        chosen = ",".join(f"{name}={value}" for name, value in fields.items())
        selector = f"--field-selector=involvedObject.kind={kind}{',' if chosen else ''}{chosen}"
        listed: list[Object] = json.loads(self.kubectl("get", "events", selector, "-ojson"))[
            "items"
        ]
        return listed

    def reasons(self, name: str) -> list[str]:
        """Of the events about the job."""
        return [event["reason"] for event in self.told(name)]

    def told(self, name: str) -> list[Object]:
        """The events about the job."""
        return self.events("EncodeJob", **{"involvedObject.name": name})

    def worker_pods_ever(self, name: str) -> set[str]:
        """All that were made for the job so far, as the Job controller tells."""
        made = (
            event["message"].removeprefix("Created pod: ")
            for event in self.events("Job", reason="SuccessfulCreate")
            if event["involvedObject"]["name"].startswith(f"{name}-")
        )
        return {f"pod/{pod}" for pod in made}

    def workers(self) -> list[str]:
        """Pods of workers."""
        selector = "--selector=excamera.dev/job-uid"
        return self.kubectl("get", "pods", selector, "--output=name").split()

    def traces(self) -> list[str]:
        """What backend Pod may leave in the cluster."""
        selector = "--selector=excamera.dev/job-uid"
        return self.kubectl("get", "jobs,pods,secrets", selector, "--output=name").split()

    def traces_of(self, name: str) -> list[str]:
        """The same of one EncodeJob."""
        selector = f"--selector=excamera.dev/job-name={name}"
        return self.kubectl("get", "jobs,pods,secrets", selector, "--output=name").split()

    def starts_workers(self, name: str, seconds: float = 60) -> None:
        """Waits until backend Pod has asked for workers."""

        def asked() -> bool:
            return any(trace.startswith("job.batch/") for trace in self.traces_of(name))

        until(asked, seconds, lambda: self.story(name))

    def story(self, name: str) -> str:
        """For a failed test."""
        pods = self.kubectl("get", "pods")
        return f"{json.dumps(self.status(name), indent=1)}\n{pods}\n{self.operator_log()}"

    def kubectl(self, *words: str, stdin: str | None = None, timeout: float = 120) -> str:
        return self.cluster.kubectl(
            "--namespace", self.namespace, *words, stdin=stdin, timeout=timeout
        )
