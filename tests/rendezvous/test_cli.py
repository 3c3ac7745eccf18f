"""The command, as a process."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from excamera_proto.credentials import RENDEZVOUS, Authority
from excamera_rendezvous.arguments import read, seconds, size
from excamera_rendezvous.cli import main
from excamera_rendezvous.settings import SettingsError

COMMAND = [sys.executable, "-m", "excamera_rendezvous"]


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def run(tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, "--spill-dir", str(tmp_path / "spill"), *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"EXCAMERA_RENDEZVOUS_LOG_FORMAT": "json"},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    credential = Authority.create("test").issue(RENDEZVOUS)
    for name, content in (
        ("tls.crt", credential.certificate_pem),
        ("tls.key", credential.key_pem),
        ("ca.crt", credential.authority_pem),
    ):
        (tmp_path / name).write_bytes(content)
    options = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--tls-ca", "ca.crt"]
    paths = [o if o.startswith("--") else str(tmp_path / o) for o in options]
    process = run(tmp_path, "--listen", "0.0.0.0:0", "--metrics-port", "0", *paths)
    assert process.stderr is not None
    first = json.loads(process.stderr.readline())
    assert first["level"] == "info"
    assert first["message"].startswith("listening at 0.0.0.0:")
    assert len(os.listdir(tmp_path / "spill")) == 1
    process.send_signal(number)
    _, rest = process.communicate()
    assert process.returncode == 0
    assert json.loads(rest.splitlines()[-1])["message"] == "stopped"
    assert os.listdir(tmp_path / "spill") == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--listen", "nowhere"], "HOST:PORT"),
        (["--listen", "0.0.0.0:0"], "loopback"),
        (["--memory-limit", "much"], "512MiB"),
        (["--memory-limit", "1"], "hold two parts"),
        (["--expiry", "soon"], "90s"),
        (["--metrics-port", "-1"], "not a port"),
        (["--log-format", "xml"], "text, json"),
        (["--tls-cert", "x"], "belong together"),
        (["--surprise"], "surprise"),
        (["extra"], "extra"),
    ],
)
def test_options_that_make_no_sense_end_with_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.splitlines()) == 1


def test_what_cannot_be_used_ends_with_status_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    missing = [f"--tls-{part}={tmp_path}/missing" for part in ("cert", "key", "ca")]
    for arguments in (
        [f"--spill-dir={tmp_path}/file"],
        missing,
        ["--listen=127.0.0.2.3:1"],
    ):
        assert main(arguments) == 4
        assert capsys.readouterr().err.splitlines()[-1].startswith("excamera-rendezvous: ")


def test_the_help_names_every_environment_variable_and_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for word in ("EXCAMERA_RENDEZVOUS_MEMORY_LIMIT", "exit status", "--tls-ca FILE", "SIGTERM"):
        assert word in text


def test_the_environment_counts_and_the_command_line_wins() -> None:
    environment = {
        "EXCAMERA_RENDEZVOUS_MEMORY_LIMIT": "2GiB",
        "EXCAMERA_RENDEZVOUS_EXPIRY": "10m",
        "EXCAMERA_RENDEZVOUS_SPILL_DIR": "",
    }
    settings = read(["--expiry", "1h"], environment)
    assert (settings.memory_limit, settings.expiry) == (2 << 30, 3600)
    with pytest.raises(SettingsError, match="memory-limit"):
        read([], {"EXCAMERA_RENDEZVOUS_MEMORY_LIMIT": "x"})


def test_sizes_and_times_are_read_as_people_write_them() -> None:
    assert [size(t) for t in ("5", "5B", "1k", "1KiB", "2 MiB", "1GB", "1TiB")] == [
        5, 5, 1 << 10, 1 << 10, 2 << 20, 1 << 30, 1 << 40
    ]  # fmt: skip
    assert [seconds(t) for t in ("5", "0.5s", "1.5m", "2h")] == [5, 0.5, 90, 7200]
