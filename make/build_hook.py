"""Hatchling's build hook: the gRPC stubs are made before the package is packed or linked.

They are build products and not kept in git. `proto/generate.py` does the work; this file only
calls it, so that a wheel can never be without them.
"""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProtocolStubs(BuildHookInterface[Any]):
    """Runs proto/generate.py, which skips what is up to date."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        runpy.run_path(str(Path(self.root) / "proto" / "generate.py"))["generate"]()
