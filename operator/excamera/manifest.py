"""EncodeJob manifests: the YAML that `kubectl apply` and `excamera run -f` both take.

The schema is that of the custom resource definition itself, so that a manifest is judged alike on a
laptop and in a cluster. What only a cluster can know (Secrets, nodes) is left to the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
import yaml

from excamera.errors import InvalidJob
from excamera.job import AUTO, DEFAULT_BACKOFF_LIMIT, Encoding, Job

API_VERSION = "excamera.dev/v1alpha1"
KIND = "EncodeJob"
LONGEST = 1 << 20  # etcd takes no larger objects, or not by much
MOST_VALUES = 10_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """A job as its manifest names it. `max_workers` is 0 when the manifest does not say; `backend`
    is Pod, Knative or Lambda."""

    name: str
    job: Job
    max_workers: int
    backend: str = "Pod"


def load(text: str) -> Manifest:
    """Reads one EncodeJob from YAML. Raises InvalidJob with the path of the field at fault."""
    if len(text) > LONGEST:
        raise InvalidJob(f"the manifest is longer than {LONGEST} characters; no {KIND} is")
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except (yaml.YAMLError, ValueError) as error:  # of a date that there is not, for instance
        raise InvalidJob(f"the manifest is not YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise InvalidJob("the manifest is nested too deeply") from error
    _check_size(documents)
    if len(documents) != 1:
        raise InvalidJob(f"the manifest holds {len(documents)} documents; one {KIND} is wanted")
    return of_object(documents[0])


def _check_size(documents: list[Any]) -> None:
    """Aliases can make a short text mean more values than any memory holds, or themselves."""
    waiting: list[Any] = [documents]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        match waiting.pop():
            case dict() as fields:
                waiting += fields.values()
            case list() as items:
                waiting += items
    raise InvalidJob(f"the manifest has more than {MOST_VALUES} values; no {KIND} has")


def of_object(document: Any) -> Manifest:
    """Reads an EncodeJob from its JSON object, as the API server hands it out."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InvalidJob(f"the manifest is not an {KIND} ({API_VERSION})")
    if document.get("apiVersion") != API_VERSION:
        raise InvalidJob(f"apiVersion must be {API_VERSION}, not {document.get('apiVersion')!r}")
    _check_schema(document)
    spec = document["spec"]
    metadata = document.get("metadata") or {}
    return Manifest(
        name=metadata.get("name", ""),
        job=Job(
            source=spec["source"]["uri"],
            output=spec["output"]["uri"],
            encoding=encoding_of(spec.get("encoding") or {}),
            backoff_limit=spec.get("backoffLimit", DEFAULT_BACKOFF_LIMIT),
        ),
        max_workers=(spec.get("workers") or {}).get("max", 0),
        backend=(spec.get("workers") or {}).get("backend", "Pod"),
    )


def encoding_of(fields: Mapping[str, Any]) -> Encoding:
    """`spec.encoding` with its defaults filled in."""
    defaults = Encoding()
    chunk_frames = fields.get("chunkFrames", defaults.chunk_frames)
    return Encoding(
        chunk_frames=None if chunk_frames == AUTO else chunk_frames,
        chain_length=fields.get("chainLength"),
        keyframe_seconds=fields.get("keyframeSeconds"),
        cq_level=fields.get("cqLevel", defaults.cq_level),
        audio=fields.get("audio", defaults.audio),
        keep_going=fields.get("keepGoing", defaults.keep_going),
    )


@cache
def crd() -> dict[str, Any]:
    """The custom resource definition of EncodeJob."""
    text = resources.files("excamera").joinpath("encodejob.crd.yaml").read_text("utf-8")
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


def _check_schema(document: dict[str, Any]) -> None:
    schema = crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    validator = jsonschema.Draft202012Validator(_closed(schema))
    first = next(iter(sorted(validator.iter_errors(document), key=lambda e: list(e.path))), None)
    if first is not None:
        path = ".".join(str(part) for part in first.path) or "the manifest"
        raise InvalidJob(f"{path}: {_one_line(first.message)}")


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with unknown fields refused, as `kubectl apply` does with strict validation."""
    closed = {key: _closed_value(value) for key, value in schema.items()}
    properties = closed.get("properties")
    if properties and "metadata" not in properties and "additionalProperties" not in closed:
        closed["additionalProperties"] = False
    if closed.pop("x-kubernetes-int-or-string", False):
        closed.pop("type", None)
        closed.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    return closed


def _closed_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _closed(value)
    if isinstance(value, list):
        return [_closed_value(item) for item in value]
    return value


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
