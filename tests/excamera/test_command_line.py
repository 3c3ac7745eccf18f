"""What the command says of arguments that make no sense: one line, and an exit status by kind."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from excamera.cli import main

ENCODE = ("encode", "clip.mp4", "-o", "out.webm")
DEPLOY = ("lambda", "deploy", "--image", "image", "--role", "role")
MANIFEST = """\
apiVersion: excamera.dev/v1alpha1
kind: EncodeJob
metadata: {name: clip}
spec:
  source: {uri: s3://videos/clip.mp4}
  output: {uri: s3://results/clip.webm}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a manifest and without any video; and nobody at the keyboard."""
    (tmp_path / "job.yaml").write_text(MANIFEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "excamera: the following arguments are required: COMMAND; see excamera --help"),
        (("encode",), "required: SOURCE, -o/--output; see excamera encode --help"),
        (("frob",), "invalid choice: 'frob'"),
        (
            (*ENCODE, "--workers", "x"),
            "excamera encode: argument --workers: must be a whole number from 1 to 100000, not 'x'",
        ),
        ((*ENCODE, "--workers", "0"), "must be a whole number from 1 to 100000, not '0'"),
        ((*ENCODE, "--chunk-frames", "six"), "from 1 to 1000, or auto, not 'six'"),
        ((*ENCODE, "--chain-length", "auto"), "from 1 to 100000, not 'auto'"),
        ((*ENCODE, "--keyframe-seconds", "4s"), "must be a number from 0.1 to 3600, not '4s'"),
        ((*ENCODE, "--keyframe-seconds", "0.05"), "must be a number from 0.1 to 3600, not '0.05'"),
        ((*ENCODE, "--keyframe-seconds=-1"), "must be a number from 0.1 to 3600, not '-1'"),
        ((*ENCODE, "--cq-level", "20.5"), "a whole number from 0 to 63, or auto, not '20.5'"),
        ((*ENCODE, "--cq-level", "64"), "a whole number from 0 to 63, or auto, not '64'"),
        ((*ENCODE, "--ssim-db", "x"), "must be a number from 1 to 60, not 'x'"),
        ((*ENCODE, "--ssim-db", "nan"), "must be a number from 1 to 60, not 'nan'"),
        ((*ENCODE, "--backoff-limit=-1"), "must be a whole number from 0 to 1000, not '-1'"),
        (("run", "-f", "job.yaml", "--workers", "0"), "--workers: must be a whole number from 1"),
        (("lambda", "cost", "clip.mp4", "--chunk-frames", "0"), "argument --chunk-frames: must be"),
        (("lambda", "cost", "clip.mp4", "--workers", "0"), "argument --workers: must be"),
        (("lambda", "cost", "clip.mp4", "--memory", "1"), "whole number from 128 to 10240"),
        ((*DEPLOY, "--event-age", "5"), "a whole number from 60 to 21600, not '5'"),
        (
            ("encode", "-clip.mp4", "-o", "out.webm"),
            "a name that begins with a dash is written ./-clip.mp4; see excamera encode --help",
        ),
        (("encode", "clip.mp4", "-o", "-out.webm"), "dash is written ./-out.webm; see"),
        (("encode", "clip.mp4", "-o", "--out.webm"), "dash is written ./--out.webm; see"),
        (("encode", "-oout.webm"), "required: SOURCE; see excamera encode --help"),
        ((*ENCODE, "--title=-1.5", "--store"), "--store: expected one argument; see"),
        (
            (*ENCODE, "--keep"),
            "excamera encode: no option '--keep' (did you mean --keep-going?); see excamera encode",
        ),
        ((*ENCODE, "--chunk", "7"), "no option '--chunk' (did you mean --chunk-frames?); see"),
        ((*ENCODE, "--ssimdb=15"), "no option '--ssimdb' (did you mean --ssim-db?); see"),
        ((*ENCODE, "-x"), "excamera encode: no option '-x'; see excamera encode --help"),
        (("graph", "--form", "dot"), "graph: no option '--form' (did you mean --format?); see"),
        ((*ENCODE, "--json", "--frob"), "excamera encode: no option '--frob'; see"),
        ((*ENCODE, "--title", "-x"), "argument --title: expected one argument; see"),
        (("--versio",), "excamera: no option '--versio' (did you mean --version?); see"),
        (("graf", "--frob"), "invalid choice: 'graf'"),
        ((*ENCODE, "more.mp4"), "unrecognized arguments: more.mp4; see excamera encode --help"),
        (("--frob", *ENCODE), "excamera: no option '--frob'; see excamera --help"),
        (("run", "--file", "job.yaml"), "no option '--file' (did you mean --filename?)"),
        (("lambda", "status", "--js"), "no option '--js' (did you mean --json?)"),
        ((*ENCODE, "--frob"), "excamera encode: no option '--frob'; see excamera encode --help"),
        ((*ENCODE, "--frob=0.5"), "no option '--frob'; see excamera encode --help"),
        (("lambda", "deploy"), "required: --image, --role; see excamera lambda deploy --help"),
    ],
)
def test_arguments_that_are_none_are_refused_in_one_line(capsys, arguments, says) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((*ENCODE, "--cq-level", "auto"), 2, "say which, such as --ssim-db 15"),
        (
            (*ENCODE, "--cq-level", "20", "--ssim-db", "15"),
            2,
            "--cq-level 20 and --ssim-db 15: the one says how to encode",
        ),
        (("encode", "clip.mp4", "-o", ".webm"), 2, "has no name before its suffix"),
        (("run", "-f", "none.yaml"), 4, "cannot read the manifest none.yaml: No such file"),
        (("run", "-f", "-"), 2, "the manifest holds 0 documents"),
        (("run", "-f", "job.yaml", "--bucket", "videos"), 2, "takes NAME=FOLDER, not 'videos'"),
        (
            ("run", "-f", "job.yaml", "--bucket", "video=."),
            2,
            "--bucket video: the manifest names no such bucket, but results, videos",
        ),
        (
            ("run", "-f", "job.yaml", "--bucket", "videos=/no/folder"),
            4,
            "--bucket videos: there is no folder /no/folder",
        ),
        (("lambda", "cost", "clip.mp4"), 3, "clip.mp4: it does not exist"),
        (("lambda", "delete"), 2, "nothing was deleted; say y, or use --yes"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(capsys, arguments, status, says) -> None:
    assert main(arguments) == status
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_without_credentials_a_folder_may_stand_in_for_each_bucket(capsys, monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(("run", "-f", "job.yaml")) == 4
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.endswith("--bucket results=FOLDER --bucket videos=FOLDER")
    assert line.count("AWS_ACCESS_KEY_ID") == 1
