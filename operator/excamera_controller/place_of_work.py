"""What all runs of this process share, in one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from excamera_controller.api import Api
from excamera_controller.certificates import Certificates
from excamera_controller.metrics import Metrics
from excamera_controller.settings import Settings
from mu.server import Server


@dataclass(frozen=True, slots=True)
class PlaceOfWork:
    """share: how many workers the job of that uid may have now."""

    settings: Settings
    api: Api
    server: Server
    certificates: Certificates
    metrics: Metrics
    share: Callable[[str], int]
