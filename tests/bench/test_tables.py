"""What the sections print of their figures, and how they are asked for."""

import math
from pathlib import Path

import pytest

from bench import codec, memory, profile, sizes, table, target
from bench.__main__ import SECTIONS, parser
from bench.link import Times


def test_a_table_comes_line_by_line():
    given = []

    def rows():
        given.append("first")
        yield "a", "1"
        given.append("second")
        yield "b", "2"

    lines = table.lines("Title", ("name", "value"), rows())
    assert [next(lines) for _ in range(4)] == [
        "### Title",
        "",
        "| name | value |",
        "| --- | --- |",
    ]
    assert not given
    assert next(lines) == "| a | 1 |"
    assert given == ["first"]
    assert list(lines) == ["| b | 2 |", ""]


def test_notes_stand_below_a_table():
    made = table.markdown("T", ("a",), [("1",)], ["Something is left out."])
    assert made.splitlines()[-3:] == ["| 1 |", "", "Something is left out."]


def test_means_are_of_all_clips_that_have_a_figure():
    made = sizes.rates_table("T", ["x", "y"], {"still": [1.0, 2.0], "moving": [3.0, -4.0]})
    assert "| mean | +2.0 % | -1.0 % |" in made
    assert "without" not in made


def test_a_mean_says_which_clips_it_leaves_out():
    rates = {"still": [1.0, 2.0], "grain": [math.nan, 4.0], "noise": [math.nan, 6.0]}
    made = sizes.rates_table("T", ["[6,16], SSIM", "[6,16], PSNR"], rates)
    assert "| grain | – | +4.0 % |" in made
    assert "| mean | +1.0 % | +4.0 % |" in made
    told = [line for line in made.splitlines() if "without" in line]
    assert told == [
        "The mean of [6,16], SSIM is without grain, noise: a larger file was no better one there."
    ]


def test_there_is_no_mean_where_no_clip_has_a_figure():
    assert "| mean | – |" in sizes.rates_table("T", ["x"], {"grain": [math.nan]})


def test_memory_above_the_bar_is_in_bold_beside_the_peers():
    case = ("xc rebase", "clip", "20", "1")
    assert memory.row(case, 250_400_000, "vpxdec", 50_000_000) == (
        *case,
        *("250", "vpxdec", "50", "5.01 ×"),
    )
    assert memory.row(case, 301_000_000, "vpxdec", 50_000_000)[4] == "**301**"
    encode = ("xc encode", "clip", "20", "1")  # for which there is no bar
    assert memory.row(encode, 312_000_000, "vpxenc", 311_000_000)[4] == "312"


def test_a_link_is_given_by_its_peers_time_and_in_milliseconds():
    rounds = [Times(12.0, 20.0, 19.0, 5.0, 10.0), Times(15.0, 30.0, 29.0, 6.0, 10.0)]
    rounds.append(Times(90.0, 90.0, 90.0, 90.0, 30.0))
    assert codec.link_cells(rounds) == ("3.00 ×", "3.60 ×", "1.50 ×", "30.0")


@pytest.mark.parametrize(("reached", "missed"), [(15.2, "0.20"), (14.7, "**0.30**")])
def test_a_target_that_is_missed_by_more_than_promised_is_marked(reached: float, missed: str):
    report = {"ssim_db": reached, "cq_level": 33}
    told = target.row("screen", 15, report, surveys=2, cpu=2.104)
    assert told == ("screen", "15", f"{reached:.2f}", missed, "33", "2", "2.10 ×")


def test_surveys_are_counted_by_what_the_job_said():
    said = "trial of 4 chunks at cq-level 30: 1 dB\nsurvey of 9 chunks at cq-level 31: 2 dB\nx\n"
    assert target.surveys(said) == 1


def test_a_profile_has_the_kernel_in_one_and_the_largest_first():
    report = """# Overhead  Symbol
    20.50%  [k] exc_page_fault
    50.25%  [.] xc::vp8::(anonymous namespace)::loop::between<&xc::vp8::filter>
     9.25%  [k] clear_page
    """
    assert profile.shares(report) == [
        ("xc::vp8::loop::between<&xc::vp8::filter>", 50.25),
        ("the kernel", 29.75),
    ]


def test_without_perf_a_profile_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(profile.tables(tmp_path)) == [f"{profile.HOW_TO_GET_IT}\n"]


def test_help_names_every_section_and_how_long_it_takes():
    told = parser().format_help()
    for name, section in SECTIONS.items():
        assert f"  {name:8}{section.prints} ({section.takes})\n" in told


def test_an_unknown_section_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["codec", "speed"])
    assert ended.value.code == 2
    assert f"there is no 'speed': choose from {', '.join(SECTIONS)}" in capsys.readouterr().err


def test_sections_are_taken_in_the_order_in_which_they_are_named():
    assert parser().parse_args(["state", "codec"]).sections == ["state", "codec"]
