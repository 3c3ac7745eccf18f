"""The pictures of a cut, as every reader of it sees them: damage is told, or concealed."""

from collections.abc import Iterator

from excamera_media.conceal import Shown, conceal, verdicts_by_group
from excamera_media.cut import Cut
from excamera_media.decode import going_on, verdicts
from excamera_media.errors import DamagedFrame
from excamera_media.kept import Kept
from excamera_media.reading import Verdict
from excamera_media.shortage import check_memory


def shown_frames(url: str, cut: Cut, kept: Kept, *, hide: bool) -> Iterator[Shown]:
    """Every frame of the cut in order, and some before it, with the picture to show for it. It goes
    on with what was kept of an earlier cut, where that leads to this one.

    `DamagedFrame` if one is bad and `hide` is off, MemoryError if it may only seem so.
    """
    next_one = 0
    for verdict in going_on(url, cut, kept, lean=not hide):
        next_one = verdict.frame + 1
        yield Shown(verdict.frame, verdict.picture, verdict.frame)
    if next_one < cut.end:
        yield from (one for one in _from_key(url, cut, kept, hide) if one.frame >= next_one)


def _from_key(url: str, cut: Cut, kept: Kept, hide: bool) -> Iterator[Shown]:
    if not hide:
        yield from _or_fail(cut, verdicts(url, cut, cut.key, kept, lean=True))
        return
    for shown in conceal(verdicts_by_group(url, cut, cut.key, kept)):
        if shown.frame == cut.first and shown.picture is None and _reaches_back(cut):
            break  # only what lies further back can tell what to show
        yield shown
    else:
        return
    yield from conceal(verdicts_by_group(url, cut, cut.keys[0], kept))


def _reaches_back(cut: Cut) -> bool:
    return cut.key is not None and cut.key != cut.keys[0]


def _or_fail(cut: Cut, found: Iterator[Verdict]) -> Iterator[Shown]:
    for verdict in found:
        if verdict.problem:
            check_memory()
            raise DamagedFrame(verdict.frame, cut.seconds(verdict.frame), verdict.problem)
        yield Shown(verdict.frame, verdict.picture, verdict.frame)
