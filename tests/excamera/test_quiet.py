"""What the libraries below write to standard error by themselves: nothing that is not wrong."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import asyncio
import excamera.entry
import grpc

CALLS = 20
OWN = [("grpc.use_local_subchannel_pool", 1)]
called = asyncio.Semaphore(0)

async def answers(request, context):
    called.release()
    await asyncio.sleep(60)

async def main():
    method = grpc.unary_unary_rpc_method_handler(answers)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("a", {"b": method}),))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    channels = [grpc.aio.insecure_channel(address, OWN) for _ in range(CALLS)]
    calls = [channel.unary_unary("/a/b")(b"") for channel in channels]
    for _ in calls:
        await called.acquire()
    await server.stop(0)
    print(*{await call.code() for call in calls})
    for channel in channels:
        await channel.close()

asyncio.run(main())
"""


def test_a_connection_that_its_server_ends_is_not_told_of_by_grpc_itself() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (0, "StatusCode.UNAVAILABLE\n"), ran.stderr
    assert "goaway" not in ran.stderr.lower()
