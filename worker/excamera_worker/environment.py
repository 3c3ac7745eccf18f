"""What a child process may know of the worker's environment. Pure.

Only what is named here is passed on: what it takes to speak TLS with the store, perhaps through a
proxy. Credentials are not, should the worker have any; programs have the grants of their call.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PASSED_ON: Final = frozenset(
    {
        "AWS_CA_BUNDLE",
        "LANG",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    }
)


def child_environment(own: Mapping[str, str], search_path: str, scratch: Path) -> dict[str, str]:
    passed = {name: value for name, value in own.items() if name.upper() in PASSED_ON}
    return {
        "LANG": "C.UTF-8",
        **passed,
        "PATH": search_path,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
    }
