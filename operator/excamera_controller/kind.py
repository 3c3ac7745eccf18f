"""The names of the kind EncodeJob at the API server."""

from __future__ import annotations

from typing import Final

from excamera.manifest import API_VERSION, KIND

__all__ = ["API_VERSION", "KIND", "PLURAL"]

PLURAL: Final = "encodejobs"
