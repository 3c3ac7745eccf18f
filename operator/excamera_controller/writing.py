"""Changes of one EncodeJob at the API server, over the version that was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from excamera_controller.api import Api, Object, path_of
from excamera_controller.kind import API_VERSION, PLURAL
from excamera_controller.observed import FINALIZER


def path_of_job(seen: Object) -> str:
    """Where it is."""
    metadata = seen["metadata"]
    return path_of(API_VERSION, PLURAL, metadata["namespace"], metadata["name"])


async def patch_status(api: Api, seen: Object, patch: Mapping[str, Any]) -> Object:
    """The object with its status patched. Raises ApiError; Conflict if it has changed."""
    version = {"resourceVersion": seen["metadata"]["resourceVersion"]}
    return await api.patch(f"{path_of_job(seen)}/status", {"metadata": version, "status": patch})


async def hold(api: Api, seen: Object) -> Object:
    """The object with our finalizer. Raises as `patch_status`."""
    return await _set_finalizers(api, seen, (*_finalizers(seen), FINALIZER))


async def let_go(api: Api, seen: Object) -> Object:
    """The object without our finalizer. Raises as `patch_status`."""
    return await _set_finalizers(api, seen, (n for n in _finalizers(seen) if n != FINALIZER))


def _finalizers(seen: Object) -> tuple[str, ...]:
    return tuple(seen["metadata"].get("finalizers") or ())


async def _set_finalizers(api: Api, seen: Object, names: Iterable[str]) -> Object:
    version = seen["metadata"]["resourceVersion"]
    metadata = {"resourceVersion": version, "finalizers": list(names)}
    return await api.patch(path_of_job(seen), {"metadata": metadata})
