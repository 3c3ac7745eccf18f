"""The chart as tests see it: its scenarios, and what helm makes of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.cluster import Object, run
from tests.tiers import CLUSTER_BIN, ROOT

CHART = ROOT / "charts" / "excamera"
SCENARIOS = sorted((CHART / "ci").glob("*-values.yaml"))
LEAST = CHART / "ci" / "default-values.yaml"
"""Values without which nothing can be installed."""

RELEASE, NAMESPACE = "excamera", "video-system"


def has_helm() -> bool:
    return bool(shutil.which("helm") or shutil.which("helm", path=CLUSTER_BIN))


def scenario_name(path: Path) -> str:
    return path.name.removesuffix("-values.yaml")


def render(*words: str | Path) -> str:
    """What `helm template` prints for the chart with these arguments."""
    return run("helm", "template", RELEASE, CHART, f"--values={LEAST}", f"-n={NAMESPACE}", *words)


def objects(manifests: str) -> list[Object]:
    return [document for document in yaml.safe_load_all(manifests) if document]


def pod_specs(found: list[Object]) -> dict[str, dict[str, Any]]:
    """The pod templates among objects, by the name of what makes the pods."""
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["spec"]["template"]["spec"]
        for each in found
        if each["kind"] in ("Deployment", "Job")
        or each["apiVersion"].startswith("serving.knative.dev/")
    }


def without_long_ones(manifests: str) -> str:
    """Without the kind EncodeJob and the dashboard, which are long, and copies of files."""
    documents = re.split(r"^---\n", manifests, flags=re.MULTILINE)
    long = ("kind: CustomResourceDefinition\n", "excamera.json: |-\n")
    kept = [each for each in documents if each and not any(mark in each for mark in long)]
    return "".join(f"---\n{each}" for each in kept)
