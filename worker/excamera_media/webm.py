"""WebM as bytes: the head of the file, with its cues in front of everything that they point to.

Matroska (RFC 9559) and the WebM guidelines. Times are milliseconds, as WebM wants them. The
clusters are written first, to a file of their own (`clusters.py`), for only then is it known where
they begin; the head made here goes before them. Nothing in it depends on when or where it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from excamera_media.ebml import element, length, name, real, text, unsigned
from excamera_media.index import Colour

APPLICATION = "excamera"
_POSITION_BYTES = 8
_UNKNOWN = 2


@dataclass(frozen=True)
class VideoTrack:
    """`frame_ns` is the frame duration if it is constant, otherwise 0."""

    width: int
    height: int
    sample_aspect: tuple[int, int]
    colour: Colour
    interlaced: bool
    frame_ns: int


@dataclass(frozen=True)
class OpusTrack:
    """`head` is the OpusHead packet (RFC 7845, 5.1)."""

    head: bytes
    channels: int
    delay_ns: int
    language: str
    title: str
    default: bool


@dataclass(frozen=True)
class Cue:
    """A key frame at `time` ms in the cluster that begins `offset` bytes into the clusters."""

    time: int
    offset: int


def head(
    video: VideoTrack,
    audio: Sequence[OpusTrack],
    cues: Sequence[Cue],
    *,
    title: str,
    duration: float,
    clusters_size: int,
) -> bytes:
    """Everything before the first cluster. `duration` in milliseconds."""
    info, tracks = _info(title, duration), _tracks(video, audio)
    seek_size = len(_seek_head(0, 0, 0))
    cues_at = seek_size + len(info) + len(tracks)
    clusters_at = cues_at + len(_cues(cues, 0))
    inside = b"".join(
        (
            _seek_head(seek_size, seek_size + len(info), cues_at),
            info,
            tracks,
            _cues(cues, clusters_at),
        )
    )
    segment = name(0x18538067) + length(len(inside) + clusters_size, 8)
    return _ebml_header() + segment + inside


def _ebml_header() -> bytes:
    return element(
        0x1A45DFA3,
        unsigned(0x4286, 1),  # EBMLVersion
        unsigned(0x42F7, 1),  # EBMLReadVersion
        unsigned(0x42F2, 4),  # EBMLMaxIDLength
        unsigned(0x42F3, 8),  # EBMLMaxSizeLength
        text(0x4282, "webm"),
        unsigned(0x4287, 4),  # DocTypeVersion
        unsigned(0x4285, 2),  # DocTypeReadVersion
    )


def _seek_head(info: int, tracks: int, cues: int) -> bytes:
    places = ((0x1549A966, info), (0x1654AE6B, tracks), (0x1C53BB6B, cues))
    return element(
        0x114D9B74,
        *(
            element(0x4DBB, element(0x53AB, name(what)), unsigned(0x53AC, at, _POSITION_BYTES))
            for what, at in places
        ),
    )


def _info(title: str, duration: float) -> bytes:
    return element(
        0x1549A966,
        unsigned(0x2AD7B1, 1_000_000),  # TimestampScale: milliseconds
        real(0x4489, duration),
        text(0x7BA9, title) if title else b"",
        text(0x4D80, APPLICATION),
        text(0x5741, APPLICATION),
    )


def _tracks(video: VideoTrack, audio: Sequence[OpusTrack]) -> bytes:
    entries = [_video_entry(video)]
    entries += [_audio_entry(number, track) for number, track in enumerate(audio, 2)]
    return element(0x1654AE6B, *entries)


def _entry(number: int, kind: int, codec: str, *contents: bytes) -> bytes:
    return element(
        0xAE,
        unsigned(0xD7, number),
        unsigned(0x73C5, number),  # TrackUID
        unsigned(0x83, kind),
        unsigned(0x9C, 0),  # FlagLacing
        text(0x86, codec),
        *contents,
    )


def _video_entry(track: VideoTrack) -> bytes:
    return _entry(
        1,
        1,
        "V_VP8",
        text(0x22B59C, "und"),
        unsigned(0x23E383, track.frame_ns) if track.frame_ns else b"",
        element(
            0xE0,
            unsigned(0xB0, track.width),
            unsigned(0xBA, track.height),
            _display_size(track),
            unsigned(0x9A, 1 if track.interlaced else 2),
            _colour(track.colour),
        ),
    )


def _display_size(track: VideoTrack) -> bytes:
    """Stretched, never shrunk, to square pixels; nothing if they are square already."""
    across, down = track.sample_aspect
    if across == down or across < 1 or down < 1:
        return b""
    width = round(track.width * across / down) if across > down else track.width
    height = round(track.height * down / across) if down > across else track.height
    return unsigned(0x54B0, width) + unsigned(0x54BA, height)


def _colour(colour: Colour) -> bytes:
    known = ((0x55B1, colour.matrix), (0x55BA, colour.transfer), (0x55BB, colour.primaries))
    return element(
        0x55B0,
        unsigned(0x55B2, 8),  # BitsPerChannel
        unsigned(0x55B9, 1),  # Range: limited
        *(unsigned(what, value) for what, value in known if value != _UNKNOWN),
    )


def _audio_entry(number: int, track: OpusTrack) -> bytes:
    return _entry(
        number,
        2,
        "A_OPUS",
        unsigned(0x88, track.default),
        text(0x22B59C, track.language or "und"),
        text(0x536E, track.title) if track.title else b"",
        element(0x63A2, track.head),
        unsigned(0x56AA, track.delay_ns),
        unsigned(0x56BB, 80_000_000),  # SeekPreRoll, as RFC 7845 has it
        element(0xE1, real(0xB5, 48000.0), unsigned(0x9F, track.channels)),
    )


def _cues(cues: Sequence[Cue], base: int) -> bytes:
    return element(
        0x1C53BB6B,
        *(
            element(
                0xBB,
                unsigned(0xB3, cue.time),
                element(
                    0xB7, unsigned(0xF7, 1), unsigned(0xF1, base + cue.offset, _POSITION_BYTES)
                ),
            )
            for cue in cues
        ),
    )
