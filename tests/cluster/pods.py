"""Pods that tests make themselves."""

from __future__ import annotations

from tests.cluster.cluster import Object
from tests.cluster.images import IMAGE

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(name: str, namespace: str, *command: str, **container: object) -> Object:
    """A pod of our image that runs `command` once, under pod security `restricted`."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "main",
                    "image": IMAGE,
                    "command": list(command),
                    "securityContext": RESTRICTED,
                    **container,
                }
            ],
        },
    }
