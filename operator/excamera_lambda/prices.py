"""Prices as data: those of prices.json, or those that somebody has given.

AWS asks about the same in most regions and changes it seldom. Whoever pays another price, because
of the region, a savings plan or a later tier, names it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any, Final

from excamera_lambda.cost import Prices
from excamera_lambda.errors import InvalidRequest

NAMES: Final = ("gb_second", "request", "storage_gb_second")


def data() -> dict[str, Any]:
    """The file, with the region and the day that it is of."""
    text = resources.files("excamera_lambda").joinpath("prices.json").read_text("utf-8")
    values: dict[str, Any] = json.loads(text)
    return values


def prices(architecture: str, given: Mapping[str, float] | None = None) -> Prices:
    """given: instead of the file's, by name. Raises InvalidRequest."""
    known = data()
    if architecture not in known:
        raise InvalidRequest(f"there is no price for architecture {architecture}")
    return replace(Prices(**known[architecture]), **(given or {}))


def parsed(text: str) -> dict[str, float]:
    """From NAME=DOLLARS,…. Raises InvalidRequest."""
    given = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        try:
            given[name.strip()] = float(value)
        except ValueError:
            what = f"{value!r} is not a price in dollars" if equals else "NAME=DOLLARS is wanted"
            raise InvalidRequest(f"{part!r}: {what}, such as request=0.0000002") from None
        if name.strip() not in NAMES or not 0 <= given[name.strip()] < 1000:
            raise InvalidRequest(f"{part!r}: prices are {', '.join(NAMES)}, from 0 dollars up")
    return given
