"""The schema of EncodeJob: that of the custom resource definition itself, and its only copy here.

A manifest is judged as `kubectl apply` judges it: fields and types first (`schema_errors.py`), then
the name, which every kind must have, then the rules (`rules.py`) with the defaults filled in. One
thing is different: where no cluster is, a file may stand where a cluster wants an object of a
bucket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema
import yaml

from excamera.errors import InvalidJob
from excamera.rules import refusals
from excamera.schema_errors import sentence

FILE: Final = "file:///"
STAND_IN: Final = "s3://file/"
"""What rules see in place of `FILE`, so that those about names hold for files as well."""

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
"""Of an object of Kubernetes. Our own rule has more to say of it."""


@cache
def crd() -> dict[str, Any]:
    """The custom resource definition of EncodeJob."""
    text = resources.files("excamera").joinpath("encodejob.crd.yaml").read_text("utf-8")
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


def check(document: dict[str, Any]) -> None:
    """Raises InvalidJob with the path of the first field at fault, in one line."""
    schema = crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    validator = jsonschema.Draft202012Validator(_closed(schema))
    errors = sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.path)))
    if errors:
        path = ".".join(str(part) for part in errors[0].path) or "the manifest"
        raise _invalid(path, sentence(errors[0]))
    _check_name(document.get("metadata") or {})
    for path, refusal in refusals(schema, _as_stored(schema, document)):
        raise _invalid(path, refusal)


def _check_name(metadata: Mapping[str, Any]) -> None:
    """`kubectl create` makes up a name that begins as generateName says."""
    name = metadata.get("name", metadata.get("generateName"))
    if name is None or name == "":
        raise InvalidJob("metadata.name is missing; no cluster takes a manifest without it")
    if not isinstance(name, str):
        raise InvalidJob(f"metadata.name must be text, not {name!r}; put it in quotation marks")
    if "name" in metadata and _NAME.fullmatch(name) is None:
        raise InvalidJob(
            f"metadata.name must be lower-case letters, digits and '-', the first and the last of"
            f" them a letter or a digit, not {name!r}"
        )


def _invalid(path: str, message: str) -> InvalidJob:
    line = " ".join(message.split())
    return InvalidJob(f"{path}: {line}" if path else line)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with unknown fields refused, as `kubectl apply` does with strict validation."""
    closed = {key: _closed_value(value) for key, value in schema.items()}
    properties = closed.get("properties")
    if properties and "metadata" not in properties and "additionalProperties" not in closed:
        closed["additionalProperties"] = False
    if closed.pop("x-kubernetes-int-or-string", False):
        closed["type"] = ["integer", "string"]
    return closed


def _closed_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _closed(value)
    if isinstance(value, list):
        return [_closed_value(item) for item in value]
    return value


def _as_stored(schema: Mapping[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The document as rules see it: of its metadata they know the name."""
    name = (document.get("metadata") or {}).get("name", "")
    spec = _with_defaults(schema["properties"]["spec"], document["spec"])
    for place in ("source", "output"):
        uri = spec[place]["uri"]
        if uri.startswith(FILE):
            spec[place] = {"uri": STAND_IN + uri.removeprefix(FILE)}
    return {"metadata": {"name": name}, "spec": spec}


def _with_defaults(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_with_defaults(schema.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = dict(value)
    for name, field in schema.get("properties", {}).items():
        if name not in fields and "default" in field:
            fields[name] = field["default"]
        if name in fields:
            fields[name] = _with_defaults(field, fields[name])
    return fields
