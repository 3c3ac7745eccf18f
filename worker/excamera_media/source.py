"""Opening a source, wherever it is, without letting it open anything else.

The file is read through the store's reader, and no protocol at all is allowed to the media
library: a playlist that names other files or hosts fails to open. Formats that find "video" in
text files or still pictures are refused for what they are.
"""

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from excamera_media.errors import NotAVideo, SourceChanged
from excamera_media.index import Identity
from excamera_media.source_file import SourceFile
from excamera_store import same_version, split_url

_BUFFER = 1 << 18
_PLAYLIST = b"#EXTM3U"
_STILLS = ("image2", "alias_pix", "brender_pix")
_NOT_FILMS = ("tty", "hls", "dash", "concat", "sdp", "rtsp", "lavfi")


def identity(url: str) -> Identity:
    """What the source at `url` is now."""
    store, key = split_url(url)
    found = store.stat(key)
    return found.size, found.etag


def is_still(url: str, expected: Identity) -> bool:
    """Whether the source at `url` is this one now."""
    size, etag = identity(url)
    return size == expected[0] and same_version(etag, expected[1])


def open_source(
    url: str, expected: Identity | None = None, file: SourceFile | None = None
) -> InputContainer:
    """The opened container; `NotAVideo` if it is none, a `StoreError` if it cannot be read.

    `SourceChanged` if it is not `expected`, where that is known. file: to read it through.
    """
    if expected is not None and not is_still(url, expected):
        raise SourceChanged(url)
    file = file or SourceFile(url)
    file.open()
    file.seek(0)
    head = file.read(len(_PLAYLIST))
    if not head:
        raise NotAVideo(f"{url}: the file is empty")
    if head == _PLAYLIST:  # the library would wait for one to grow
        raise NotAVideo(f"{url}: not a video, but a playlist; name the film itself")
    file.seek(0)
    try:
        container = av.open(
            file,
            "r",
            options={"protocol_whitelist": "none"},
            buffer_size=_BUFFER,
            metadata_errors="replace",
        )
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        raise NotAVideo(f"{url}: {_why_not(url)}") from error
    except (av.error.FFmpegError, ValueError) as error:
        raise NotAVideo(f"{url}: not a video that can be opened ({error})") from error
    name = container.format.name
    if name in _STILLS or name.endswith("_pipe"):
        container.close()
        raise NotAVideo(f"{url}: a still picture, not a video")
    if name in _NOT_FILMS:
        container.close()
        raise NotAVideo(f"{url}: not a video, but {container.format.long_name or name}")
    return container


def video_stream(container: InputContainer, url: str) -> VideoStream:
    """The best video track, or `NotAVideo`. Cover pictures of music do not count."""
    tracks = films(container)
    if not tracks:
        raise NotAVideo(f"{url}: it has no video track (format {container.format.name})")
    best = container.streams.best("video")
    chosen = best if isinstance(best, VideoStream) and best in tracks else tracks[0]
    if chosen.codec_context is None:
        raise NotAVideo(f"{url}: there is no decoder for its video track")
    return chosen


def films(container: InputContainer) -> list[VideoStream]:
    """Its video tracks that are more than pictures of something else."""
    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    return [track for track in container.streams.video if not track.disposition & covers]


def _why_not(url: str) -> str:
    store, key = split_url(url)
    with store.open(key) as file:
        head = file.read(12)
    if head[4:8] in (b"ftyp", b"mdat", b"wide", b"free"):
        return "an MP4 or MOV file that was cut off or damaged (its index, moov, is missing)"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "a Matroska or WebM file that was cut off or damaged"
    return "not a video (no known container format)"
