"""The objects of backend Pod: an Indexed Job for each start, and a Secret with its invitation.

Pure.

A Job of n workers has n indexes and never replaces a pod that has ended: how many workers there
should be is mu's business, which starts another Job when it wants more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from excamera_controller.api import Object
from excamera_controller.kind import API_VERSION, KIND
from excamera_controller.observed import Stored
from excamera_controller.settings import Image

UID_LABEL: Final = "excamera.dev/job-uid"
NAME_LABEL: Final = "excamera.dev/job-name"
USER: Final = 65532
KEPT_SECONDS: Final = 300
"""How long a finished Job and its pods' logs are kept while the EncodeJob runs."""

GRACE_SECONDS: Final = 15
INVITATION: Final = "invitation"


@dataclass(frozen=True, slots=True)
class Workers:
    """What the pods of one EncodeJob have in common."""

    job: Stored
    image: Image
    resources: Mapping[str, Any]
    app_name: str
    log_format: str = "json"

    @property
    def labels(self) -> dict[str, str]:
        """By which NetworkPolicies and this operator know them."""
        return {
            "app.kubernetes.io/name": self.app_name,
            "app.kubernetes.io/component": "worker",
            "app.kubernetes.io/managed-by": "excamera-operator",
            NAME_LABEL: self.job.name,
            UID_LABEL: self.job.uid,
        }

    def secret(self, job: Object, invitation: str) -> Object:
        """The invitation, which holds the workers' certificate; it goes when its Job goes."""
        made = job["metadata"]
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": made["name"], "uid": made["uid"]}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": self._metadata(made["name"], owner),
            "immutable": True,
            "stringData": {INVITATION: invitation},
        }

    def job_object(self, name: str, count: int) -> Object:
        """The Indexed Job of `count` workers. Its pods wait for the Secret of the same name."""
        owner = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": self.job.name,
            "uid": self.job.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": self._metadata(name, owner),
            "spec": {
                "completionMode": "Indexed",
                "completions": count,
                "parallelism": count,
                "backoffLimitPerIndex": 0,
                "podReplacementPolicy": "Failed",
                "ttlSecondsAfterFinished": KEPT_SECONDS,
                "template": {"metadata": {"labels": self.labels}, "spec": self._pod(name)},
            },
        }

    def _metadata(self, name: str, owner: Object) -> Object:
        return {
            "name": name,
            "namespace": self.job.namespace,
            "labels": self.labels,
            "ownerReferences": [owner],
        }

    def _pod(self, secret: str) -> Object:
        workers = self.job.spec.get("workers") or {}
        storage = self.job.spec.get("storage") or {}
        pod: Object = {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [self._container()],
            "volumes": [
                {"name": INVITATION, "secret": {"secretName": secret, "defaultMode": 0o440}},
                {"name": "scratch", "emptyDir": {}},
            ],
        }
        optional = {
            "imagePullSecrets": [{"name": name} for name in self.image.pull_secrets],
            "serviceAccountName": storage.get("serviceAccountName"),
            "nodeSelector": workers.get("nodeSelector"),
            "tolerations": workers.get("tolerations"),
        }
        return pod | {key: value for key, value in optional.items() if value}

    def _container(self) -> Object:
        return {
            "name": "worker",
            "image": self.image.name,
            "imagePullPolicy": self.image.pull_policy,
            "command": ["excamera-worker"],
            "args": [
                f"--invitation=/{INVITATION}/{INVITATION}",
                "--worker=$(POD_NAME)",
                f"--log-format={self.log_format}",
            ],
            "env": [
                {
                    "name": "POD_NAME",
                    "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
                },
            ],
            "resources": dict(self.resources),
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumeMounts": [
                {"name": INVITATION, "mountPath": f"/{INVITATION}", "readOnly": True},
                {"name": "scratch", "mountPath": "/tmp"},
            ],
        }
