"""The command line and the environment, read once, as Settings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final, NoReturn

from excamera.arguments import Parser as OneLineParser
from excamera.arguments import decimal, whole
from excamera.job import WORKERS
from excamera.ranges import Range
from excamera_controller.logs import FORMATS, LEVELS
from excamera_controller.settings import (
    Image,
    Knative,
    Lambda,
    Retirement,
    Settings,
    SettingsError,
)
from excamera_lambda.errors import InvalidRequest
from excamera_lambda.prices import parsed

DAYS: Final = Range(1, 3650)
TIMEOUT: Final = Range(1, 86_400)
PORT: Final = Range(0, 65_535)

EPILOG: Final = """\
The API server and the credentials are those of the pod's service account, or of KUBECONFIG. What
the object store needs comes from the Secret that a job names, or else from the operator's own
environment. POD_NAMESPACE is where the operator's own Secrets are, POD_NAME is named in events.

Ends on SIGTERM or SIGINT. Jobs are left as they are then: their workers go on, and the operator
that is started next takes them up.

exit status:
  0  it was told to stop
  2  the options make no sense
  4  an address cannot be listened at, or the API server cannot be reached
  5  anything that should not have happened

`excamera-operator retire` is for the end: it stops the operator and all workers, and lets go of
EncodeJobs, so that they can be deleted without an operator. See its own --help.
"""

RETIREMENT: Final = """\
Before the chart is uninstalled: ends the operator, then the workers of all EncodeJobs, and takes
the operator's finalizer off them. EncodeJobs, outputs and finished chunks stay; jobs that are not
finished go on when the operator is installed again. Ends within minutes, whatever happens.

exit status:
  0  every EncodeJob can be deleted without an operator
  2  the options make no sense
  4  not so: the API server cannot be reached, refuses, or time is up; what it said is in the log
  5  anything that should not have happened
"""


class Parser(OneLineParser):
    """Raises instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(self.explained(message))


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """SettingsError if they make no sense; SystemExit(0) after --help, --version."""
    given = parser().parse_args(arguments)
    cert_manager = given.authority_from == "cert-manager"
    return Settings(
        namespaces=tuple(given.namespace),
        own_namespace=environment.get("POD_NAMESPACE") or "default",
        instance=environment.get("POD_NAME") or "excamera-operator",
        coordinator_listen=given.coordinator_listen,
        coordinator_address=given.coordinator_address,
        rendezvous=tuple(filter(None, given.rendezvous_address.split(","))),
        authority_secret=given.authority_secret,
        authority_days=None if cert_manager else given.authority_days,
        rendezvous_secret=given.rendezvous_secret,
        max_workers=given.max_workers,
        image=Image(
            given.worker_image,
            given.worker_image_pull_policy,
            tuple(given.worker_image_pull_secret),
        ),
        worker_resources=given.worker_resources,
        app_name=given.app_name,
        knative=Knative(given.knative_service, given.knative_timeout)
        if given.knative_service
        else None,
        aws_lambda=Lambda(given.lambda_function, given.lambda_region, given.lambda_prices)
        if given.lambda_function
        else None,
        metrics_port=given.metrics_port,
        health_port=given.health_port,
        log_format=given.log_format,
        log_level=given.log_level,
    )


def read_retirement(arguments: Sequence[str], environment: Mapping[str, str]) -> Retirement:
    """The same for `excamera-operator retire`."""
    made = Parser(
        prog="excamera-operator retire",
        description=RETIREMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_what_it_watches(made)
    made.add_argument("--deployment", required=True, metavar="NAME", help="the operator's")
    _add_logs(made)
    given = made.parse_args(arguments)
    return Retirement(
        deployment=given.deployment,
        namespaces=tuple(given.namespace),
        own_namespace=environment.get("POD_NAMESPACE") or "default",
        instance=environment.get("POD_NAME") or "excamera-operator",
        log_format=given.log_format,
        log_level=given.log_level,
    )


def parser() -> Parser:
    """The whole command line."""
    made = Parser(
        prog="excamera-operator",
        description="Runs the EncodeJobs of a Kubernetes cluster.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"%(prog)s {version('excamera')}")
    _add_what_it_watches(made)
    _add_connections(made)
    _add_workers(made)
    _add_lambda(made)
    _add_own(made)
    return made


def _add_what_it_watches(made: Parser) -> None:
    where = made.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--namespace", action="append", default=[], help="whose jobs to run; may be repeated"
    )
    where.add_argument("--all-namespaces", action="store_true", help="run those of all namespaces")


def _add_connections(made: Parser) -> None:
    add = made.add_argument_group("connections").add_argument
    add("--coordinator-listen", default="0.0.0.0:7000", metavar="HOST:PORT", help="for workers")
    add("--coordinator-address", default="", metavar="HOST:PORT", help="what workers dial")
    add(
        "--rendezvous-address",
        required=True,
        metavar="HOST:PORT[,…]",
        help="of each shard of the rendezvous",
    )
    add(
        "--authority-secret",
        default="excamera-authority",
        metavar="NAME",
        help="where the certificate authority is kept; it is made if it is not there",
    )
    add(
        "--authority-from",
        choices=("operator", "cert-manager"),
        default="operator",
        help="who makes and renews the authority (operator)",
    )
    add(
        "--authority-days",
        type=whole(DAYS),
        default=365,
        metavar="DAYS",
        help=f"for how long, {DAYS} (365)",
    )
    add(
        "--rendezvous-secret",
        default="excamera-rendezvous",
        metavar="NAME",
        help="where to put the certificate that the rendezvous shows",
    )


def _add_workers(made: Parser) -> None:
    add = made.add_argument_group("workers").add_argument
    add(
        "--max-workers",
        type=whole(WORKERS),
        default=1000,
        metavar="N",
        help=f"over all jobs, {WORKERS} (1000)",
    )
    add("--worker-image", required=True, metavar="IMAGE", help="what worker pods run")
    add(
        "--worker-image-pull-policy",
        choices=("Always", "IfNotPresent", "Never"),
        default="IfNotPresent",
        help="(IfNotPresent)",
    )
    add("--worker-image-pull-secret", action="append", default=[], metavar="NAME")
    add(
        "--app-name",
        default="excamera",
        metavar="NAME",
        help="label app.kubernetes.io/name of worker pods, which network policies go by (excamera)",
    )
    add(
        "--worker-resources",
        type=_json_object,
        default={},
        metavar="JSON",
        help="requests and limits of worker pods whose job names none",
    )
    add(
        "--knative-service", default="", metavar="NAME", help="the workers' Knative Service, or URL"
    )
    add(
        "--knative-timeout",
        type=decimal(TIMEOUT),
        default=300.0,
        metavar="SECONDS",
        help=f"its limit, {TIMEOUT} (300)",
    )


def _add_lambda(made: Parser) -> None:
    add = made.add_argument_group("AWS Lambda").add_argument
    add("--lambda-function", default="", metavar="NAME", help="the workers' function")
    add("--lambda-region", default="", metavar="REGION", help="where it is")
    add(
        "--lambda-prices",
        type=_prices,
        default={},
        metavar="NAME=DOLLARS,…",
        help="what AWS asks: gb_second, request, storage_gb_second (those of us-east-1)",
    )


def _add_own(made: Parser) -> None:
    add = made.add_argument
    port = whole(PORT)
    add("--metrics-port", type=port, default=9090, metavar="PORT", help="of /metrics (9090)")
    add(
        "--health-port", type=port, default=8080, metavar="PORT", help="of /healthz, /readyz (8080)"
    )
    _add_logs(made)


def _add_logs(made: Parser) -> None:
    add = made.add_argument
    add("--log-format", choices=FORMATS, default="text", help="(text)")
    add("--log-level", choices=LEVELS, default="info", help="(info)")


def _prices(text: str) -> dict[str, float]:
    try:
        return parsed(text)
    except InvalidRequest as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON object")
    return value
