"""What is shown for frames that cannot be decoded.

Damage spreads to all that is predicted from it, so a picture is *good* if it was decoded without
error and no frame since the last good key frame was bad. A bad frame shows the last good picture
before it, if that is at most `LOOK_BACK` frames back, and black otherwise. The rule speaks of the
source only: the same frames look the same, whatever chunk they fall in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from av.video.frame import VideoFrame

from excamera_media.cut import LOOK_BACK
from excamera_media.decode import Verdict
from excamera_media.reorder import SPOILED


@dataclass(frozen=True)
class Shown:
    """A frame and the picture to show for it: `origin` is the picture's own frame, or None."""

    frame: int
    picture: VideoFrame | None
    origin: int | None
    problem: str = ""


def conceal(verdicts: Iterable[Verdict]) -> Iterator[Shown]:
    """The picture for each frame; None where no good one is near enough."""
    last: Shown | None = None
    frozen = False
    for verdict in verdicts:
        picture = verdict.picture
        clean = not verdict.problem and picture is not None
        if clean and (not frozen or (picture is not None and picture.key_frame)):
            frozen = False
            last = Shown(verdict.frame, picture, verdict.frame)
            yield last
            continue
        frozen = True
        problem = verdict.problem or SPOILED
        if last is not None and verdict.frame - last.frame <= LOOK_BACK:
            yield Shown(verdict.frame, last.picture, last.frame, problem)
        else:
            yield Shown(verdict.frame, None, None, problem)
