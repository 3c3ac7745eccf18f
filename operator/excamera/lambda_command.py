"""excamera lambda deploy|status|delete|cost: the workers' function on AWS, and what jobs cost."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any, Final

from excamera import cost_command
from excamera.arguments import Commands, whole
from excamera.errors import CloudFailed, InvalidJob
from excamera.job import WORKERS
from excamera.lambda_options import of_lambda
from excamera.local import print_out
from excamera.ranges import Range
from excamera_lambda.errors import LambdaError
from excamera_lambda.function import (
    ARCHITECTURES,
    EVENT_AGES,
    MEMORY,
    RETENTIONS,
    STORAGE,
    TIMEOUT,
    Function,
)

if TYPE_CHECKING:
    from excamera_lambda.deployment import Deployment

DEFAULTS: Final = Function("excamera-worker", "", "")
EPILOG: Final = """\
exit status:
  0  done, or there was nothing to do       4  AWS refuses, or cannot be reached
  2  the command is wrong                   5  internal error
"""


def add_to(commands: Commands) -> None:
    """Adds the sub-commands."""
    text = "the workers' function on AWS Lambda, and what jobs cost on it"
    top = commands.add_parser("lambda", help=text, description=_sentence(text))
    subs = top.add_subparsers(required=True, metavar="COMMAND")
    _add_deploy(subs)
    _add(subs, "status", "show the function as it is", _status).add_argument(
        "--json", action="store_true", help="as JSON"
    )
    _add(subs, "delete", "delete the function and its log group", _delete).add_argument(
        "--yes", action="store_true", help="do not ask"
    )
    text = "say what a video will cost on Lambda, before anything is encoded"
    cost_command.add_to(_command(subs, "cost", text, cost_command.EPILOG))


def _add(subs: Commands, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    """One that is about a function."""
    command = _command(subs, name, text)
    command.add_argument(
        "--function",
        default=DEFAULTS.name,
        metavar="NAME",
        help=f"its name (default: {DEFAULTS.name})",
    )
    command.add_argument("--region", default="", help="default: AWS_REGION, or the profile's")
    command.set_defaults(run=run)
    return command


def _command(subs: Commands, name: str, text: str, epilog: str = EPILOG) -> argparse.ArgumentParser:
    return subs.add_parser(name, help=text, description=_sentence(text), epilog=epilog)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _add_deploy(subs: Commands) -> None:
    command = _add(
        subs, "deploy", "create the function, or change what is not as it should be", _deploy
    )
    add = command.add_argument
    add("--image", required=True, metavar="URI", help="the project's image, in ECR")
    add(
        "--role",
        required=True,
        metavar="ARN",
        help="of the function; it may write logs, and no more",
    )
    for name, metavar, among, text in (
        ("memory", "MB", MEMORY, "1769 are one processor"),
        ("timeout", "SECONDS", TIMEOUT, "that a worker may live"),
        ("storage", "MB", STORAGE, "of /tmp"),
        ("event-age", "SECONDS", EVENT_AGES, "how long an invocation may wait"),
    ):
        default = getattr(DEFAULTS, name.replace("-", "_"))
        add(
            f"--{name}",
            type=whole(Range(*among)),
            default=default,
            metavar=metavar,
            help=f"{text}; {Range(*among)} (default: {default})",
        )
    add("--architecture", choices=ARCHITECTURES, default=DEFAULTS.architecture)
    add(
        "--concurrency",
        type=whole(WORKERS),
        metavar="N",
        help=f"reserve so much of the account's concurrency, {WORKERS}, and use no more",
    )
    add(
        "--log-days",
        type=whole(Range(RETENTIONS[0], RETENTIONS[-1])),
        default=DEFAULTS.log_days,
        metavar="DAYS",
        help=f"how long logs are kept: {', '.join(map(str, RETENTIONS))}"
        f" (default: {DEFAULTS.log_days})",
    )
    add(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable for workers, such as HTTPS_PROXY; may be repeated",
    )
    add("--refresh", action="store_true", help="the image's tag was moved: take it anew")
    add("--dry-run", action="store_true", help="only say what would change")


def _deploy(options: argparse.Namespace) -> int:
    wanted = Function(
        name=options.function,
        image=options.image,
        role=options.role,
        memory=options.memory,
        timeout=options.timeout,
        storage=options.storage,
        architecture=options.architecture,
        reserved=options.concurrency,
        event_age=options.event_age,
        log_days=options.log_days,
        environment=dict(map(_variable, options.env)),
    )
    try:
        changed = _deployment(options).deploy(wanted, dry=options.dry_run, refresh=options.refresh)
    except LambdaError as error:
        raise of_lambda(error) from error
    if not changed:
        print_out(f"function {wanted.name} is as it should be")
    return 0


def _status(options: argparse.Namespace) -> int:
    name = options.function
    try:
        deployment = _deployment(options)
        found = deployment.actual(name)
        if found is None:
            raise CloudFailed(f"there is no function {name}; `excamera lambda deploy` makes it")
        state = deployment.state(name)
    except LambdaError as error:
        raise of_lambda(error) from error
    values = dataclasses.asdict(found) | {"state": state, "environment": sorted(found.environment)}
    if options.json:
        print_out(json.dumps(values))
    else:
        width = max(map(len, values))
        print_out(
            "\n".join(f"{key.replace('_', ' '):{width}}  {_shown(values[key])}" for key in values)
        )
    return 0


def _delete(options: argparse.Namespace) -> int:
    if not options.yes and not _agreed(f"Delete function {options.function} and its logs?"):
        raise InvalidJob("nothing was deleted; say y, or use --yes")
    try:
        removed = _deployment(options).remove(options.function)
    except LambdaError as error:
        raise of_lambda(error) from error
    if not removed:
        print_out(f"there is no function {options.function}")
    return 0


def _deployment(options: argparse.Namespace) -> Deployment:
    # Not before they are needed: AWS's libraries take longer to load than all the rest.
    from excamera_lambda import aws
    from excamera_lambda.deployment import Deployment

    session = aws.session(options.region)
    return Deployment(aws.client(session), aws.logs(session), print_out)


def _agreed(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    return answer.strip().lower() in ("y", "yes")


def _variable(argument: str) -> tuple[str, str]:
    name, equals, value = argument.partition("=")
    if not (name and equals):
        raise InvalidJob(f"--env takes NAME=VALUE, not {argument!r}")
    return name, value


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
