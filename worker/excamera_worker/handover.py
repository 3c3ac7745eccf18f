"""Hands a program the grants of its call.

In a file that nobody else can read, and not in variables or arguments, which others on the machine
may see. It lies beside the attempt's folder, in the worker's own, for as long as the program runs.
A program without grants gets a file as well, without any in it: it must not look for credentials
instead.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from excamera_store import Grants
from excamera_store.grants import FILE
from excamera_worker.scratch import Folder


@contextmanager
def handed_over(grants: Grants, folder: Folder) -> Iterator[Mapping[str, str]]:
    """The variables by which the program finds its grants."""
    descriptor, path = tempfile.mkstemp(prefix=".grants-", dir=folder.path.parent)
    os.close(descriptor)
    try:
        grants.save(path)
        yield {FILE: path}
    finally:
        with suppress(OSError):
            os.unlink(path)
