"""The command line: what the chart passes is what the operator takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera_controller import cli
from excamera_controller.arguments import read
from excamera_controller.backends.pod_manifests import Workers
from excamera_controller.gather import stored_of
from excamera_controller.settings import Image, Settings, SettingsError
from tests.chart.charts import SCENARIOS, has_helm, objects, pod_specs, render, scenario_name

LEAST = ["--all-namespaces", "--rendezvous-address=r:7100", "--worker-image=image:1"]


def of_chart(*words: str | Path) -> list[str]:
    """The operator's arguments, as helm renders them."""
    specs = pod_specs(objects(render(*words)))
    (operator,) = (spec for name, spec in specs.items() if name.endswith("-operator"))
    (container,) = operator["containers"]
    arguments: list[str] = container["args"]
    return arguments


@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_name)
def test_the_operator_takes_what_the_chart_passes(scenario: Path) -> None:
    arguments = of_chart("--values", scenario)
    settings = read(arguments, {"POD_NAMESPACE": "video-system"})
    assert settings.own_namespace == "video-system"
    assert settings.coordinator_address
    assert settings.worker_resources["requests"]["memory"] == "512Mi"


@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
@pytest.mark.parametrize("name", ["excamera", "film"])
def test_worker_pods_are_what_the_charts_network_policies_select(name: str) -> None:
    words = ("--set", f"nameOverride={name},networkPolicy.enabled=true")
    metadata = {"name": "clip", "namespace": "videos", "uid": "u-1"}
    stored = stored_of({"metadata": metadata | {"creationTimestamp": "2026-01-01T00:00:00Z"}})
    app = read(of_chart(*words), {}).app_name
    labels = Workers(stored, Image(), {}, app).labels
    policies = {
        each["metadata"]["name"].rpartition("-")[2]: each["spec"]
        for each in objects(render(*words))
        if each["kind"] == "NetworkPolicy"
    }
    assert policies["worker"]["podSelector"]["matchLabels"].items() <= labels.items()
    for service in ("operator", "rendezvous"):
        peers = [peer for rule in policies[service]["ingress"] for peer in rule.get("from", ())]
        selected = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
        assert any(wanted.items() <= labels.items() for wanted in selected), service


def test_defaults_are_those_of_the_settings() -> None:
    assert read(LEAST, {}) == Settings(rendezvous=("r:7100",), image=Image("image:1"))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--all-namespaces"],
        LEAST[:-1],
        [*LEAST, "--namespace=a"],
        [*LEAST, "--max-workers=0"],
        [*LEAST, "--worker-resources=[]"],
        [*LEAST, "--worker-resources={"],
        [*LEAST, "--nosuch"],
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError):
        read(arguments, {})
    assert cli.main(arguments) == cli.USAGE
    assert capsys.readouterr().err.startswith("excamera-operator: ")


def test_help_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "exit status" in said
    assert "--rendezvous-address" in said
