"""Jobs for the pictures in the README, on the test cluster, which must be up (`make cluster-up`).

    python -m tests.observability.demonstrate docs/dashboard.svg

Two jobs share the workers, a third joins them, one cannot be done, and workers are killed. The
dashboard is drawn while they run; then the example runs alone, and what `kubectl get encodejobs -w`
says of it is printed. Takes five minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.cluster import RUN, Cluster, run
from tests.controller.node.installation import BUCKET, Installation
from tests.local.clips import drawn
from tests.observability import prometheus
from tests.observability.picture import View, picture
from tests.observability.prometheus import Prometheus

NAMESPACE = "video"
SECONDS = 210.0
KILLS = (70.0, 130.0)


@contextmanager
def installation() -> Iterator[Installation]:
    """The chart with MinIO in a namespace of its own, with little room for messages."""
    cluster = Cluster(RUN / "admin.kubeconfig")
    cluster.install_crd()
    cluster.kubectl("create", "namespace", NAMESPACE)
    made = Installation(cluster, NAMESPACE)
    try:
        made.start_store()
        made.install("rendezvous.messageMemory=8Mi")
        yield made
    finally:
        made.kubectl("delete", "ej", "--all", "--timeout=90s")
        cluster.helm("uninstall", "excamera", "--namespace", NAMESPACE, "--wait")
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def several_jobs(installed: Installation, server: Prometheus, folder: Path) -> str:
    """Runs them and draws the dashboard over that time."""
    source = installed.put(drawn(folder / "moving.mp4", frames=600, size="640x360"))
    start = time.time()
    workers = {"backend": "Pod", "max": 4}
    plot = {
        10.0: lambda: installed.apply("first", source, workers=workers),
        25.0: lambda: installed.apply("second", source, workers=workers),
        60.0: lambda: installed.apply("missing", f"s3://{BUCKET}/nosuch.mp4"),
        90.0: lambda: installed.apply("third", source, workers=workers),
        **dict.fromkeys(KILLS, lambda: kill(installed)),
    }
    for moment, step in sorted(plot.items()):
        time.sleep(max(0.0, start + moment - time.time()))
        step()
    time.sleep(max(0.0, start + SECONDS - time.time()))
    made = picture(View(server, NAMESPACE, start, time.time()))
    installed.kubectl("delete", "ej", "--all", "--timeout=90s")
    return made


def kill(installed: Installation) -> None:
    for worker in installed.workers()[:2]:
        installed.kubectl("delete", worker, "--grace-period=0", "--force")


def the_example(installed: Installation) -> str:
    """What a person sees who waits for it."""
    name = "big-buck-bunny"
    watch = ("kubectl", f"--kubeconfig={installed.cluster.kubeconfig}", f"--namespace={NAMESPACE}")
    with tempfile.TemporaryFile("w+") as seen:
        installed.apply(
            name,
            f"s3://{BUCKET}/{name}.mp4",
            encoding={"chunkFrames": 6, "chainLength": 16},
            workers={"backend": "Pod", "max": 4},
        )
        command = (*watch, "get", "encodejobs", "--watch")
        with subprocess.Popen(command, stdout=seen) as watching:
            try:
                installed.succeeded(name, 360)
                time.sleep(2)
            finally:
                watching.terminate()
        seen.seek(0)
        return seen.read() + "\n" + run(*watch, "get", "encodejobs", "--output=wide")


def main() -> None:
    (output,) = map(Path, sys.argv[1:])
    with installation() as installed, tempfile.TemporaryDirectory() as folder:
        made = prometheus.monitoring(NAMESPACE)
        targets = prometheus.targets_of(made["ServiceMonitor"], installed.cluster)
        with prometheus.running(targets, made["PrometheusRule"], Path(folder)) as server:
            output.write_text(several_jobs(installed, server, Path(folder)))
        sys.stdout.write(the_example(installed))


if __name__ == "__main__":
    main()
