"""The rules of a schema (x-kubernetes-validations), judged as an API server judges them.

A rule is an expression of CEL about the value `self`; its sentence is what people read if it does
not hold. Here are the functions that Kubernetes adds to the language and that our rules use, in its
own words: amounts such as 500m or 2Gi ("quantities"). Rules about a change (`oldSelf`) do not apply
to a manifest by itself. The value must have been found to fit the schema's types before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

import celpy
from celpy.adapter import json_to_cel
from celpy.celtypes import BoolType, StringType
from celpy.evaluation import CELEvalError

from excamera.errors import InvalidJob

_QUANTITY: Final = re.compile(
    r"([+-]?(?:\d+\.?\d*|\.\d+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?", re.ASCII
)
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


class Quantity:
    """An amount of a resource, as Kubernetes writes it."""

    def __init__(self, text: str) -> None:
        """Raises ValueError if `text` is no quantity."""
        found = _QUANTITY.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no quantity")
        number, unit = Decimal(found[1]), found[2] or ""
        if unit.endswith("i"):
            self.value = number * 1024 ** ("KMGTPE".index(unit[0]) + 1)
        else:
            self.value = number.scaleb(_DECIMAL[unit] if unit in _DECIMAL else int(unit[1:] or 0))


def refusals(schema: Mapping[str, Any], value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """What the rules have against `value`: the path of a field, and the sentence about it.

    Raises InvalidJob for values that no rule can look at, such as text that is not Unicode.
    """
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"] and not _evaluated(rule["rule"], value):
            yield path, _sentence(rule, value)
    match value:
        case dict():
            for name, field in value.items():
                below = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
                yield from refusals(below or {}, field, f"{path}.{name}" if path else name)
        case list():
            for number, item in enumerate(value):
                yield from refusals(schema.get("items", {}), item, f"{path}[{number}]")


def _sentence(rule: Mapping[str, str], value: Any) -> str:
    """The rule's expression says it best, unless it cannot be worked out."""
    try:
        return str(_evaluated(rule["messageExpression"], value))
    except (KeyError, InvalidJob):
        return rule["message"]


def _evaluated(expression: str, value: Any) -> Any:
    try:
        return _program(expression).evaluate({"self": json_to_cel(value)})
    except (CELEvalError, ArithmeticError, ValueError, TypeError) as error:
        raise InvalidJob("the manifest has a number or a text that is not allowed") from error


@cache
def _program(expression: str) -> celpy.Runner:
    environment = _environment()
    return environment.program(environment.compile(expression), functions=dict(_FUNCTIONS))


@cache
def _environment() -> celpy.Environment:
    return celpy.Environment()


def _is_quantity(text: StringType) -> BoolType:
    return BoolType(_QUANTITY.fullmatch(text) is not None)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "isQuantity": _is_quantity,
    "quantity": Quantity,
    "isLessThan": lambda one, other: BoolType(one.value < other.value),
    "isGreaterThan": lambda one, other: BoolType(one.value > other.value),
}
