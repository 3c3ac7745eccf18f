"""values.yaml and its schema: typos are refused, every value is in both."""

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.chart.charts import CHART, has_helm, render
from tests.cluster.cluster import Object, Refused

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())


def schema_of(path: list[str]) -> Object:
    found: Object = SCHEMA
    for name in path:
        found = found["properties"][name]
        if "$ref" in found:
            found = SCHEMA["$defs"][found["$ref"].rpartition("/")[2]]
    return found


def groups(values: Object, path: list[str]) -> Iterator[list[str]]:
    """Every group of values that the schema spells out."""
    if "properties" not in schema_of(path):
        return
    yield path
    for name, value in values.items():
        if isinstance(value, dict):
            yield from groups(value, [*path, name])


@pytest.mark.parametrize("path", list(groups(VALUES, [])), ids=lambda path: ".".join(path) or "top")
def test_the_schema_knows_every_value_and_no_other(path: list[str]) -> None:
    values = VALUES
    for name in path:
        values = values[name]
    schema = schema_of(path)
    assert schema["additionalProperties"] is False
    assert set(values) == set(schema["properties"]) - {"global"}


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
@pytest.mark.parametrize(
    "setting",
    [
        "operater.maxWorkers=5",
        "operator.maxWorker=5",
        "operator.maxWorkers=0",
        "operator.resources.limit.memory=1Gi",
        "image.pullPolicy=Sometimes",
        "image.digest=latest",
        "log.level=loud",
        "namespaces={Videos}",
        "rendezvous.shards=0",
        "rendezvous.externalAddresses={no-port}",
        "workers.knative.timeoutSeconds=fast",
        "networkPolicy.storePorts={99999}",
        "monitoring.servicemonitor.enabled=true",
    ],
)
def test_typos_are_refused(setting: str) -> None:
    with pytest.raises(Refused, match="don't meet the specifications of the schema"):
        render("--set", setting)


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
def test_what_only_fails_together_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refused, match="one address for each of"):
        render("--set", "rendezvous.shards=2", "--set", "rendezvous.externalAddresses={a:1}")
    with pytest.raises(Refused, match="functionName is required"):
        render("--set", "workers.lambda.enabled=true")


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("image.repository=dev.local/excamera:0.1.0", "without a tag or digest"),
        ("image.repository=dev.local/excamera@sha256:0", "without a tag or digest"),
        ("image.repository=dev.local/Excamera", "the name in lower case"),
        ("image.tag=sha256:0", "a digest goes into image.digest"),
        ("workers.resources.requests.cpu=3,workers.resources.limits.cpu=1500m", "request of cpu"),
        ("workers.knative.resources.limits.memory=511Mi", r"workers\.knative.* request of memory"),
        ("operator.resources.requests.memory=3G", "request of memory, 3G, is above its limit, 2Gi"),
        ("rendezvous.resources.limits.memory=1073741823", "messageMemory, 512Mi, is above half"),
        ("rendezvous.messageMemory=0.51Gi", "messageMemory, 0.51Gi, is above half of"),
    ],
)
def test_what_no_pod_could_run_with_is_refused_with_a_sentence(setting: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        render("--set", setting)


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
@pytest.mark.parametrize(
    "setting",
    [
        "image.repository=excamera",
        "image.repository=localhost:5000/a-team/some__thing/x.y",
        "image.tag=v1.2_rc-3",
        "workers.resources.requests.cpu=1500m,workers.resources.limits.cpu=1.5",
        "workers.resources.limits.cpu=1",
        "rendezvous.resources.limits.memory=1073741824",
        "rendezvous.resources.limits=null,rendezvous.messageMemory=2Gi",
    ],
)
def test_what_pods_can_run_with_is_taken(setting: str) -> None:
    assert "kind: Deployment" in render("--set", setting)


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
def test_the_rendezvous_is_told_its_limits_in_bytes_as_kubernetes_understands_them() -> None:
    sizes = "messageMemory=100M,rendezvous.spillSize=1.5Gi,rendezvous.jobSize=1G"
    text = render("--set", f"rendezvous.{sizes}")
    assert "--memory-limit=100000000\n" in text
    assert "--disk-limit=1610612736\n" in text
    assert "sizeLimit: 1.5Gi\n" in text  # of the volume that is that disk
    assert "--job-limit=1000000000\n" in text


@pytest.mark.tier("api")
@pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")
def test_without_an_image_nothing_is_installed_and_a_sentence_says_what_to_set() -> None:
    with pytest.raises(Refused, match=r"add --set image\.repository=REGISTRY/excamera"):
        render("--set", "image.repository=")
