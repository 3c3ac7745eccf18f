"""The difference of each sample from the one above it, as a step before compression."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.state_file import Plane

Bytes = NDArray[np.uint8]


def differences(data: bytes | Bytes, planes: Sequence[Plane]) -> Bytes:
    """`data` with the rows of each plane as their differences (modulo 256) from the row above."""
    made = np.frombuffer(data, np.uint8).copy()
    for plane in planes:
        before, after = _rows(np.frombuffer(data, np.uint8), plane), _rows(made, plane)
        np.subtract(before[1:], before[:-1], out=after[1:])
    return made


def sums(data: bytes | Bytes, planes: Sequence[Plane]) -> Bytes:
    """Takes `differences` back."""
    made = np.frombuffer(data, np.uint8).copy()
    for plane in planes:
        rows = _rows(made, plane)
        for over, row in pairwise(rows):
            np.add(row, over, out=row)
    return made


def _rows(data: Bytes, plane: Plane) -> Bytes:
    return data[plane.begin : plane.end].reshape(plane.height, plane.width)
