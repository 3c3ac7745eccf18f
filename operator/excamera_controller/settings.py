"""All that can be set, in one frozen object, read once at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal


class SettingsError(ValueError):
    """Settings that contradict each other or make no sense."""


@dataclass(frozen=True, slots=True)
class Image:
    """What worker pods run, and how a node gets it. There is none that everybody has."""

    name: str = ""
    pull_policy: str = "IfNotPresent"
    pull_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knative:
    """The workers' Knative Service: its name in the operator's namespace, or a URL."""

    service: str
    timeout: float = 300.0


@dataclass(frozen=True, slots=True)
class Lambda:
    """The workers' AWS Lambda function; no region: by the usual rules of AWS. prices: in dollars,
    instead of those that come with the operator (`excamera_lambda.prices`)."""

    function: str
    region: str = ""
    prices: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retirement:
    """Of the operator that is uninstalled: see `retire`. namespaces: none for all. deployment: the
    operator's own, in `own_namespace`."""

    deployment: str
    namespaces: tuple[str, ...] = ()
    own_namespace: str = "default"
    instance: str = "excamera-operator"
    log_format: str = "text"
    log_level: str = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    """Times are in seconds.

    namespaces: whose jobs are run; none: those of all namespaces.
    own_namespace: where the operator's own Secrets are.
    rendezvous: `host:port` of each shard.
    authority_days: how long our own authority is valid; None: cert-manager makes it.
    max_workers: over all jobs.
    worker_resources: of a worker pod whose job does not name any.
    app_name: of worker pods, by which NetworkPolicies know them.
    """

    namespaces: tuple[str, ...] = ()
    own_namespace: str = "default"
    instance: str = "excamera-operator"
    coordinator_listen: str = "0.0.0.0:7000"
    coordinator_address: str = ""
    rendezvous: tuple[str, ...] = ()
    authority_secret: str = "excamera-authority"
    authority_days: int | None = 365
    rendezvous_secret: str = "excamera-rendezvous"
    max_workers: int = 1000
    image: Image = field(default_factory=Image)
    worker_resources: Mapping[str, Any] = field(default_factory=dict)
    app_name: str = "excamera"
    knative: Knative | None = None
    aws_lambda: Lambda | None = None
    metrics_port: int = 9090
    health_port: int = 8080
    log_format: Literal["text", "json"] = "text"
    log_level: str = "info"

    def __post_init__(self) -> None:
        if not self.rendezvous:
            raise SettingsError("name at least one rendezvous with --rendezvous-address")
        if self.max_workers < 1:
            raise SettingsError(f"--max-workers must be at least 1, not {self.max_workers}")
        if self.authority_days is not None and self.authority_days < 1:
            raise SettingsError("--authority-days must be at least 1")

    @property
    def authority_lifetime(self) -> timedelta | None:
        """How long a new authority of our own is valid; None if it is not ours to make."""
        return None if self.authority_days is None else timedelta(days=self.authority_days)
