"""What goes over the wire: the protocols of mu and the rendezvous, and how their ends trust.

The messages are in `mu.proto` and `rendezvous.proto` beside this file; `proto/generate.py` turns
them into `mu_pb2`, `mu_pb2_grpc`, `rendezvous_pb2` and `rendezvous_pb2_grpc`, which are build
products and not kept in git. `credentials` issues and reads certificates; `channels` holds the
settings that both ends of a connection must agree on; `shards` says which rendezvous carries what.
"""

from typing import Final

PROTOCOL_VERSION: Final = 3
"""Of `mu.proto`. A worker says it in its Hello; a coordinator refuses any other number."""

__all__ = ["PROTOCOL_VERSION"]
