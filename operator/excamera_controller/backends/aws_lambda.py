"""Backend Lambda in a cluster: that of `excamera_lambda`, with troubles and costs for the status.

An invocation holds no secret but a certificate that is good for this job and a day.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

from excamera.errors import CloudFailed
from excamera_controller.conditions import Reason
from excamera_controller.failing import Impossible
from excamera_controller.observed import Failure
from excamera_controller.settings import Lambda
from excamera_lambda.account import Account
from excamera_lambda.backend import LambdaBackend, Target
from excamera_lambda.cost import usage_of
from excamera_lambda.errors import LambdaError, Unavailable
from excamera_lambda.limits import limit_message
from excamera_lambda.prices import prices


class ClusterLambda(LambdaBackend):
    """`account` is made by `begun`."""

    account: Account

    @classmethod
    async def begun(cls, settings: Lambda, cost: Mapping[str, Any]) -> Self:
        """cost: what the status says of it, from earlier runs of the job.

        Raises Impossible, or CloudFailed if it may be possible later.
        """
        try:
            made = await cls.connect(Target(settings.function, settings.region))
            asked = prices(made.facts.architecture, settings.prices)
        except Unavailable as error:
            raise CloudFailed(f"backend Lambda: {error}") from error
        except LambdaError as error:
            raise Impossible(Reason.BACKEND_UNAVAILABLE, f"backend Lambda: {error}") from error
        estimated = float(cost["estimated"]) if "estimated" in cost else None
        made.account = Account(made.facts, asked, time.monotonic, usage_of(cost), estimated)
        made.taken = made.account.meter.taken
        return made

    @property
    def trouble(self) -> Failure | None:
        """What keeps workers from coming, as far as is known."""
        found = self.hindrance
        if found is None:
            return None
        limited = Reason.WAITING_FOR_CAPACITY if found.throttled else Reason.BACKEND_UNAVAILABLE
        return Failure(limited, found.message)

    def limit(self, wanted: int) -> str:
        """Why there will be fewer workers than wanted; empty if there may be as many."""
        return limit_message(self.facts, wanted)
