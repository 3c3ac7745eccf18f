"""How fast a thousand workers are invoked: boto3 in threads, against signed requests in one loop.

    python -m bench.invocations [--count N] [--delay SECONDS] [--rounds N]

The endpoint is a process of its own that takes every request and answers 202 after the delay, which
stands for the way to AWS and what Lambda does. No TLS. What is shown is the median of the rounds,
and the client's processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import boto3
from aiohttp import web
from botocore.config import Config

from bench.table import markdown
from excamera_lambda import aws
from excamera_lambda.launcher import Launcher
from excamera_lambda.retry import Verdict
from excamera_lambda.signing import Signer

FUNCTION = "excamera-worker"
PAYLOAD = b'{"worker": "' + b"x" * 3000 + b'"}'


def serve(delay: float, told: Connection) -> None:
    """The endpoint; says at which port it is."""

    async def run() -> None:
        async def invoke(request: web.Request) -> web.Response:
            await request.read()
            await asyncio.sleep(delay)
            return web.Response(status=202)

        application = web.Application()
        application.router.add_post("/{path:.*}", invoke)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def by_boto3(connections: int) -> Callable[[int], None]:
    """boto3's client in as many threads as it has connections."""
    config = Config(max_pool_connections=connections)
    client = boto3.Session(region_name="eu-central-1").client("lambda", config=config)

    def invoke(_: int) -> None:
        answer = client.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=PAYLOAD)
        assert answer["StatusCode"] == 202

    def run(count: int) -> None:
        with ThreadPoolExecutor(connections) as threads:
            list(threads.map(invoke, range(count)))

    return run


def by_loop(connections: int) -> Callable[[int], None]:
    """Ours."""
    session = aws.session("eu-central-1")
    signer = Signer(session, aws.client(session), FUNCTION)

    async def launch(count: int) -> None:
        signer.refresh()
        launcher = Launcher(signer.sign, connections=connections)
        launcher.open()
        answers = await asyncio.gather(*(launcher.invoke(PAYLOAD) for _ in range(count)))
        await launcher.close()
        assert all(answer.verdict is Verdict.TAKEN for answer in answers)

    return lambda count: asyncio.run(launch(count))


def measured(run: Callable[[int], None], count: int, rounds: int) -> tuple[float, float]:
    """Median seconds by the clock and of the processor. The first round warms up."""
    clock, processor = [], []
    for _ in range(rounds + 1):
        began, used = time.perf_counter(), time.process_time()
        run(count)
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return statistics.median(clock[1:]), statistics.median(processor[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--delay", type=float, default=0.05, help="of each answer (0.05)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(options.delay, there), daemon=True)
    server.start()
    os.environ |= {
        "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{here.recv()}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }
    contenders = {
        "boto3, 10 connections (its default)": by_boto3(10),
        "boto3, 64 connections": by_boto3(64),
        "boto3, 256 connections": by_boto3(256),
        "signed, one event loop, 64 connections": by_loop(64),
        "signed, one event loop, 256 connections": by_loop(256),
    }
    rows = []
    for name, run in contenders.items():
        clock, processor = measured(run, options.count, options.rounds)
        rows.append(
            [name, f"{clock:.2f} s", f"{options.count / clock:.0f}/s", f"{processor:.2f} s"]
        )
    title = f"{options.count} invocations, each answered after {options.delay * 1000:.0f} ms"
    print(markdown(title, ["client", "time", "rate", "processor"], rows))
    server.terminate()


if __name__ == "__main__":
    main()
