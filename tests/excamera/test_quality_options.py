"""`--cq-level` and `--ssim-db`: one of them, or neither."""

from __future__ import annotations

import pytest

from excamera import encoding_options
from excamera.arguments import Parser
from excamera.errors import InvalidJob
from excamera.job import DEFAULT_CQ_LEVEL, Encoding


def encoding(*options: str) -> Encoding:
    parser = Parser()
    encoding_options.add_to(parser)
    return encoding_options.encoding_of(parser.parse_args(options))


def test_without_either_the_usual_level_is_taken() -> None:
    assert encoding() == Encoding(cq_level=DEFAULT_CQ_LEVEL)
    assert encoding("--cq-level", "0").cq_level == 0


def test_a_quality_leaves_the_level_open() -> None:
    assert encoding("--ssim-db", "15.5") == Encoding(cq_level=None, ssim_decibels=15.5)


def test_auto_is_a_level_that_a_quality_decides_as_in_a_manifest() -> None:
    assert encoding("--cq-level", "auto", "--ssim-db", "15") == encoding("--ssim-db", "15")
    with pytest.raises(InvalidJob, match="say which, such as --ssim-db 15"):
        encoding("--cq-level", "auto")


def test_both_are_one_too_many() -> None:
    with pytest.raises(InvalidJob, match=r"--cq-level 20 and --ssim-db 15: .* give one of them"):
        encoding("--ssim-db", "15", "--cq-level", "20")
    with pytest.raises(InvalidJob, match="give one of them"):
        Encoding(cq_level=20, ssim_decibels=15.0)
    with pytest.raises(InvalidJob, match="give one of them"):
        Encoding(cq_level=None)


@pytest.mark.parametrize("decibels", ["0", "-3", "61", "nan", "inf"])
def test_a_quality_that_makes_no_sense_is_refused(
    decibels: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        encoding(f"--ssim-db={decibels}")
    assert f"must be a number from 1 to 60, not '{decibels}'" in capsys.readouterr().err
    with pytest.raises(InvalidJob, match=r"SSIM in dB \(--ssim-db\) must be 1 to 60"):
        Encoding(cq_level=None, ssim_decibels=float(decibels))
