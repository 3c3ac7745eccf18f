"""Options of `excamera run` and `excamera lambda` that are about Lambda, and what they mean.

It loads nothing of AWS, which takes longer than all else of a command's start.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from excamera.errors import CloudFailed, InvalidJob, JobError
from excamera_lambda.errors import InvalidRequest, LambdaError, Refused
from excamera_lambda.prices import parsed

MOST_WORKERS: Final = 1000


@dataclass(frozen=True, slots=True)
class LambdaSettings:
    """`coordinator` and `rendezvous` are what workers dial, as host:port."""

    function: str
    region: str
    coordinator: str
    rendezvous: str
    prices: Mapping[str, float] = field(default_factory=dict)


def add_options(command: argparse.ArgumentParser) -> None:
    """Those of `excamera run` that a manifest with backend Lambda needs."""
    group = command.add_argument_group("backend Lambda")
    add = group.add_argument
    add("--lambda-function", default="", metavar="NAME", help="whose invocations are the workers")
    add("--region", default="", help="where it is (default: AWS_REGION, or the profile's)")
    add(
        "--coordinator-address",
        default="",
        metavar="HOST:PORT",
        help="how workers reach this machine; it listens at the port",
    )
    add("--rendezvous-address", default="", metavar="HOST:PORT", help="the same, another port")
    add_prices(group)


def add_prices(command: argparse._ActionsContainer) -> None:
    """The option for what AWS asks of whoever pays."""
    command.add_argument(
        "--prices",
        default="",
        metavar="NAME=DOLLARS,…",
        help="instead of those of us-east-1: gb_second, request, storage_gb_second",
    )


def settings_of(options: argparse.Namespace) -> LambdaSettings:
    """Raises InvalidJob if an option is missing."""
    needed = ("lambda_function", "coordinator_address", "rendezvous_address")
    missing = [f"--{name.replace('_', '-')}" for name in needed if not getattr(options, name)]
    if missing:
        raise InvalidJob(f"backend Lambda needs {', '.join(missing)}; see docs/lambda.md")
    return LambdaSettings(
        options.lambda_function,
        options.region,
        options.coordinator_address,
        options.rendezvous_address,
        prices_of(options),
    )


def prices_of(options: argparse.Namespace) -> Mapping[str, float]:
    """Raises InvalidJob."""
    try:
        return parsed(options.prices)
    except LambdaError as error:
        raise of_lambda(error) from error


def of_lambda(error: LambdaError) -> JobError:
    """AWS's error in this package's words."""
    ours = isinstance(error, InvalidRequest) and not isinstance(error, Refused)
    return InvalidJob(str(error)) if ours else CloudFailed(str(error))
