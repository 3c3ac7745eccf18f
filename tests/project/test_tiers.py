"""How tests are chosen by tier: what is left out is named, and how to get it."""

import os
import subprocess
import sys

from tests.tiers import ROOT


def pytest_run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest on the browser's tests, where there is no browser: no program at all is on PATH."""
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=inherited | {"PATH": "/nowhere"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_tier_whose_parts_are_missing_is_left_out_and_named():
    run = pytest_run("tests/playback/test_browser.py")
    assert (
        "tier browser: left out, 4 tests - no chromium on this machine (make test installs it)"
        in run.stdout
    )
    assert "4 deselected" in run.stdout


def test_a_tier_that_was_not_asked_for_is_named_too():
    run = pytest_run("tests/playback/test_browser.py", "--tier", "unit")
    assert "tier browser: left out, 4 tests - not asked for by --tier" in run.stdout


def test_ci_does_not_leave_out_what_make_test_installs():
    run = pytest_run("tests/playback/test_browser.py", CI="true")
    assert run.returncode == 4
    assert "CI has to run tier browser: no chromium" in run.stderr


def test_an_unknown_tier_is_refused():
    assert "invalid choice: 'moon'" in pytest_run("--tier", "moon").stderr
