"""Our image as tests on a cluster see it: its name, and whether it is there."""

import os

import pytest

from tests.cluster.fixtures import OWN
from tests.tiers import CLUSTER_BIN

IMAGE = os.environ.get("EXCAMERA_IMAGE") or "dev.local/excamera:test"
ARCHIVE = CLUSTER_BIN.parent / "images" / "dev.local_excamera_test.tar"

needs_image = pytest.mark.skipif(
    not (OWN or ARCHIVE.exists()), reason="no image; `make image` builds it"
)
