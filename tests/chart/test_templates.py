"""What the chart makes: its scenarios as they were last agreed on, and what must hold in each.

UPDATE_SNAPSHOTS=1 pytest tests/chart      write the snapshots anew; look at the difference
"""

import os
import re
from pathlib import Path

import pytest

from tests.chart.charts import (
    CHART,
    SCENARIOS,
    has_helm,
    objects,
    pod_specs,
    render,
    scenario_name,
    without_long_ones,
)
from tests.cluster.cluster import Cluster, Object, Refused, run
from tests.tiers import ROOT

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
]

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture(params=SCENARIOS, ids=scenario_name)
def scenario(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_lint_finds_nothing(scenario: Path) -> None:
    run("helm", "lint", "--strict", CHART, "--values", scenario)


def test_templates_are_as_agreed(scenario: Path) -> None:
    found = without_long_ones(render("--values", scenario))
    snapshot = SNAPSHOTS / f"{scenario_name(scenario)}.snap"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(found)
    assert found == snapshot.read_text(), "UPDATE_SNAPSHOTS=1 writes it anew"


def test_every_snapshot_has_a_scenario() -> None:
    names = {scenario_name(each) for each in SCENARIOS}
    assert {each.stem for each in SNAPSHOTS.iterdir()} == names


def test_pods_are_hardened(scenario: Path) -> None:
    for name, pod in pod_specs(objects(render("--values", scenario))).items():
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name
            assert "readinessProbe" in container or name.startswith("Job/"), name
            assert {"name": "scratch", "mountPath": "/tmp"} in container["volumeMounts"], name


def test_pod_security_restricted_takes_the_pods(
    scenario: Path, api_server: Cluster, namespace: str
) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount"}
    for number, pod in enumerate(pod_specs(objects(render("--values", scenario))).values()):
        name = pod["serviceAccountName"]
        if not exists(api_server, "serviceaccount", name, namespace):
            api_server.create({**account, "metadata": {"name": name, "namespace": namespace}})
        api_server.create(as_pod(pod, f"pod-{number}", namespace), dry_run=True)


def exists(server: Cluster, kind: str, name: str, namespace: str) -> bool:
    try:
        server.get(kind, name, namespace)
    except Refused:
        return False
    return True


def as_pod(template: Object, name: str, namespace: str) -> Object:
    """A pod of the template, without what only Knative knows or other objects must bring."""
    left_out = {"containerConcurrency", "timeoutSeconds", "responseStartTimeoutSeconds"}
    spec = {key: value for key, value in template.items() if key not in left_out}
    spec.pop("priorityClassName", None)
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_selectors_of_services_match_pods(scenario: Path) -> None:
    found = objects(render("--values", scenario))
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in found
        if each["kind"] == "Deployment"
    ]
    for service in (each for each in found if each["kind"] == "Service"):
        if service["apiVersion"] == "v1":
            selector = service["spec"]["selector"].items()
            assert any(selector <= each.items() for each in labels), service["metadata"]["name"]


def test_the_api_server_takes_every_object(
    scenario: Path, kinds_of_others: Cluster, namespace: str
) -> None:
    made = [each for each in objects(render("--values", scenario)) if not is_crd(each)]
    for each in made:
        if "namespace" in each["metadata"]:
            each["metadata"]["namespace"] = namespace
        else:
            each["metadata"]["name"] += f"-{namespace}"
    known = kinds_of_others.kubectl("api-versions").split()
    taken = [each for each in made if each["apiVersion"] in known]
    # pods of others are refused while their service account is not there
    kinds_of_others.create(*(each for each in taken if each["kind"] == "ServiceAccount"))
    kinds_of_others.create(
        *(each for each in taken if each["kind"] != "ServiceAccount"), dry_run=True
    )
    if unknown := {each["apiVersion"] for each in made} - set(known):
        pytest.skip(f"the cluster at KUBECONFIG does not know {', '.join(unknown)}")


def is_crd(manifest: Object) -> bool:
    return manifest["kind"] == "CustomResourceDefinition"


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule", "Certificate", "Issuer"])
def test_a_field_that_others_do_not_know_is_refused(
    kind: str, kinds_of_others: Cluster, namespace: str
) -> None:
    name = "cert-manager" if kind in ("Certificate", "Issuer") else "monitoring"
    values = CHART / "ci" / f"{name}-values.yaml"
    found = next(each for each in objects(render("--values", values)) if each["kind"] == kind)
    found["metadata"]["namespace"] = namespace
    found["spec"]["nosuch"] = True
    with pytest.raises(Refused, match=r'unknown field "spec\.nosuch"'):
        kinds_of_others.create(found, dry_run=True)


def test_names_of_releases_do_not_repeat() -> None:
    own = render("--set", "nameOverride=video")
    assert "name: excamera-video-operator" in own
    assert "excamera-excamera" not in render()


def test_the_operators_rights_contain_no_wildcard(scenario: Path) -> None:
    for each in objects(render("--values", scenario)):
        for rule in each.get("rules", []):
            assert "*" not in rule["apiGroups"] + rule["resources"] + rule["verbs"]


def test_one_namespace_needs_no_cluster_role_for_the_operator() -> None:
    found = objects(render("--set", "namespaces={videos}", "--set", "rbac.aggregate=false"))
    assert not [each for each in found if each["kind"].startswith("ClusterRole")]


@pytest.fixture(params=["default", "knative"])
def notes(api_server: Cluster, request: pytest.FixtureRequest) -> str:
    """What `helm install` prints at its end."""
    values = CHART / "ci" / f"{request.param}-values.yaml"
    words = ("--dry-run=client", "--set=crd.install=false", f"--values={values}")
    return api_server.helm("install", "excamera", str(CHART), *words).partition("NOTES:")[2]


def test_notes_name_the_first_command(notes: str) -> None:
    assert "kubectl -n default get encodejobs -w" in notes


def test_the_job_in_the_notes_can_be_pasted_and_names_the_secret_made_before(
    encodejobs: Cluster, notes: str
) -> None:
    command = re.search(r"^kubectl -n default apply -f - <<END\n(.+?)^END$", notes, re.M | re.S)
    assert command is not None
    (job,) = objects(command[1])
    encodejobs.create(job, dry_run=True)
    secret = job["spec"]["storage"]["secretRef"]["name"]
    assert f"create secret generic {secret} " in notes
    example = ROOT / "examples" / "encodejob.yaml"
    (told,) = objects(example.read_text())
    assert {**told["spec"], **job["spec"]} == {**told["spec"], "workers": job["spec"]["workers"]}
