"""The rendezvous: store and forward between workers that cannot accept connections.

A message is put into a mailbox, addressed by (job, recipient, name), and got from there, before or
after or while it arrives. What that means is in mailbox.py, which is pure; storage.py adds waiting
and the disk; service.py speaks gRPC; server.py is the whole.

What it does not do: keep anything over its own death. A state that is gone is made again by a
worker that decodes its chain's finished chunks (docs/design.md, "Why there are no checkpoints").
"""

from excamera_rendezvous.server import Rendezvous
from excamera_rendezvous.settings import Settings, SettingsError
from excamera_rendezvous.tls import CredentialFiles

__all__ = ["CredentialFiles", "Rendezvous", "Settings", "SettingsError"]
