"""What a child process may know of the worker's environment. Pure.

Only what is named here is passed on. The store's variables are, because programs read sources from
it themselves; the worker's invitation and everything else are not.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PASSED_ON: Final = frozenset(
    {
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
PASSED_ON_PREFIX: Final = "AWS_"
WITHHELD: Final = frozenset({"AWS_LAMBDA_RUNTIME_API"})
"""Would let a program take over the Lambda environment's next invocations."""


def child_environment(own: Mapping[str, str], search_path: str, scratch: Path) -> dict[str, str]:
    passed = {name: value for name, value in own.items() if _passed_on(name)}
    return {
        "LANG": "C.UTF-8",
        **_aws_files(own),
        **passed,
        "PATH": search_path,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
    }


def _passed_on(name: str) -> bool:
    if name in WITHHELD:
        return False
    return name.startswith(PASSED_ON_PREFIX) or name.upper() in PASSED_ON


def _aws_files(own: Mapping[str, str]) -> dict[str, str]:
    """Where the AWS libraries would have looked, had HOME not become the scratch folder."""
    home = own.get("HOME")
    if not home:
        return {}
    return {
        "AWS_SHARED_CREDENTIALS_FILE": os.path.join(home, ".aws", "credentials"),
        "AWS_CONFIG_FILE": os.path.join(home, ".aws", "config"),
    }
