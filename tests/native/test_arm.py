"""The codec for aarch64, compiled on this machine and run under emulation (native/arm)."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.tiers import ROOT

pytestmark = [pytest.mark.tier("arm"), pytest.mark.timeout(600)]


def test_the_codecs_own_tests_pass_with_neon_and_without() -> None:
    jobs = os.environ | {"JOBS": str(os.cpu_count())}
    ran = subprocess.run([ROOT / "make" / "arm.sh"], cwd=ROOT, env=jobs, capture_output=True)
    assert ran.returncode == 0, (ran.stdout + ran.stderr).decode()[-10_000:]
    assert b"[  PASSED  ]" in ran.stdout
    if b"[  SKIPPED ]" in ran.stdout:
        pytest.skip("all others passed, but VP8_TEST_VECTORS has no conformance streams")
