"""The settings of connections that both ends must agree on, in one place.

Workers sit behind NAT gateways and load balancers that forget idle connections, and may vanish
without a word. So both ends ping, and servers permit pings far more often than grpc's default of
one in five minutes, which they would otherwise answer with GOAWAY. Messages may be larger than
grpc's 4 MiB, because a Hello carries the journals of all attempts that a worker holds.

Servers bound what a peer can hold without saying anything: the time of a handshake, the time of a
connection on which there is no call, and the number of calls on one connection.
"""

from __future__ import annotations

from typing import Final

import grpc

from excamera_proto.identity import Identity
from excamera_proto.tls import Credential, channel_credentials, server_credentials

MESSAGE_LIMIT: Final = 8 * 1024 * 1024
"""A few attempts of a dozen replies, each with the ends of two outputs, are below 5 MiB. What is
within the limit is taken apart before anybody can say what is wrong with it."""

PART_BYTES: Final = 1024 * 1024
"""The size of the parts in which a rendezvous's messages travel."""

KEEPALIVE_SECONDS: Final = 20
KEEPALIVE_TIMEOUT_SECONDS: Final = 10
PING_INTERVAL_PERMITTED_SECONDS: Final = 5
NAME_SECONDS: Final = 1
"""How soon a name is looked up again when nobody answers where it has led. Pods change addresses
when they are replaced; grpc would go on dialling the old one for 30 seconds."""

HANDSHAKE_SECONDS: Final = 10
IDLE_SECONDS: Final = 300
"""For a connection without calls: clients dial again when they have something to say."""
CALLS_AT_ONCE: Final = 256
"""On one connection; further ones wait at the client."""

_MESSAGES: Final = (
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
)
_KEEPALIVE: Final = (
    ("grpc.keepalive_time_ms", KEEPALIVE_SECONDS * 1000),
    ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_SECONDS * 1000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
)

Options = tuple[tuple[str, int | str], ...]


def server_options() -> Options:
    return (
        *_MESSAGES,
        *_KEEPALIVE,
        ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_PERMITTED_SECONDS * 1000),
        ("grpc.server_handshake_timeout_ms", int(HANDSHAKE_SECONDS * 1000)),
        ("grpc.max_connection_idle_ms", int(IDLE_SECONDS * 1000)),
        ("grpc.max_concurrent_streams", CALLS_AT_ONCE),
        # Two servers on one port would share the workers between them at random.
        ("grpc.so_reuseport", 0),
    )


def channel_options(server: Identity) -> Options:
    """For a channel to `server`, whatever the address at which it is reached."""
    if server.server_name is None:
        raise ValueError(f"a {server.role} serves nothing")
    return (
        *_MESSAGES,
        *_KEEPALIVE,
        ("grpc.ssl_target_name_override", server.server_name),
        ("grpc.default_authority", server.server_name),
        # A new channel is a new attempt to connect, not a share in an old one's back-off.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.dns_min_time_between_resolutions_ms", NAME_SECONDS * 1000),
        ("grpc.enable_http_proxy", 0),
    )


def server(credential: Credential, address: str) -> tuple[grpc.aio.Server, int]:
    """A server that is not yet started, and the port it has at `address` (`host:port`, 0: any).

    Raises OSError if the address cannot be had.
    """
    made = grpc.aio.server(options=server_options())
    try:
        port = made.add_secure_port(address, server_credentials(credential))
    except RuntimeError as error:
        raise OSError(f"cannot listen at {address}: {error}") from error
    if port == 0:
        raise OSError(f"cannot listen at {address}: the address is in use or not of this machine")
    return made, port


def channel(credential: Credential, address: str, server: Identity) -> grpc.aio.Channel:
    """A channel to the `server` (COORDINATOR, RENDEZVOUS …) at `address`, `host:port`."""
    return grpc.aio.secure_channel(
        address, channel_credentials(credential), options=channel_options(server)
    )
