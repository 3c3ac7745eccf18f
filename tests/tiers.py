"""The tiers of the tests: what is real in each, what it needs, and how to get that.

A test belongs to the tier that `@pytest.mark.tier("name")` names, else to that of a fixture it
uses (FIXTURES), else to that of the folder it lies in (tests/local/… is tier local), else to unit.
A tier whose parts are missing is left out, and said to be, in one line; see conftest.py.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where `make cluster` puts what it builds; the same rule as in tests/cluster/settings.sh.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
EMULATOR = ROOT / "build" / "emulator" / "aws-lambda-rie"
CLUSTER_BIN = Path(os.environ.get("CLUSTER_CACHE") or CACHE / "excamera" / "cluster") / "bin"


@dataclass(frozen=True)
class Tier:
    """`missing` says what a machine lacks, or nothing; `remedy` how to get it.

    What `make test` installs by itself is `required` where CI is set: there, leaving it out fails.
    """

    name: str
    real: str
    missing: Callable[[], str | None]
    remedy: str
    required: bool = False


def programs(*names: str, also: Path | None = None) -> Callable[[], str | None]:
    """Which of these are neither on PATH nor in the folder `also`."""

    def missing() -> str | None:
        path = os.pathsep.join(filter(None, [str(also or ""), os.environ.get("PATH", "")]))
        absent = [name for name in names if shutil.which(name, path=path) is None]
        return f"no {' or '.join(absent)} on this machine" if absent else None

    return missing


def emulator() -> str | None:
    """AWS's emulator of Lambda's runtime, its client in Python, and the codec."""
    if not EMULATOR.exists():
        return "no Lambda runtime interface emulator in build/emulator"
    if find_spec("awslambdaric") is None:
        return "no awslambdaric in this environment"
    return programs("xc")()


def emulated_arm() -> str | None:
    """Debian has GoogleTest for another processor as sources only."""
    if not Path("/usr/src/googletest/googletest").is_dir():
        return "no sources of GoogleTest in /usr/src/googletest"
    return programs("aarch64-linux-gnu-g++", "qemu-aarch64", "cmake", "ninja")()


def api_server() -> str | None:
    """A cluster of the person's own, or the programs to start an API server."""
    if os.environ.get("KUBECONFIG"):
        return None
    assets = Path(os.environ.get("KUBEBUILDER_ASSETS") or CLUSTER_BIN)
    return programs("etcd", "kube-apiserver", also=assets)()


def node() -> str | None:
    if os.environ.get("KUBECONFIG"):
        return None
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "pods need root on Linux"
    return programs("kubelet", "kube-scheduler", "containerd", also=CLUSTER_BIN)()


TIERS = {
    tier.name: tier
    for tier in (
        Tier("unit", "pure cores, property tests", lambda: None, ""),
        Tier(
            "conformance",
            "streams decoded by libvpx and ffmpeg, frame for frame",
            programs("xc", "vpxdec", "vpxenc", "ffmpeg", "ffprobe"),
            "make test installs them",
            required=True,
        ),
        Tier(
            "arm",
            "the codec for aarch64, under emulation",
            emulated_arm,
            "make arm installs them",
        ),
        Tier("local", "whole jobs on local workers", programs("xc"), "make setup builds it", True),
        Tier(
            "browser",
            "Chromium plays the output",
            programs("chromium"),
            "make test installs it",
            required=True,
        ),
        Tier(
            "lambda",
            "workers in AWS's Lambda runtime interface emulator, invoked by Lambda's API",
            emulator,
            "make test gets it",
            required=True,
        ),
        Tier(
            "store",
            "an S3 server",
            programs("minio", also=CLUSTER_BIN),
            "make cluster builds it",
        ),
        Tier("api", "kube-apiserver and etcd", api_server, "make cluster builds them"),
        Tier("node", "a cluster that runs pods", node, "make cluster builds it"),
    )
}

FIXTURES = {"minio": "store", "play": "browser"}
