"""The schema in crds/encodejob.yaml, without a cluster: its form, and what it refuses."""

import re
import subprocess
from collections.abc import Iterator

import jsonschema
import pytest
import yaml

from tests.chart.charts import CHART
from tests.cluster.cluster import CRD, Object
from tests.tiers import ROOT

VERSION = yaml.safe_load(CRD.read_text())["spec"]["versions"][0]
SCHEMA = VERSION["schema"]["openAPIV3Schema"]
SOURCE, OUTPUT = {"uri": "s3://videos/in.mp4"}, {"uri": "s3://videos/out.webm"}


def fields(schema: Object, path: str = "") -> Iterator[tuple[str, Object]]:
    for name, field in schema.get("properties", {}).items():
        yield f"{path}.{name}", field
        yield from fields(field, f"{path}.{name}")
        yield from fields(field.get("items", {}), f"{path}.{name}[]")


FIELDS = {path: field for path, field in fields(SCHEMA) if path != ".metadata"}


def refusals(spec: Object) -> list[str]:
    complete = {"source": SOURCE, "output": OUTPUT, **spec}
    return [
        each.message for each in jsonschema.Draft7Validator(SCHEMA).iter_errors({"spec": complete})
    ]


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


def test_the_least_is_source_and_output() -> None:
    assert refusals({}) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"source": {}}, "'uri' is a required property"),
        ({"source": {"uri": "videos/in.mp4"}}, "does not match"),
        ({"source": {"uri": "s3:///in.mp4"}}, "does not match"),
        ({"source": {"uri": "s3://videos/in.mp4\n"}}, "should not be valid"),
        ({"output": {"uri": "s3://videos/out.mp4"}}, "does not match"),
        ({"output": {"uri": "s3://videos/out.webm\r"}}, "should not be valid"),
        ({"encoding": {"chunkFrames": 0}}, "less than the minimum"),
        ({"encoding": {"chunkFrames": 1001}}, "greater than the maximum"),
        ({"encoding": {"chunkFrames": "6"}}, "does not match"),
        ({"encoding": {"chainLength": 0}}, "less than the minimum"),
        ({"encoding": {"keyframeSeconds": 0}}, "less than the minimum"),
        ({"encoding": {"cqLevel": 64}}, "greater than the maximum"),
        ({"encoding": {"cqLevel": "20"}}, "is not of type 'integer'"),
        ({"workers": {"backend": "pod"}}, "is not one of"),
        ({"workers": {"max": 0}}, "less than the minimum"),
        ({"workers": {"resources": {"limits": {"memory": "2 GB"}}}}, "does not match"),
        ({"storage": {"secretRef": {"name": "-o/etc/x"}}}, "does not match"),
        ({"backoffLimit": -1}, "less than the minimum"),
        ({"activeDeadlineSeconds": 0}, "less than the minimum"),
        ({"ttlSecondsAfterFinished": -1}, "less than the minimum"),
    ],
)
def test_what_makes_no_sense_is_refused(spec: Object, said: str) -> None:
    assert any(said in each for each in refusals(spec)), refusals(spec)


@pytest.mark.parametrize(
    "spec",
    [
        {"source": {"uri": "file:///videos/in.mp4"}},
        {"source": {"uri": "gopher://videos/in.mp4"}},  # the operator says what it can read
        {"output": {"uri": "s3://videos/a folder/ü.ivf"}},
        {"encoding": {"chunkFrames": "auto", "chainLength": 1, "cqLevel": 0}},
        {"encoding": {"keyframeSeconds": 0.5}},
        {"workers": {"resources": {"requests": {"cpu": 1, "memory": "1.5Gi"}}}},
        {"workers": {"tolerations": [{"operator": "Exists"}]}},
        {"backoffLimit": 0, "ttlSecondsAfterFinished": 0},
    ],
)
def test_what_makes_sense_is_taken(spec: Object) -> None:
    assert refusals(spec) == []


def test_the_charts_template_is_made_from_it() -> None:
    template = CHART / "templates" / "crd.yaml"
    before = template.read_text()
    subprocess.run([ROOT / "charts" / "generate"], check=True)
    assert template.read_text() == before, "charts/generate had not been run"
