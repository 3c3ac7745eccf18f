"""The command line and the environment, read once, as Settings."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn

from excamera_rendezvous.logs import FORMATS
from excamera_rendezvous.settings import Settings, SettingsError
from excamera_rendezvous.tls import CredentialFiles

ENVIRONMENT: Final = "EXCAMERA_RENDEZVOUS_"

EPILOG: Final = """\
Sizes are bytes, or end in KiB, MiB, GiB or TiB. Times are seconds, or end in s, m or h.

Every option can also be given in the environment: --memory-limit is
EXCAMERA_RENDEZVOUS_MEMORY_LIMIT. The command line wins.

Workers, operator and rendezvous know each other by certificates of one authority; --tls-cert,
--tls-key and --tls-ca belong together, and are read again when the files change. Without them the
rendezvous listens on loopback addresses only, and lets everybody in.

Ends on SIGTERM or SIGINT, after the transfers that are under way or the --grace time.

exit status:
  0  it was told to stop
  2  the options make no sense
  4  an address, certificate or folder cannot be used
  5  anything that should not have happened
"""

_SIZE: Final = re.compile(r"(\d+)\s*([KMGT]i?B?|B)?", re.IGNORECASE)
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])?", re.IGNORECASE)
_LOOPBACK: Final = ("127.", "localhost", "::1")


class Parser(argparse.ArgumentParser):
    """Raises instead of ending the process, and knows options by their whole names only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise SettingsError(message)


def size(text: str) -> int:
    """Bytes: "1GiB", "512 MiB", "1000"."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512MiB")
    unit = (match[2] or "B")[0].upper()
    return int(match[1]) << (10 * "BKMGT".index(unit))


def seconds(text: str) -> float:
    """Seconds: "90", "90s", "1.5m", "1h"."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s or 1h")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[(match[2] or "s").lower()]


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """SettingsError if they make no sense; SystemExit(0) after --help, --version."""
    given = vars(_parser(environment).parse_args(arguments))
    files = [given.pop(name) for name in ("tls_cert", "tls_key", "tls_ca")]
    if all(files):
        given["credential"] = CredentialFiles(*files)
    elif any(files):
        raise SettingsError("--tls-cert, --tls-key and --tls-ca belong together; give all three")
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if settings.credential is None and not settings.host.startswith(_LOOPBACK):
        raise SettingsError(
            f"without --tls-cert, --tls-key and --tls-ca it listens on loopback addresses only, "
            f"not at {settings.listen}"
        )
    return settings


def _parser(environment: Mapping[str, str]) -> Parser:
    parser = Parser(
        prog="excamera-rendezvous",
        description="Store and forward between workers that cannot accept connections.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('excamera')}")

    def option(name: str, kind: Callable[[str], Any], text: str, **more: Any) -> None:
        variable = ENVIRONMENT + name.removeprefix("--").replace("-", "_").upper()
        default = environment.get(variable) or None  # a string, which argparse converts as well
        parser.add_argument(name, type=kind, default=default, help=text, **more)

    option("--listen", str, "where to listen (127.0.0.1:0, any free port)", metavar="HOST:PORT")
    option("--tls-cert", Path, "its certificate, PEM", metavar="FILE")
    option("--tls-key", Path, "the certificate's key, PEM", metavar="FILE")
    option("--tls-ca", Path, "the authority of the clients' certificates, PEM", metavar="FILE")
    option(
        "--memory-limit", size, "of messages in memory; more goes to disk (1GiB)", metavar="SIZE"
    )
    option(
        "--disk-limit",
        size,
        "of the spill folder, a sixteenth of which is left free (64GiB)",
        metavar="SIZE",
    )
    option(
        "--job-limit",
        size,
        "of one job's messages, memory and disk together (64GiB)",
        metavar="SIZE",
    )
    option(
        "--part-limit",
        size,
        "the largest part of a message that is accepted (4MiB)",
        metavar="SIZE",
    )
    option("--expiry", seconds, "how long a job is kept that nobody touches (1h)", metavar="TIME")
    option("--stall", seconds, "how long a transfer may stand still (60s)", metavar="TIME")
    option(
        "--patience",
        seconds,
        "how long a message waits for room while none is made (5m)",
        metavar="TIME",
    )
    option(
        "--grace",
        seconds,
        "how long transfers may go on when it is told to stop (20s)",
        metavar="TIME",
    )
    option(
        "--spill-dir",
        Path,
        "where messages go when memory is full (the temporary folder)",
        metavar="FOLDER",
    )
    option(
        "--metrics-port",
        _port,
        "of /metrics, /healthz and /readyz, at --listen's host (none)",
        metavar="PORT",
    )
    option("--log-format", _log_format, "text or json (text)", metavar="FORMAT")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _log_format(text: str) -> str:
    if text not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(FORMATS)}")
    return text
