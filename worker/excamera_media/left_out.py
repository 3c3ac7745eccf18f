"""What a source has that the output will not have, or not as one might expect, in words."""

from collections.abc import Iterator

from av.container import InputContainer
from av.video.frame import VideoFrame

from excamera_media.index import Picture
from excamera_media.source import films

HDR = {16: "PQ", 18: "HLG"}
"""Transfer characteristics of ITU-T H.273, as they are called."""

ALWAYS_WITH_ALPHA = ("gif",)
"""Codecs that decode to pictures with alpha, whether they use it or not."""


def of_pictures(first: VideoFrame, picture: Picture, codec: str) -> Iterator[str]:
    """What becomes of pictures such as the first one, besides smaller ones."""
    if picture.interlaced:
        yield "the video is interlaced; its fields are encoded interleaved, as they are"
    alpha = any(component.is_alpha for component in first.format.components)
    if alpha and codec not in ALWAYS_WITH_ALPHA:
        yield "the video has an alpha channel, which is left out"
    if name := HDR.get(picture.colour.transfer):
        yield f"the video is HDR ({name}); it is encoded with 8 bits, and not tone-mapped"


def of_tracks(container: InputContainer, sounds: int) -> Iterator[str]:
    """Tracks that nobody will find in the output. sounds: how many of sound can be decoded."""
    streams = container.streams
    for count, what, why in (
        (len(films(container)) - 1, "further video track", ""),
        (len(streams.audio) - sounds, "sound track", ": there is no decoder"),
        (len(streams.subtitles), "subtitle track", ""),
    ):
        if count > 0:
            yield f"{count} {what}{'s are' if count > 1 else ' is'} left out{why}"
