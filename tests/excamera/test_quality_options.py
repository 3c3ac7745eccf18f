"""`--cq-level` and `--ssim-db`: one of them, or neither."""

from __future__ import annotations

import argparse

import pytest

from excamera import encoding_options
from excamera.errors import InvalidJob
from excamera.job import DEFAULT_CQ_LEVEL, Encoding


def encoding(*options: str) -> Encoding:
    parser = argparse.ArgumentParser(exit_on_error=False)
    encoding_options.add_to(parser)
    return encoding_options.encoding_of(parser.parse_args(options))


def test_without_either_the_usual_level_is_taken() -> None:
    assert encoding() == Encoding(cq_level=DEFAULT_CQ_LEVEL)
    assert encoding("--cq-level", "0").cq_level == 0


def test_a_quality_leaves_the_level_open() -> None:
    assert encoding("--ssim-db", "15.5") == Encoding(cq_level=None, ssim_decibels=15.5)


def test_both_are_one_too_many() -> None:
    with pytest.raises((SystemExit, argparse.ArgumentError)):
        encoding("--ssim-db", "15", "--cq-level", "20")
    with pytest.raises(InvalidJob, match="give one of them"):
        Encoding(cq_level=20, ssim_decibels=15.0)
    with pytest.raises(InvalidJob, match="give one of them"):
        Encoding(cq_level=None)


@pytest.mark.parametrize("decibels", ["0", "-3", "61", "nan", "inf"])
def test_a_quality_that_makes_no_sense_is_refused(decibels: str) -> None:
    with pytest.raises(InvalidJob, match=r"SSIM in dB \(--ssim-db\) must be 1 to 60"):
        encoding(f"--ssim-db={decibels}")
