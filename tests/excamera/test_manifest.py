"""EncodeJob manifests, judged by the schema of the custom resource definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera import manifest
from excamera.errors import InvalidJob
from excamera.job import Encoding

EXAMPLES = Path(__file__).parents[2] / "examples"

MINIMAL = """
apiVersion: excamera.dev/v1alpha1
kind: EncodeJob
metadata: {{name: clip}}
spec:
  source: {{uri: "s3://videos/in.mp4"}}
  output: {{uri: "s3://videos/out.webm"}}
  {more}
"""


def with_spec(more: str) -> str:
    return MINIMAL.format(more=more)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_manifest_in_examples_is_valid(path: Path) -> None:
    assert manifest.load(path.read_text()).job.source


def test_what_a_manifest_leaves_out_has_the_defaults_of_the_command() -> None:
    assert manifest.load(with_spec("")).job.encoding == Encoding()


def test_the_fields_of_encoding_are_taken_over() -> None:
    fields = "encoding: {chunkFrames: 12, chainLength: 8, cqLevel: 33, audio: false}"
    read = manifest.load(with_spec(fields)).job.encoding
    assert read == Encoding(chunk_frames=12, chain_length=8, cq_level=33, audio=False)


def test_automatic_chunk_frames_are_left_to_the_plan() -> None:
    read = manifest.load(with_spec("encoding: {chunkFrames: auto}"))
    assert read.job.encoding == Encoding(chunk_frames=None)


def test_key_frames_may_be_so_many_seconds_apart() -> None:
    read = manifest.load(with_spec("encoding: {keyframeSeconds: 2.5}"))
    assert read.job.encoding == Encoding(keyframe_seconds=2.5)


def test_a_quality_may_stand_in_place_of_a_level() -> None:
    read = manifest.load(with_spec("encoding: {cqLevel: auto, ssimDecibels: 15.5}"))
    assert read.job.encoding == Encoding(cq_level=None, ssim_decibels=15.5)


def test_key_frames_by_chunks_and_by_seconds_are_one_too_many() -> None:
    with pytest.raises(InvalidJob, match="give one of them"):
        manifest.load(with_spec("encoding: {keyframeSeconds: 2, chainLength: 3}"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "encoding: {cqlevel: 3}",
            'spec.encoding: there is no field "cqlevel"; there are audio, chainLength, chunkFrames',
        ),
        ("encoding: {cqLevel: [20]}", "cqLevel: must be a whole number or text, not .20."),
        ("encoding: {keyframeSeconds: '4'}", 'keyframeSeconds: must be a number, not "4"'),
        ("encoding: {chainLength: 0}", "chainLength: must be at least 1, not 0"),
        ("backoffLimit: 1001", "backoffLimit: must be at most 1000, not 1001"),
        ("encoding: null", "spec.encoding: must be a map of fields, not null"),
        ("storage: {secretRef: {}}", "spec.storage.secretRef: name is missing"),
        ("encoding: {cqLevel: 64}", "spec.encoding.cqLevel"),
        ("encoding: {cqLevel: high}", "spec.encoding.cqLevel"),
        ("encoding: {chunkFrames: 0}", "spec.encoding.chunkFrames"),
        ("encoding: {chunkFrames: often}", "spec.encoding.chunkFrames"),
        ("encoding: {keyframeSeconds: 0}", "spec.encoding.keyframeSeconds"),
        ("encoding: {keyframeSeconds: soon}", "spec.encoding.keyframeSeconds"),
        ("backoffLimit: -1", "spec.backoffLimit"),
        (
            "workers: {backend: Mainframe}",
            'spec.workers.backend: must be Pod, Knative or Lambda, not "Mainframe"',
        ),
    ],
)
def test_a_field_at_fault_is_named(more: str, message: str) -> None:
    with pytest.raises(InvalidJob, match=message):
        manifest.load(with_spec(more))


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{}", "metadata.name is missing"),
        ("{name: ''}", "metadata.name is missing"),
        ("{name: null}", "metadata.name is missing"),
        ("{name: 7}", "metadata.name must be text, not 7; put it in quotation marks"),
        ("{name: Big_Buck}", "lower-case letters, digits and '-', .* not 'Big_Buck'"),
        ("{name: -clip}", "the first and the last of them a letter or a digit, not '-clip'"),
        ("{name: clip/a}", "not 'clip/a'"),
        ("{name: a.b}", "^metadata.name must be no longer than 48 characters and have no dots"),
        (f"{{name: {'a' * 49}}}", "^metadata.name must be no longer than 48 characters"),
    ],
)
def test_a_name_that_no_cluster_takes_is_refused_here_as_well(metadata: str, message: str) -> None:
    text = with_spec("").replace("{name: clip}", metadata)
    with pytest.raises(InvalidJob, match=message):
        manifest.load(text)


def test_a_name_may_be_left_to_kubectl_create() -> None:
    manifest.load(with_spec("").replace("{name: clip}", "{generateName: clip-}"))


@pytest.mark.parametrize(
    "text",
    ["", "][", "kind: Pod", "kind: EncodeJob", "a\n---\nb", "apiVersion: v1\nkind: EncodeJob"],
)
def test_what_is_no_encode_job_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InvalidJob) as refused:
        manifest.load(text)
    assert "\n" not in str(refused.value)
