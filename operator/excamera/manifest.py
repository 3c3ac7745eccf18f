"""EncodeJob manifests: the YAML that `kubectl apply` and `excamera run -f` both take.

It is judged alike on a laptop and in a cluster (`schema.py`). What only a cluster can know, such as
Secrets, is left to the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    _check_values(documents)
    if len(documents) != 1:
        raise InvalidJob(f"the manifest holds {len(documents)} documents; one {KIND} is wanted")
    return of_object(documents[0])


def _check_values(documents: list[Any]) -> None:
    """Aliases can make a short text mean more values than any memory holds, or themselves; and
    YAML knows maps that JSON does not."""
    waiting: list[Any] = [documents]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        match waiting.pop():
            case dict() as fields:
                if not all(isinstance(name, str) for name in fields):
                    raise InvalidJob("the manifest has a field whose name is not text")
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
    from excamera import schema  # loads an interpreter of CEL, which only manifests need

    schema.check(document)
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
    cq_level = fields.get("cqLevel", defaults.cq_level)
    return Encoding(
        chunk_frames=None if chunk_frames == AUTO else chunk_frames,
        chain_length=fields.get("chainLength"),
        keyframe_seconds=fields.get("keyframeSeconds"),
        cq_level=None if cq_level == AUTO else cq_level,
        ssim_decibels=fields.get("ssimDecibels"),
        audio=fields.get("audio", defaults.audio),
        keep_going=fields.get("keepGoing", defaults.keep_going),
    )


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
