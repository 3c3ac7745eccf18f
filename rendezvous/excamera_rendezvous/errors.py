"""Why a put or a get is refused.

::

    RendezvousError
    ├── Conflict         other bytes are, or are arriving, under that address
    ├── JobDropped       the job has ended and its mailboxes are gone
    ├── JobFull          the job's messages would exceed its limit
    ├── Malformed        the request is not what the protocol says
    ├── Damaged          the bytes do not have the digest that their sender gave
    ├── TakenBack        what had come of the message is void; begin again, reading or writing
    ├── Full             there is no room in memory and on disk, and none has been made for long
    ├── SpillFailed      memory is full, and the disk does not take more
    ├── Stalled          nothing more of the message came for too long
    ├── Stopping         this rendezvous is going; ask again, and reach its successor
    ├── Unidentified     the peer has no certificate of ours
    └── NotAllowed       the peer's certificate is for another job or role
"""


class RendezvousError(Exception):
    """A request that cannot be served. The message says why, and what to do."""


class Conflict(RendezvousError):
    """Other bytes are there already."""


class JobDropped(RendezvousError):
    """The job was dropped; nothing of it is kept or taken any more."""


class JobFull(RendezvousError):
    """The job's messages would take more than one job may; trying again does not help."""


class Malformed(RendezvousError):
    """The request breaks the protocol."""


class Damaged(RendezvousError):
    """The digest that came with the message is not that of its bytes."""


class TakenBack(RendezvousError):
    """What has been read or proved of this message came from a put that came to nothing."""


class Full(RendezvousError):
    """All jobs together take what there is, and none lets go of anything; trying again may help."""


class SpillFailed(RendezvousError):
    """Memory is full and a part cannot be written to disk."""


class NotAllowed(RendezvousError):
    """This peer may not touch that job."""


class Stalled(RendezvousError):
    """A put stood still for too long."""


class Stopping(RendezvousError):
    """The rendezvous is being shut down."""


class Unidentified(RendezvousError):
    """The peer's certificate says nothing, or nothing that we know."""
