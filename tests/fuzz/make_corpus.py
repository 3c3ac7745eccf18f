"""Makes the seeds of the Python targets anew: `python -m tests.fuzz.make_corpus`.

One small and whole example of each kind of input, from which a fuzzer can go on.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from functools import cache

from excamera_media.cut import cut
from excamera_media.index import AudioTrack, Index, Picture
from excamera_media.manifest import ChunkFile, JoinManifest
from excamera_media.scenes import Scenes
from excamera_media.timeline import Timeline
from excamera_proto import mu_pb2 as mu
from excamera_proto import rendezvous_pb2 as rendezvous
from tests.fuzz.corpus import FOLDER
from tests.tiers import ROOT

Seeds = Mapping[str, bytes]


@cache
def seeds() -> dict[str, Seeds]:
    """By target and title."""
    return {
        "containers": _containers(),
        "coordinator": _coordinator(),
        "invitations": _invitations(),
        "mailboxes": _mailboxes(),
        "manifest": {"example": (ROOT / "examples" / "encodejob.yaml").read_bytes()},
        "names": _names(),
        "plans": _plans(),
    }


def _containers() -> Seeds:
    key, inter = bytes((0x10, 2, 0, 0x9D, 1, 0x2A, 16, 0, 16, 0)), bytes((0x11, 0, 0, 1))
    frames = b"".join(struct.pack("<IQ", len(one), 0) + one for one in (key, inter))
    ivf = struct.pack("<4sHH4sHHIIII", b"DKIF", 0, 32, b"VP80", 16, 16, 25, 1, 2, 0) + frames
    annex_b = b"\0\0\1\x09\x10\0\0\1\x06\x06\x01\xc0\x80\0\0\1\x41\x9a\0\0\1\x01\x9a"
    avc = b"\1\x64\0\x1f\xff\0\0\0\2\x09\x10\0\0\0\3\x65\x88\x84"
    index = struct.pack("<4sIII", b"00dc", 16, 4, 8)
    header = b"hdrlavih" + struct.pack("<I", 56) + bytes(12) + struct.pack("<I", 16) + bytes(40)
    lists = b"LIST" + struct.pack("<I", len(header)) + header
    body = b"AVI " + lists + b"idx1" + struct.pack("<I", len(index)) + index
    avi = b"RIFF" + struct.pack("<I", len(body)) + body
    return {"ivf": b"\0" + ivf, "annex-b": b"\1" + annex_b, "avc": b"\1" + avc, "avi": b"\2" + avi}


def _coordinator() -> Seeds:
    first = mu.Attempt(task="t0", number=1)
    ran = mu.Reply(attempt=first, id=2, ran=mu.Ran(exit_status=0, stdout="done"))
    value = mu.Reply(attempt=first, id=1, value=mu.Value(text="0"))
    journal = mu.Journal(attempt=first, replies=[value])
    hello = mu.Hello(protocol=1, job="job", worker="w", backend="local", journals=[journal])
    failure = mu.Failure(kind=mu.Failure.NOT_FOUND, message="no executable")
    lost = mu.Reply(attempt=mu.Attempt(task="t1", number=1), id=1, failure=failure)
    progress = mu.Progress(attempt=first, id=1, line="frame 3")
    goodbye = mu.Goodbye(reason="SIGTERM")
    beat = mu.Heartbeat(seconds_left=1.5)
    return {
        "work": _records((0, mu.FromWorker(reply=value)), (0, mu.FromWorker(reply=ran))),
        "back": _records((0, mu.FromWorker(hello=hello)), (0, mu.FromWorker(reply=ran))),
        "both": _records((0, mu.FromWorker(heartbeat=beat)), (1, mu.FromWorker(reply=lost))),
        "leave": _records(
            (1, mu.FromWorker(progress=progress)), (1, mu.FromWorker(goodbye=goodbye))
        ),
    }


def _records(*said: tuple[int, mu.FromWorker]) -> bytes:
    """As `targets.coordinator` takes them."""
    return b"".join(
        bytes((who,)) + message.ByteSize().to_bytes(2) + message.SerializeToString()
        for who, message in said
    )


def _invitations() -> Seeds:
    pem = "-----BEGIN X-----c2VjcmV0IGtleQ"
    values = {
        "coordinator": "coordinator.example:7000",
        "job": "job-7",
        "backend": "pod",
        "tls": {"authority": pem, "certificate": pem, "key": pem},
        "worker": "worker-1",
        "rendezvous": "[::1]:7001",
        "seconds": 900,
    }
    body = json.dumps(values).encode()
    head = f"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
    return {"whole": body, "request": head.encode() + body}


def _mailboxes() -> Seeds:
    box = rendezvous.Mailbox(job="job", recipient="chunk-000001", name="state")
    return {
        "first": rendezvous.PutPart(mailbox=box, data=b"state").SerializeToString(),
        "data": rendezvous.PutPart(data=b"x" * 200).SerializeToString(),
        "last": rendezvous.PutPart(digest="00" * 32).SerializeToString(),
        "get": rendezvous.GetRequest(mailbox=box).SerializeToString(),
        "drop": rendezvous.DropRequest(job="job", recipient="r").SerializeToString(),
    }


def _names() -> Seeds:
    texts = {
        "key": "videos/film.webm",
        "s3": "s3://videos/film.webm",
        "file": "file:///videos/a%20film.webm",
        "worker": "excamera://job/job-7/worker",
        "role": "excamera://operator",
        "climbing": "videos/../../etc/passwd",
        "option": "-o/etc/passwd",
    }
    return {title: text.encode() for title, text in texts.items()}


def _plans() -> Seeds:
    picture = Picture(640, 360, 640, 360, "yuv420p", 8)
    track = AudioTrack(1, "aac", "stereo", 2, 48000, 0.0)
    index = Index(
        container="mov",
        codec="h264",
        stream=0,
        picture=picture,
        time_base=(1, 12800),
        rate=(25, 1),
        access="seek",
        timeline=Timeline(tuple(range(0, 6144, 512))),
        end=6144,
        keys=(0, 3072),
        audio=(track,),
        title="film",
        source=(1234, "etag"),
    )
    chunks = (ChunkFile("s3://b/k/chunk-000000.ivf", 0, 6), ChunkFile("s3://b/k/1.ivf", 6, 6))
    manifest = JoinManifest("s3://b/film.mp4", "s3://b/k/index.json", chunks)
    figures = json.dumps({"frame_count": 6, "mean": {"ssim": 0.97, "psnr": 40.5}})
    extraction = json.dumps({"concealed": [[3, 2], [4, None]]})
    return {
        "index": b"\0" + index.to_json().encode(),
        "cut": b"\1" + cut(index, 7, 3).to_json().encode(),
        "manifest": b"\2" + manifest.to_json().encode(),
        "figures": b"\3" + f"{figures}\n{extraction}".encode(),
        "scenes": b"\4" + Scenes(10, 20, (12, 29)).to_json().encode(),
    }


def main() -> None:
    for name, made in seeds().items():
        folder = FOLDER / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        for title, data in made.items():
            (folder / f"seed-{title}").write_bytes(data)


if __name__ == "__main__":
    main()
