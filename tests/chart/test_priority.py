"""Operator and rendezvous go before worker pods, which may fill every node."""

from __future__ import annotations

import pytest

from tests.chart.charts import has_helm, objects, pod_specs, render
from tests.cluster.cluster import Object

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
]

OWN = "excamera.video-system"


def rendered(*words: str) -> tuple[list[Object], dict[str, str]]:
    """The PriorityClasses, and the name of that of each pod that has one."""
    found = objects(render(*words))
    pods = {
        name: pod["priorityClassName"]
        for name, pod in pod_specs(found).items()
        if "priorityClassName" in pod
    }
    return [each for each in found if each["kind"] == "PriorityClass"], pods


def test_every_pod_but_workers_outranks_pods_without_a_class() -> None:
    (made,), pods = rendered("--set", "workers.knative.enabled=true")
    assert made["metadata"]["name"] == OWN
    assert made["value"] > 0
    assert not made.get("globalDefault")
    assert made.get("preemptionPolicy", "PreemptLowerPriority") == "PreemptLowerPriority"
    assert pods == dict.fromkeys(
        (
            "Deployment/excamera-operator",
            "Deployment/excamera-rendezvous-0",
            "Job/excamera-uninstall",
        ),
        OWN,
    )


def test_a_release_of_the_same_name_in_another_namespace_has_a_class_of_its_own() -> None:
    (made,), pods = rendered("--namespace", "other")
    assert made["metadata"]["name"] == "excamera.other"
    assert set(pods.values()) == {"excamera.other"}


def test_another_class_can_be_named_and_ours_is_made_only_if_somebody_has_it() -> None:
    operators = ("--set", "operator.priorityClassName=high")
    (made,), pods = rendered(*operators)
    assert pods["Deployment/excamera-operator"] == pods["Job/excamera-uninstall"] == "high"
    assert pods["Deployment/excamera-rendezvous-0"] == made["metadata"]["name"]
    none, pods = rendered(*operators, "--set", "rendezvous.priorityClassName=high")
    assert none == []
    assert set(pods.values()) == {"high"}


def test_it_can_be_left_out() -> None:
    assert rendered("--set", "priorityClass.create=false") == ([], {})


def test_values_of_an_older_chart_that_are_reused_do_not_speak_of_it() -> None:
    (made,), pods = rendered("--set", "priorityClass=null")
    assert set(pods.values()) == {made["metadata"]["name"]}
