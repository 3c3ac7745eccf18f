"""Decodes what a cut asks for, and accounts for every frame on the way: see `reading`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import takewhile

from av.error import FFmpegError

from excamera_media.cut import Cut
from excamera_media.kept import Kept
from excamera_media.reading import Reading, Verdict


def verdicts(
    url: str, cut: Cut, key: int | None, kept: Kept, *, lean: bool = False
) -> Generator[Verdict, None, None]:
    """One verdict a frame, from the first that is shown at or after `key` to the cut's last.

    `key` is one of the cut's, or None to begin at the source's first byte. With `lean`, there are
    no verdicts on frames before the first wanted one that nothing depends on: they are not decoded.
    """
    return _followed(Reading(url, cut, key, lean=lean), cut, kept)


def going_on(url: str, cut: Cut, kept: Kept, *, lean: bool) -> Iterator[Verdict]:
    """The same from where the reading that was kept stands, up to the first frame with a problem:
    what the decoder makes of a damaged source depends on where it began. None if it does not lead
    to the cut."""
    reading = kept.take()
    if reading is None:
        return
    with ExitStack() as unused:
        unused.callback(reading.close)
        if not reading.leads_to(url, cut, lean=lean):
            return
        reading.go_on(cut)
        unused.pop_all()
    with suppress(FFmpegError), closing(_followed(reading, cut, kept)) as found:
        yield from takewhile(lambda verdict: not verdict.problem, found)


def _followed(reading: Reading, cut: Cut, kept: Kept) -> Generator[Verdict, None, None]:
    """Its verdicts. It is kept if all of them were asked for and none told of a problem."""
    sound = True
    with ExitStack() as unless_kept:
        unless_kept.callback(reading.close)
        for verdict in reading.verdicts(cut):
            sound = sound and not verdict.problem
            yield verdict
        if sound:
            unless_kept.pop_all()
            reading.rest()
            kept.put(reading)
