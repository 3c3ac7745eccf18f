"""kopf, as the machinery that watches: it notes what is seen, and decides nothing.

It runs in a thread and an event loop of its own, because at its end kopf cancels every task of its
loop, and coordinating workers must not depend on how a watch ends. What it sees is handed over to
the operator's loop. kopf writes nothing to the cluster: no finalizers, no annotations, no events,
no peering; its handlers here are of the one kind that never does.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import kopf

from excamera_controller.api import Object
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.kind import API_VERSION, PLURAL

SERVER_SECONDS: Final = 300
CLIENT_SECONDS: Final = 330.0
CONNECT_SECONDS: Final = 10.0
REQUEST_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
"""With the 10 s in which runs are left, and the server's 2: well within the pod's 30 s of grace."""

AGAIN_SECONDS: Final = 5.0
IDENTITY: Final[Any] = "excamera-operator"
"""kopf would ask for the name of the user, and nobody has given us one."""

Note = Callable[[Object, bool], None]
"""Takes an object, and whether it is gone. Called in the operator's loop."""

_log = logging.getLogger(__name__)


class Watch:
    """Use as a context. Watches EncodeJobs and the pods of workers."""

    def __init__(self, namespaces: Sequence[str], note_job: Note, note_pod: Note) -> None:
        self._namespaces = tuple(namespaces)
        self._note_job = note_job
        self._note_pod = note_pod
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    async def __aenter__(self) -> Watch:
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.to_thread(self._thread.join, STOP_SECONDS)

    def _run(self) -> None:
        """kopf ends when it may not watch; then it is tried again, until we are told to stop."""
        while not self._stop.is_set():
            try:
                asyncio.run(self._watch())
            except Exception as error:
                _log.error("the watch ended and begins anew: %r", error)
            self._stop.wait(AGAIN_SECONDS)

    async def _watch(self) -> None:
        await kopf.operator(
            registry=self._registry(),
            settings=_settings(),
            standalone=True,
            identity=IDENTITY,
            clusterwide=not self._namespaces,
            namespaces=self._namespaces,
            stop_flag=self._stop,
        )

    def _registry(self) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()
        jobs = (API_VERSION, PLURAL)

        @kopf.on.event(*jobs, registry=registry)
        async def job(event: Mapping[str, Any], **_: Any) -> None:
            self._hand_over(self._note_job, event)

        @kopf.on.event("", "v1", "pods", labels={UID_LABEL: kopf.PRESENT}, registry=registry)
        async def pod(event: Mapping[str, Any], **_: Any) -> None:
            self._hand_over(self._note_pod, event)

        kopf.on.login(registry=registry)(_login)
        return registry

    def _hand_over(self, note: Note, event: Mapping[str, Any]) -> None:
        seen, gone = dict(event["object"]), event["type"] == "DELETED"
        self._loop.call_soon_threadsafe(note, seen, gone)


def _login(**kwargs: Any) -> Any:
    """The service account, or a kubeconfig."""
    return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.watching.server_timeout = SERVER_SECONDS
    settings.watching.client_timeout = CLIENT_SECONDS
    settings.watching.connect_timeout = CONNECT_SECONDS
    settings.watching.label_selectors["", "v1", "pods"] = UID_LABEL
    settings.networking.request_timeout = REQUEST_SECONDS
    return settings
