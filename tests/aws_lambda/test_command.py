"""`excamera run` with backend Lambda: what it must be told, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from excamera import cli
from excamera.local import Door
from excamera.on_lambda import runner_on
from excamera_controller.backends.pod import LAUNCH_SECONDS
from excamera_lambda.backend import LambdaBackend
from excamera_lambda.function import Function
from excamera_lambda.launcher import Launcher
from excamera_lambda.limits import Facts
from excamera_lambda.signing import Signed
from tests.aws_lambda.jobs import manifest

pytestmark = pytest.mark.tier("unit")

OUTPUT = "s3://clips/out.webm"
ADDRESSES = ("--coordinator-address", "me.example:7000", "--rendezvous-address", "me.example:7100")
WHOLE = ("--lambda-function", "workers", *ADDRESSES)


def run(folder: Path, *options: str, source: str = "s3://clips/in.mp4") -> int:
    job = manifest(OUTPUT, 3)
    job["spec"]["source"]["uri"] = source
    path = folder / "job.yaml"
    path.write_text(json.dumps(job))
    return cli.main(["run", "-f", str(path), *options])


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 2
    said = capsys.readouterr().err
    assert "--lambda-function, --coordinator-address, --rendezvous-address" in said
    assert run(tmp_path, *ADDRESSES) == 2
    assert "needs --lambda-function;" in capsys.readouterr().err


def test_a_worker_is_waited_for_as_long_as_its_invocation_may_wait_for_room() -> None:
    facts = Facts("workers", "eu-central-1", 2048, 900, "x86_64", 512, reserved=2)
    backend = LambdaBackend(facts, Launcher(lambda _: Signed("", {}, b"")), lambda: None)
    schedule = runner_on(backend, 2, 6, (Door(), Door())).schedule(12)
    event_age = Function("workers", "", "").event_age
    in_cluster = LAUNCH_SECONDS
    assert event_age <= min(schedule.launch_seconds, in_cluster)
    assert schedule.surplus == 0


def test_a_source_that_lambda_cannot_reach_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *WHOLE, source="file:///clips/in.mp4") == 2
    assert "source: workers on Lambda cannot reach" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["me.example", ":7000", "me.example:port"])
def test_an_address_without_host_or_port_is_refused(
    tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--lambda-function", "workers", "--rendezvous-address", "me.example:7100")
    assert run(tmp_path, *options, "--coordinator-address", address) == 2
    assert f"not {address!r}" in capsys.readouterr().err


def test_without_credentials_it_ends_with_a_word_about_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert run(tmp_path, *WHOLE) == 4
    assert "AWS_PROFILE" in capsys.readouterr().err


def test_without_a_region_it_ends_with_a_word_about_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *WHOLE) == 2
    assert "--region or AWS_REGION" in capsys.readouterr().err
