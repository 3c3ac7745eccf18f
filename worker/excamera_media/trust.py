"""When may the packets of a file be taken for its frames? And is the file all there?"""

import re

from av.container import InputContainer
from av.video.stream import VideoStream

from excamera_media.packets import PacketTable

_CONTAINERS = frozenset(
    ("mov", "matroska", "webm", "mpegts", "ivf", "yuv4mpegpipe", "mxf", "flv", "nut", "gxf")
)
_INTER = "h264 hevc vvc vp8 vp9 av1 mpeg1video mpeg2video theora"
_INTRA = (
    "prores dnxhd cfhd mjpeg jpeg2000 png qtrle magicyuv ffv1 huffyuv ffvhuff utvideo "
    "v210 v308 v408 v410 rawvideo wrapped_avframe"
)
_CODECS = frozenset(f"{_INTER} {_INTRA}".split())
_SLACK = 0.25
_MORE_SLACK = 2.0
"""Seconds that may be missing from what is declared: of this track, or of whichever is longest."""
_PROGRESSIVE = (0, 1)  # AV_FIELD_UNKNOWN, AV_FIELD_PROGRESSIVE


def doubts(container: InputContainer, stream: VideoStream, table: PacketTable) -> str:
    """Why the packets may not be the frames; empty if there is no known reason."""
    codec = stream.codec_context.codec.canonical_name
    if not set(container.format.name.split(",")) & _CONTAINERS:
        return f"the format {container.format.name} does not time every frame"
    if codec not in _CODECS:
        return f"packets of the codec {codec} are not always one frame each"
    if codec == "h264" and stream.codec_context.field_order not in _PROGRESSIVE:
        return "interlaced H.264 may have two packets a frame"
    if table.untimed:
        return f"{table.untimed} packets have no timestamp"
    if len(set(table.shown)) != len(table.shown):
        return "several packets have the same timestamp"
    return ""


def missing_part(container: InputContainer, stream: VideoStream, table: PacketTable) -> str:
    """How a file that ends early shows it; empty if it does not."""
    if not table.packets:
        return "its video track holds no frames"
    if table.stopped:
        return f"reading stopped after {table.packets} video packets ({table.stopped})"
    if table.broken:
        return f"the file is damaged {table.broken}: part of its data is missing or unreadable"
    if "mov" in container.format.name.split(",") and table.packets < stream.frames:
        return f"the file is cut off: it holds {table.packets} of {stream.frames} video frames"
    if "matroska" in container.format.name and stream.time_base:
        end = float(sum(table.last) * stream.time_base)
        whole = _declared_seconds(container, stream)
        if end < whole:
            return f"the file is cut off: {end:.1f} of {whole:.1f} seconds of video are there"
    return ""


def _declared_seconds(container: InputContainer, stream: VideoStream) -> float:
    """How long Matroska says that the video is, at least; few writers say it of each track."""
    tag = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    if tag:
        return int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3]) - _SLACK
    return (container.duration or 0) / 1_000_000 * 0.98 - _MORE_SLACK
