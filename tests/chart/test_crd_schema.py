"""The schema in crds/encodejob.yaml, without a cluster: its form, and what it refuses, which is
what `excamera run -f` says."""

import re
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from excamera import manifest
from excamera.errors import InvalidJob
from tests.chart.charts import CHART
from tests.chart.mistakes import (
    AMOUNT,
    AMOUNTS,
    GOOD,
    KEY,
    LABELS,
    MISTAKES,
    OUTPUT,
    SOURCE,
    Mistake,
)
from tests.cluster.cluster import CRD, Object
from tests.tiers import ROOT

VERSION = yaml.safe_load(CRD.read_text())["spec"]["versions"][0]
SCHEMA = VERSION["schema"]["openAPIV3Schema"]


def fields(schema: Object, path: str = "") -> Iterator[tuple[str, Object]]:
    for name, field in schema.get("properties", {}).items():
        yield f"{path}.{name}", field
        yield from fields(field, f"{path}.{name}")
        yield from fields(field.get("items", {}), f"{path}.{name}[]")


FIELDS = {path: field for path, field in fields(SCHEMA) if path != ".metadata"}


def refused(spec: Object, name: str = "clip") -> str:
    """What `excamera run -f` says about it; empty if it takes it."""
    complete = {"source": SOURCE, "output": OUTPUT, **spec}
    document = {"apiVersion": manifest.API_VERSION, "kind": manifest.KIND, "spec": complete}
    try:
        manifest.of_object({**document, "metadata": {"name": name}})
    except InvalidJob as error:
        return str(error)
    return ""


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_is_described_and_says_its_default(path: str) -> None:
    field = FIELDS[path]
    assert len(field["description"]) > 5
    default = field.get("default")
    if default is not None and not isinstance(default, dict):
        said = str(default).lower() if isinstance(default, bool) else str(default)
        assert f"Default: {said}." in field["description"]


def test_every_printer_column_shows_a_field_that_there_is() -> None:
    for column in VERSION["additionalPrinterColumns"]:
        path = re.sub(r"\[\?.*\]", "[]", column["jsonPath"])
        assert path in FIELDS or path.startswith(".metadata."), column


def test_status_has_no_list_or_map_that_grows_with_the_job() -> None:
    growing = [
        path
        for path, field in FIELDS.items()
        if path.startswith(".status.")
        and (field.get("type") == "array" or "additionalProperties" in field)
    ]
    assert growing == [".status.conditions"]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_an_api_server_refuses_by_a_rule_is_refused_without_one_in_the_same_words(
    mistake: Mistake,
) -> None:
    said = refused(mistake.spec)
    assert said.startswith(f"{mistake.field}: ")
    assert mistake.said in said


@pytest.mark.parametrize("label", LABELS)
def test_what_is_no_label_of_a_node_is_refused(label: str) -> None:
    said = refused({"workers": {"nodeSelector": {"pool": label}}})
    assert said.startswith("spec.workers.nodeSelector.pool: values of labels are letters")


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
def test_what_is_no_amount_of_a_resource_is_refused(amount: object) -> None:
    said = refused({"workers": {"resources": {"limits": {"cpu": amount}}}})
    assert said == f"spec.workers.resources.limits.cpu: {AMOUNT}"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"source": {}}, "uri is missing"),
        ({"encoding": {"chunkFrames": 1.5}}, "must be a whole number or text, not "),
        ({"encoding": {"chainLength": 0}}, "must be at least"),
        ({"encoding": {"cqLevel": 20.5}}, "must be a whole number or text, not "),
        ({"workers": {"backend": "pod"}}, "must be Pod, Knative or Lambda, not "),
        ({"workers": {"max": 0}}, "must be at least"),
        ({"backoffLimit": -1}, "must be at least"),
        ({"activeDeadlineSeconds": 0}, "must be at least"),
        ({"activeDeadlineSeconds": 1 << 70}, "a number or a text that is not allowed"),
        ({"ttlSecondsAfterFinished": -1}, "must be at least"),
        ({"source": {"uri": "s3://videos/\ud800.mp4"}}, "a number or a text that is not allowed"),
    ],
)
def test_what_makes_no_sense_is_refused(spec: Object, said: str) -> None:
    assert said in refused(spec)


@pytest.mark.parametrize("name", ["n" * 49, "a.b"])
def test_a_name_that_cannot_be_part_of_a_host_name_is_refused(name: str) -> None:
    assert "metadata.name must be no longer than 48 characters" in refused({}, name)


@pytest.mark.parametrize("spec", GOOD, ids=str)
def test_what_makes_sense_is_taken(spec: Object) -> None:
    assert refused(spec) == ""


def test_without_a_cluster_a_file_may_stand_for_an_object_and_is_judged_like_one() -> None:
    assert refused({"source": {"uri": "file:///videos/in.mp4"}}) == ""
    assert "must have a name before" in refused({"output": {"uri": "file:///videos/.webm"}})
    assert KEY in refused({"output": {"uri": "file:///videos/../out.webm"}})


def test_no_pattern_of_the_spec_reaches_a_person() -> None:
    """Its failure would print it."""
    assert [
        path for path, field in FIELDS.items() if "pattern" in str(field) and ".spec" in path
    ] == []


def test_the_charts_template_is_made_from_it() -> None:
    template = CHART / "templates" / "crd.yaml"
    before = template.read_text()
    subprocess.run([ROOT / "charts" / "generate"], check=True)
    assert template.read_text() == before, "charts/generate had not been run"
