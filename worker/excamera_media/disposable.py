"""Which packets a decoder may be spared, exactly.

On the way from a key to the frames that are wanted, pictures that nothing is predicted from need
not be decoded. H.264 marks them (``nal_ref_idc`` 0, ITU-T H.264 7.4.1), and B pictures of MPEG-1
and -2 are such. HEVC's mark is not enough: a picture of a higher temporal layer may be predicted
from one that has it (ITU-T H.265 3.140), so there nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable

from av.video.stream import VideoStream

from excamera_media import h264

_PREFIX = b"\x00\x00\x01"
_PICTURE = 0x00
_HEADERS = (0xB3, 0xB8)  # of a sequence, of a group
_B_PICTURE = 3

Test = Callable[[bytes], bool]


def disposable_test(stream: VideoStream) -> Test:
    """Whether no other frame depends on a packet; never true of codecs that do not tell."""
    codec = stream.codec_context.codec.canonical_name
    if codec == "h264":
        size = h264.length_size(stream.codec_context.extradata)
        return lambda packet: h264.disposable(packet, size)
    if codec in ("mpeg1video", "mpeg2video"):
        return mpeg_disposable
    return lambda packet: False


def mpeg_disposable(packet: bytes) -> bool:
    """ISO/IEC 13818-2 6.2.3: ``picture_coding_type`` follows ``temporal_reference``, 10 bits."""
    pictures = 0
    at = packet.find(_PREFIX)
    while at >= 0 and at + 5 < len(packet):
        code = packet[at + 3]
        if code in _HEADERS or (code == _PICTURE and packet[at + 5] >> 3 & 7 != _B_PICTURE):
            return False
        pictures += code == _PICTURE
        at = packet.find(_PREFIX, at + 3)
    return pictures > 0
