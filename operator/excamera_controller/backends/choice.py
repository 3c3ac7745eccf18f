"""Which backend an EncodeJob asks for, made ready; or why it cannot be had."""

from __future__ import annotations

from typing import Final, Protocol

from excamera_controller.api import ApiError, NotFound, path_of
from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.backends.knative import KnativeBackend
from excamera_controller.backends.pod import PodBackend
from excamera_controller.backends.pod_manifests import Workers
from excamera_controller.conditions import Reason
from excamera_controller.failing import Impossible, NotReady
from excamera_controller.observed import Failure, Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.settings import Knative
from mu.backend import Backend
from mu.observer import Observer

SERVING: Final = "serving.knative.dev/v1"


class ClusterBackend(Backend, Protocol):
    """A backend that can say what keeps its workers away, and let go of them."""

    @property
    def trouble(self) -> Failure | None: ...

    async def abandon(self) -> None:
        """Lets go of all that belongs to this process; workers go on. Instead of `stop`."""
        ...


async def backend_of(stored: Stored, place: PlaceOfWork) -> ClusterBackend:
    """Raises Impossible; NotReady, ApiError or CloudFailed if it cannot be told now."""
    wanted = (stored.spec.get("workers") or {}).get("backend", "Pod")
    match wanted:
        case "Pod":
            return _pod(stored, place)
        case "Knative":
            return await _knative(place)
        case "Lambda":
            return await _lambda(stored, place)
        case _:
            raise Impossible(
                Reason.BACKEND_UNAVAILABLE, f"this operator has no backend {wanted}; use Pod"
            )


def observers_of(backend: ClusterBackend) -> tuple[Observer, ...]:
    """Who of a backend wants to be told what happens in its run."""
    match backend:
        case ClusterLambda():
            return (backend.account.meter,)
        case KnativeBackend():
            return (backend,)
        case _:
            return ()


def _pod(stored: Stored, place: PlaceOfWork) -> PodBackend:
    settings = place.settings
    resources = (stored.spec.get("workers") or {}).get("resources") or settings.worker_resources
    app, format_ = settings.app_name, settings.log_format
    workers = Workers(stored, settings.image, resources, app, format_)
    return PodBackend(place.api, workers)


async def _knative(place: PlaceOfWork) -> KnativeBackend:
    knative = place.settings.knative
    if knative is None:
        raise Impossible(
            Reason.BACKEND_UNAVAILABLE,
            "backend Knative is not set up: install Knative Serving and upgrade the chart with"
            " workers.knative.enabled=true, or use backend Pod",
        )
    url = knative.service
    if "://" not in url:
        url = await _url(knative, place)
    return KnativeBackend(url, knative.timeout)


async def _lambda(stored: Stored, place: PlaceOfWork) -> ClusterLambda:
    settings = place.settings.aws_lambda
    if settings is None:
        raise Impossible(
            Reason.BACKEND_UNAVAILABLE,
            "backend Lambda is not set up: run `excamera lambda deploy`, and upgrade"
            " the chart with workers.lambda.enabled=true, or use backend Pod",
        )
    return await ClusterLambda.begun(settings, stored.status.get("cost") or {})


async def _url(knative: Knative, place: PlaceOfWork) -> str:
    """Where the Service answers within the cluster."""
    path = path_of(SERVING, "services", place.settings.own_namespace, knative.service)
    try:
        service = await place.api.get(path)
    except NotFound:
        message = f"there is no Knative Service {knative.service}"
        raise Impossible(
            Reason.BACKEND_UNAVAILABLE, f"{message}; is Knative Serving installed?"
        ) from None
    except ApiError as error:
        if error.transient:
            raise
        raise Impossible(Reason.BACKEND_UNAVAILABLE, f"backend Knative: {error}") from error
    status = service.get("status") or {}
    url = (status.get("address") or {}).get("url") or status.get("url")
    if url:
        return str(url)
    message = f"Knative Service {knative.service} is not ready"
    if broken := _broken(status):
        raise Impossible(Reason.BACKEND_UNAVAILABLE, f"{message}: {broken}")
    raise NotReady(f"{message}: it has no address yet")


def _broken(status: dict[str, object]) -> str:
    """What keeps it from ever being ready as it is; empty if it is merely new."""
    conditions = status.get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        if condition.get("status") == "False":
            return str(condition.get("message"))
    return ""
