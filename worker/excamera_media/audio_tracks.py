"""What a container says of its audio tracks."""

from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer

from excamera_media.index import AudioTrack


def audio_tracks(container: InputContainer) -> tuple[AudioTrack, ...]:
    """All audio tracks for which there is a decoder, in the file's order."""
    tracks = []
    for stream in container.streams.audio:
        if not _decodable(stream):
            continue
        context = stream.codec_context
        tracks.append(
            AudioTrack(
                stream=stream.index,
                codec=context.codec.canonical_name,
                layout=context.layout.name,
                channels=context.channels,
                rate=context.sample_rate,
                start=float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0,
                language=stream.language or "",
                title=stream.metadata.get("title", ""),
                default=bool(stream.disposition & 1),
            )
        )
    return tuple(tracks)


def _decodable(stream: AudioStream) -> bool:
    context: AudioCodecContext | None = stream.codec_context  # None where there is no decoder
    return context is not None and context.sample_rate > 0
