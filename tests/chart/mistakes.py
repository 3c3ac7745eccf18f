"""Specs that no EncodeJob may have, and the sentence about each: at `kubectl apply`, and from
`excamera run -f`, which needs no cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SOURCE, OUTPUT = {"uri": "s3://videos/in.mp4"}, {"uri": "s3://videos/out.webm"}

SCHEME = "must be s3://BUCKET/KEY, in any store that speaks S3"
BUCKET = "s3:// must be followed by a bucket's name: 3 to 63 lower-case letters, digits"
KEY = "must name an object in the bucket, such as s3://BUCKET/films/clip.mp4"
ONE_LINE = "must be one line without control characters"
CHUNK_FRAMES = "must be a whole number from 1 to 1000, without quotation marks, or auto"
CQ_LEVEL = "must be a whole number from 0 to 63, without quotation marks, or auto"
QUALITY = "ssimDecibels goes with cqLevel: auto, and with no number; give both, or neither"
AMOUNT = "must be an amount such as 2, 500m (half of one), 512Mi or 1.5Gi"
BYTES = "memory is counted in bytes, so write 512Mi, not 512 or 512m"
NAME = "must be a name of lower-case letters, digits, '-' and '.'"


@dataclass(frozen=True)
class Mistake:
    """`field` is the path of the field at fault, as both name it; `said` the sentence about it."""

    spec: dict[str, Any]
    field: str
    said: str

    def __str__(self) -> str:
        return str(self.spec)


def source(uri: str, said: str) -> Mistake:
    return Mistake({"source": {"uri": uri}}, "spec.source.uri", said)


def output(uri: str, said: str) -> Mistake:
    return Mistake({"output": {"uri": uri}}, "spec.output.uri", said)


def encoding(field: str, value: object, said: str) -> Mistake:
    return Mistake({"encoding": {field: value}}, f"spec.encoding.{field}", said)


def toleration(said: str, **fields: object) -> Mistake:
    return Mistake({"workers": {"tolerations": [fields]}}, "spec.workers.tolerations[0]", said)


def resources(field: str, said: str, **given: dict[str, Any]) -> Mistake:
    return Mistake({"workers": {"resources": given}}, f"spec.workers.resources{field}", said)


MISTAKES = (
    source("", SCHEME),
    source("gs://videos/in.mp4", SCHEME),
    source("videos/in.mp4", SCHEME),
    source("S3://videos/in.mp4", SCHEME),
    source("-o/etc/x", SCHEME),
    source("s3:///in.mp4", BUCKET),
    source("s3://My_Bucket/in.mp4", BUCKET),
    source("s3://-videos/in.mp4", BUCKET),
    source("s3://v/in.mp4", BUCKET),
    source(f"s3://{'v' * 64}/in.mp4", BUCKET),
    source("s3://videos", KEY),
    source("s3://videos/", KEY),
    source("s3://videos/films/", KEY),
    source("s3://videos//in.mp4", KEY),
    source("s3://videos/films//in.mp4", KEY),
    source("s3://videos/../in.mp4", KEY),
    source("s3://videos/films/./in.mp4", KEY),
    source("s3://videos/films/..", KEY),
    source("s3://videos/in.mp4\n", ONE_LINE),
    source("s3://videos/i\x85n.mp4", ONE_LINE),
    source("s3://videos/i\u2028n.mp4", ONE_LINE),
    output("gs://videos/out.webm", SCHEME),
    output("s3://Videos/out.webm", BUCKET),
    output("s3://videos/a/../out.webm", KEY),
    output("s3://videos/o\tut.webm", ONE_LINE),
    output("s3://videos/out.mp4", "must end in .webm (VP8 with cues, and audio as Opus) or .ivf"),
    output("s3://videos/out.webm ", "must end in .webm"),
    output("s3://videos/.webm", "must have a name before its ending, such as clip.webm"),
    output("s3://videos/films/.ivf", "must have a name before its ending, such as clip.webm"),
    Mistake(
        {"source": {"uri": "s3://videos/a.webm"}, "output": {"uri": "s3://videos/a.webm"}},
        "spec",
        "the output would overwrite the source; give output.uri another name",
    ),
    encoding("chunkFrames", 0, CHUNK_FRAMES),
    encoding("chunkFrames", 1001, CHUNK_FRAMES),
    encoding("chunkFrames", "6", CHUNK_FRAMES),
    encoding("chunkFrames", "some", CHUNK_FRAMES),
    encoding("cqLevel", 64, CQ_LEVEL),
    encoding("cqLevel", -1, CQ_LEVEL),
    encoding("cqLevel", "20", CQ_LEVEL),
    Mistake({"encoding": {"cqLevel": "auto"}}, "spec.encoding", QUALITY),
    Mistake({"encoding": {"ssimDecibels": 15}}, "spec.encoding", QUALITY),
    Mistake({"encoding": {"cqLevel": 30, "ssimDecibels": 15}}, "spec.encoding", QUALITY),
    Mistake(
        {"encoding": {"cqLevel": "auto", "ssimDecibels": 0}},
        "spec.encoding.ssimDecibels",
        "must be a number of decibels from 1 to 60",
    ),
    encoding("keyframeSeconds", 0, "must be a number of seconds from 0.1 to 3600"),
    encoding("keyframeSeconds", 3600.5, "must be a number of seconds from 0.1 to 3600"),
    Mistake({"encoding": {"chainLength": 16, "keyframeSeconds": 4}}, "spec.encoding", "give one"),
    resources(
        ".requests", "there is no resource cpus; there are cpu, memory", requests={"cpus": 1}
    ),
    resources(".limits", "there is no resource mem; there are", limits={"cpu": 1, "mem": "1Gi"}),
    resources(".limits", BYTES, limits={"memory": 512}),
    resources(".requests", BYTES, requests={"memory": "512m"}),
    resources(
        "",
        "the request of memory is above its limit; raise the limit, or lower the request",
        requests={"cpu": "500m", "memory": "1.5Gi"},
        limits={"cpu": 1, "memory": "1500M"},
    ),
    Mistake(
        {"workers": {"backend": "Knative", "nodeSelector": {"a": "b"}}},
        "spec.workers",
        "apply to backend Pod only; for Knative they are set in the chart's values",
    ),
    Mistake(
        {"workers": {"backend": "Lambda"}, "storage": {"serviceAccountName": "reader"}},
        "spec",
        "storage.serviceAccountName applies to backend Pod only",
    ),
    Mistake({"workers": {"nodeSelector": {"a b": "c"}}}, "spec.workers.nodeSelector", "names of"),
    toleration("must have a key, or operator Exists", value="a"),
    toleration("must have no value with operator Exists", operator="Exists", key="a", value="b"),
    toleration("must have effect NoExecute", key="a", effect="NoSchedule", tolerationSeconds=5),
    Mistake({"storage": {"secretRef": {"name": "-o/x"}}}, "spec.storage.secretRef.name", NAME),
    Mistake({"storage": {"serviceAccountName": "My"}}, "spec.storage.serviceAccountName", NAME),
)

LABELS = ("a b", "-a", "a/b", "ä")
"""Values of labels, and not so."""

AMOUNTS = ("2 GB", "many", "-1", -1, "", "1.5.5", "1GiB", "0x10")
"""Of a resource, and not so."""

GOOD: tuple[dict[str, Any], ...] = (
    {},
    {"source": {"uri": "s3://my.videos-1/a folder/in..x/.hidden"}},
    {"output": {"uri": "s3://videos/a folder/ü.ivf"}},
    {"output": {"uri": "s3://videos/.webm/a.webm"}},
    {"encoding": {"chunkFrames": "auto", "chainLength": 1, "cqLevel": 0}},
    {"encoding": {"chunkFrames": 1000, "keyframeSeconds": 0.5}},
    {"encoding": {"cqLevel": "auto", "ssimDecibels": 15}},
    {"encoding": {"cqLevel": "auto", "ssimDecibels": 16.5}},
    {"encoding": {"keyframeSeconds": 3600}},
    {"workers": {"resources": {"requests": {"cpu": 1, "memory": "1.5Gi"}}}},
    {
        "workers": {
            "resources": {
                "requests": {"cpu": "1000m", "memory": "1e9", "hugepages-2Mi": "4Mi"},
                "limits": {"cpu": 1, "memory": "1G", "example.com/gpu": 1},
            }
        }
    },
    {"workers": {"tolerations": [{"operator": "Exists"}, {"key": "example.com/a", "value": ""}]}},
    {"workers": {"tolerations": [{"key": "a", "effect": "NoExecute", "tolerationSeconds": 0}]}},
    {"workers": {"nodeSelector": {"example.com/pool": "a.B_c-1", "spot": ""}}},
    {"workers": {"max": 3}, "storage": {"serviceAccountName": "reader"}},
    {"backoffLimit": 0, "ttlSecondsAfterFinished": 0},
)
