"""hatchling's build hook: the stubs are generated before a wheel, or an editable install, is made.

[build-system]
requires = ["hatchling", "grpcio-tools", "mypy-protobuf"]
[tool.hatch.build.hooks.custom]
path = "proto/hatch_build.py"
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GenerateStubs(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        generate = runpy.run_path(str(Path(self.root) / "proto" / "generate.py"))["generate"]
        generate()
        # They are ignored by git, and hatchling leaves out what git ignores unless told.
        build_data["artifacts"].append("proto/excamera_proto/*_pb2*")
