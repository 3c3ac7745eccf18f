#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets anew: python3 make_corpus.py PATH-OF-XC.

They are tiny videos of our own making, encoded by `xc encode`; each exercises something else of the
format. Existing files are overwritten, and nothing else is needed than xc.
"""

import struct
import subprocess
import sys
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

# name: width, height, frames, options
CLIPS = {
    "one": (16, 16, 1, []),
    "odd": (17, 35, 3, ["--cq-level=40"]),
    "coarse": (48, 32, 4, ["--cq-level=63", "--token-parts=3"]),
    "fine": (32, 16, 3, ["--cq-level=4"]),
    "lag": (32, 32, 8, ["--lag-in-frames=6", "--cq-level=50"]),
}


def y4m(width: int, height: int, frames: int) -> bytes:
    """A bright square that moves over a gradient."""
    parts = [f"YUV4MPEG2 W{width} H{height} F25:1 C420jpeg\n".encode()]
    for n in range(frames):
        parts.append(b"FRAME\n")
        for divisor in (1, 2, 2):
            columns, rows = -(-width // divisor), -(-height // divisor)
            for y in range(rows):
                for x in range(columns):
                    inside = n <= x < n + 7 and n <= y < n + 7
                    parts.append(bytes([235 if inside else (5 * x + 3 * y + 40 * divisor) % 256]))
    return b"".join(parts)


def frames_of(ivf: bytes) -> list[bytes]:
    frames, position = [], 32
    while position < len(ivf):
        (size,) = struct.unpack_from("<I", ivf, position)
        frames.append(ivf[position + 12 : position + 12 + size])
        position += 12 + size
    return frames


def run(xc: str, *arguments: str, stdin: bytes) -> bytes:
    return subprocess.run([xc, *arguments], input=stdin, capture_output=True, check=True).stdout


def write(target: str, name: str, data: bytes) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def main(xc: str) -> None:
    for name, (width, height, count, options) in CLIPS.items():
        pictures = y4m(width, height, count)
        write("y4m", name, pictures)
        ivf = run(xc, "encode", "-", "-o", "-", *options, stdin=pictures)
        write("ivf", name, ivf)
        frames = frames_of(ivf)
        stream = b"".join(struct.pack("<H", len(f)) + f for f in frames)
        write("frame", name, stream)
        # The state after all frames, and the same frames, but for the first, on it.
        write("rebase", name, bytes([16 + len(frames)]) + 2 * stream)
        # The state after all frames, and one of them to decode on it.
        write("state", name, run(xc, "state", "-", "-o", "-", stdin=ivf) + frames[-1])


if __name__ == "__main__":
    main(sys.argv[1])
