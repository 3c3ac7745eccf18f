"""The kind EncodeJob on a real API server: defaults, rules, what may change, what people see."""

import json
from datetime import UTC, datetime

import pytest

from excamera.plan import Chunk, Plan
from excamera.progress import Progress
from excamera_controller.backends.pod_manifests import Workers
from excamera_controller.gather import stored_of
from excamera_controller.observed import FINALIZER, Observed, RunPhase, RunView, SourceFacts
from excamera_controller.reconcile import reconcile
from excamera_controller.settings import Image
from excamera_controller.status import status_of
from tests.chart.mistakes import AMOUNT, AMOUNTS, GOOD, LABELS, MISTAKES, SCHEME, Mistake
from tests.cluster.cluster import Cluster, Object, Refused

pytestmark = pytest.mark.tier("api")

KIND = "encodejobs.excamera.dev"
MOST_WORKERS = 100_000


def job(name: str = "bunny", **spec: object) -> Object:
    return {
        "apiVersion": "excamera.dev/v1alpha1",
        "kind": "EncodeJob",
        "metadata": {"name": name},
        "spec": {
            "source": {"uri": "s3://videos/in.mp4"},
            "output": {"uri": "s3://videos/out.webm"},
            **spec,
        },
    }


@pytest.fixture
def server(encodejobs: Cluster) -> Cluster:
    return encodejobs


def create(server: Cluster, namespace: str, manifest: Object) -> None:
    manifest["metadata"]["namespace"] = namespace
    server.create(manifest)


def test_defaults_are_filled_in(server: Cluster, namespace: str) -> None:
    create(server, namespace, job())
    spec = server.get(KIND, "bunny", namespace)["spec"]
    assert spec == {
        "source": {"uri": "s3://videos/in.mp4"},
        "output": {"uri": "s3://videos/out.webm"},
        "encoding": {
            "chunkFrames": 6,
            "cqLevel": 20,
            "audio": True,
            "keepGoing": False,
        },
        "workers": {"backend": "Pod"},
        "suspend": False,
        "backoffLimit": 6,
    }


def try_on(server: Cluster, spec: Object) -> None:
    """Nothing is made, so no namespace of its own is needed."""
    server.create(job(**spec), dry_run=True)


def refused(server: Cluster, spec: Object) -> str:
    """What a person reads who applies it."""
    with pytest.raises(Refused) as error:
        try_on(server, spec)
    return str(error.value)


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_refused_with_one_sentence_about_its_field(
    server: Cluster, mistake: Mistake
) -> None:
    said = refused(server, mistake.spec)
    assert f" {mistake.field}: Invalid value: " in said
    assert mistake.said in said
    assert said.count("Invalid value: ") == 1
    assert "[a-z" not in said, "a regular expression"


@pytest.mark.parametrize("label", LABELS)
def test_what_is_no_label_of_a_node_is_refused(server: Cluster, label: str) -> None:
    said = refused(server, {"workers": {"nodeSelector": {"pool": label}}})
    assert f'nodeSelector[pool]: Invalid value: "{label}": values of labels are letters' in said


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
def test_what_is_no_amount_of_a_resource_is_refused(server: Cluster, amount: object) -> None:
    said = refused(server, {"workers": {"resources": {"limits": {"cpu": amount}}}})
    assert f"limits[cpu]: Invalid value: {json.dumps(amount)}: {AMOUNT}" in said


@pytest.mark.parametrize("spec", GOOD, ids=str)
def test_what_makes_sense_is_taken(server: Cluster, spec: Object) -> None:
    try_on(server, spec)


def test_files_are_for_those_who_have_no_cluster(server: Cluster) -> None:
    assert SCHEME in refused(server, {"source": {"uri": "file:///videos/in.mp4"}})


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"encoding": {"chunkFrames": 1.5}}, "must be of type integer,string"),
        ({"encoding": {"chunkframes": 6}}, 'unknown field "spec.encoding.chunkframes"'),
        ({"encoding": {"chainLength": 0}}, "greater than or equal to 1"),
        ({"workers": {"backend": "Local"}}, "supported values"),
        ({"workers": {"max": 0}}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(server: Cluster, spec: Object, said: str) -> None:
    assert said in refused(server, spec)


@pytest.mark.parametrize("name", ["n" * 49, "a.b"])
def test_a_name_that_cannot_be_part_of_a_host_name_is_refused(
    server: Cluster, namespace: str, name: str
) -> None:
    with pytest.raises(Refused, match="no longer than 48 characters and have no dots"):
        create(server, namespace, job(name))


@pytest.mark.parametrize("name", ["n" * 48, "0-a"])
def test_as_many_workers_as_there_may_be_can_be_started_for_any_name(
    server: Cluster, namespace: str, name: str
) -> None:
    create(server, namespace, job(name, workers={"backend": "Pod", "max": MOST_WORKERS}))
    stored = stored_of(server.get(KIND, name, namespace))
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
    workers = Workers(stored, Image("image:1"), resources, "excamera")
    made = workers.job_object(f"{name}-012abc", MOST_WORKERS)
    server.kubectl("create", "--dry-run=server", "--filename=-", stdin=json.dumps(made))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": {"uri": "s3://videos/other.mp4"}}, "source cannot be changed"),
        ({"output": {"uri": "s3://videos/other.webm"}}, "output cannot be changed"),
        ({"encoding": {"cqLevel": 21}}, "encoding cannot be changed"),
        ({"encoding": {"chunkFrames": "auto"}}, "encoding cannot be changed"),
        ({"workers": {"backend": "Lambda"}}, "workers.backend cannot be changed"),
    ],
)
def test_what_decides_the_result_cannot_be_changed(
    server: Cluster, namespace: str, change: Object, said: str
) -> None:
    create(server, namespace, job())
    with pytest.raises(Refused, match=said):
        server.patch(KIND, "bunny", namespace, {"spec": change})


def test_how_the_job_is_run_can_be_changed(server: Cluster, namespace: str) -> None:
    create(server, namespace, job())
    change = {
        "suspend": True,
        "workers": {"max": 3},
        "backoffLimit": 1,
        "activeDeadlineSeconds": 60,
        "ttlSecondsAfterFinished": 0,
        "storage": {"secretRef": {"name": "object-store"}},
    }
    server.patch(KIND, "bunny", namespace, {"spec": change})
    assert server.get(KIND, "bunny", namespace)["metadata"]["generation"] == 2


def test_leaving_out_what_had_its_default_is_no_change(server: Cluster, namespace: str) -> None:
    create(server, namespace, job(encoding={"chunkFrames": 6}))
    server.patch(KIND, "bunny", namespace, {"spec": {"encoding": None}})


def midway() -> Object:
    """The status that the operator writes of a job with 132 chunks, after ten seconds."""
    chunks = tuple(Chunk(number, 0, number, 6 * number, 6, False) for number in range(132))
    progress = Progress(0.0, workers=15)
    progress.planned(Plan(792, 6, chunks), 33.0, (), 0.0)
    for chunk in chunks[:60]:
        progress.entered(chunk.name, "waiting")
    for chunk in chunks[:40]:
        progress.done(chunk.name)
    for chunk in chunks[60:70]:
        progress.entered(chunk.name, "encoding")
    source = SourceFacts(frames=792, width=1280, height=720, duration=33.0, bytes=9_000_000)
    view = RunView(
        RunPhase.ENCODING,
        progress.snapshot(10.0),
        source,
        workers_wanted=16,
        workers_lost=1,
        attempts_lost=2,
    )
    began = {"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}
    metadata = {
        "name": "bunny",
        "namespace": "videos",
        "uid": "u-1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "finalizers": [FINALIZER],
    }
    job = stored_of({"metadata": metadata, "status": began})
    observed = Observed(job, datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC), view)
    status = status_of(observed, reconcile(observed))
    assert status is not None
    return status


def test_status_is_a_subresource_and_get_is_a_progress_display(
    server: Cluster, namespace: str
) -> None:
    create(server, namespace, job())
    status = midway()
    server.patch(KIND, "bunny", namespace, {"status": status}, "--subresource=status")
    found = server.get("ej", "bunny", namespace)
    assert found["status"] == status
    assert found["metadata"]["generation"] == 1
    header, line = server.kubectl("get", "encodejobs", "--namespace", namespace).splitlines()
    assert header.split() == [
        "NAME",
        "PHASE",
        "PERCENT",
        "CHUNKS",
        "WORKERS",
        "SPEED",
        "ETA",
        "AGE",
    ]
    assert line.split()[:-1] == ["bunny", "Running", "43", "40/132", "15", "1.00x", "23s"]
    wide = server.kubectl("get", "ej", "--namespace", namespace, "--output=wide")
    assert "s3://videos/out.webm" in wide
    assert "Encoding" in wide
    assert "bunny" in server.kubectl("get", "excamera", "--namespace", namespace)


def test_a_phase_or_condition_that_there_is_not_cannot_be_written(
    server: Cluster, namespace: str
) -> None:
    create(server, namespace, job())
    for status in ({"phase": "Lost"}, {"conditions": [{"type": "Succeeded", "status": "Maybe"}]}):
        with pytest.raises(Refused):
            server.patch(KIND, "bunny", namespace, {"status": status}, "--subresource=status")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("encodejob.spec.encoding", "How the video is cut up and encoded: ExCamera[N, x]"),
        ("encodejob.spec.workers", "Where the work is done and by how many workers."),
        ("ej.status.progress", "Of the work on a chunk, nine tenths are done when it is encoded"),
    ],
)
def test_explain_reads_like_documentation(server: Cluster, path: str, said: str) -> None:
    explained = " ".join(server.kubectl("explain", path).split())
    assert said in explained
    assert "<no description>" not in explained
