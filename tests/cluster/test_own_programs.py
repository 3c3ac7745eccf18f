"""Programs that a person brings along are used instead of those that are built here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.cluster import run


def test_kubectl_is_taken_from_kubebuilder_assets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\necho brought along\n")
    program.chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert run("kubectl", "version") == "brought along\n"
