"""What is shown for frames that cannot be decoded.

Damage spreads to all that is predicted from it, so a picture is *good* if it was decoded without
error and no frame since the last good key frame was bad. A bad frame shows the last good picture
before it, if that is at most `LOOK_BACK` frames back, and black otherwise. The rule speaks of the
source only: the same frames look the same, whatever chunk they fall in. To that end a decoder that
has met with damage is not used beyond the next key: what it remembers depends on where it began.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from av.video.frame import VideoFrame

from excamera_media.cut import LOOK_BACK, Cut
from excamera_media.decode import verdicts
from excamera_media.kept import Kept
from excamera_media.reading import Verdict
from excamera_media.reorder import SPOILED


@dataclass(frozen=True)
class Shown:
    """A frame and the picture to show for it: `origin` is the picture's own frame, or None."""

    frame: int
    picture: VideoFrame | None
    origin: int | None
    problem: str = ""


def verdicts_by_group(url: str, cut: Cut, key: int | None, kept: Kept) -> Iterator[Verdict]:
    """As `verdicts`, but beginning anew at the first key after damage."""
    starts = {cut.group_start(later): later for later in cut.keys if key is None or later > key}
    while True:
        again = None
        damaged = False
        with closing(verdicts(url, cut, key, kept)) as found:
            for verdict in found:
                if damaged and verdict.frame in starts:
                    again = starts.pop(verdict.frame)
                    break
                damaged = damaged or bool(verdict.problem)
                yield verdict
        if again is None:
            return
        key = again


def conceal(found: Iterable[Verdict]) -> Iterator[Shown]:
    """The picture for each frame; None where no good one is near enough."""
    last: Shown | None = None
    frozen = False
    for verdict in found:
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
