"""What a schema's types have against a manifest, in sentences that say what is wanted. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from jsonschema import ValidationError

_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a map of fields",
    "string": "text",
}
LONGEST: Final = 60
"""Characters of a value that are shown."""


def sentence(error: ValidationError) -> str:
    """In one line, to stand behind the path of the field."""
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "type":
            names = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {_one_of(_TYPES[name] for name in names)}, not {_shown(found)}"
        case "enum":
            return f"must be {_one_of(map(str, wanted))}, not {_shown(found)}"
        case "minimum":
            return f"must be at least {wanted}, not {_shown(found)}"
        case "maximum":
            return f"must be at most {wanted}, not {_shown(found)}"
        case "required":
            missing = (name for name in wanted if name not in found)
            return f"{next(missing)} is missing"
        case "additionalProperties":
            known = schema.get("properties", {})
            strange = next(name for name in found if name not in known)
            return f"there is no field {_shown(strange)}; there are {', '.join(sorted(known))}"
        case _:
            return " ".join(error.message.split())


def _one_of(words: Iterable[str]) -> str:
    *front, last = words
    return f"{', '.join(front)} or {last}" if front else last


def _shown(value: Any) -> str:
    """As it stands in JSON, which is YAML too."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
