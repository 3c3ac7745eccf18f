"""What Prometheus is told of runs."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from mu import observer as seen
from mu.metrics import Metrics
from mu.task import Attempt

FIRST = Attempt("task-0000001", 1)


def test_workers_are_counted_once_each_in_the_state_of_their_machine():
    registry = CollectorRegistry()
    run = Metrics(registry).of_run()

    def workers(state):
        return registry.get_sample_value("mu_workers", {"state": state, "backend": "local"})

    run.observe(seen.WorkerJoined("w", 1, "local", 0.4))
    assert workers("idle") == 1
    run.observe(seen.AttemptStarted(FIRST, "chunk", "w", "local"))
    run.observe(seen.StateEntered(FIRST, "w", "local", "encoding"))
    assert (workers("idle"), workers("encoding")) == (0, 1)
    run.observe(seen.AttemptEnded(FIRST, "chunk", "w", "local", "done"))
    assert (workers("idle"), workers("encoding")) == (1, 0)
    run.observe(seen.WorkerLeft("w", "local", "quit", False))
    run.observe(seen.JobEnded())
    assert workers("idle") == 0


def test_lost_attempts_are_counted_by_reason_and_stages_timed_by_state():
    registry = CollectorRegistry()
    run = Metrics(registry).of_run()
    run.observe(seen.AttemptStarted(FIRST, "chunk", "w", "local"))
    run.observe(seen.AttemptEnded(FIRST, "chunk", "w", "local", "killed", "", True))
    run.observe(seen.TaskDone("task", FIRST, "chunk", {}, {"encoding": 1.5, "done": 0.001}))
    value = registry.get_sample_value
    assert value("mu_attempts_lost_total", {"reason": "killed"}) == 1
    assert value("mu_attempts_running", {"stage": "chunk"}) == 0
    assert value("mu_state_seconds_sum", {"state": "encoding"}) == 1.5
    assert value("mu_state_seconds_sum", {"state": "done"}) is None
    assert value("mu_tasks_total", {"stage": "chunk", "outcome": "done"}) == 1


def test_no_label_names_a_task_a_job_or_a_worker():
    registry = CollectorRegistry()
    run = Metrics(registry).of_run()
    run.observe(seen.WorkerJoined("worker-77", 1, "local", 0.4))
    run.observe(seen.AttemptStarted(FIRST, "chunk", "worker-77", "local"))
    run.observe(seen.StateEntered(FIRST, "worker-77", "local", "encoding"))
    run.observe(seen.AttemptEnded(FIRST, "chunk", "worker-77", "local", "done"))
    run.observe(seen.TaskDone("task-0000001", FIRST, "chunk", {}, {"encoding": 1.5}))
    text = generate_latest(registry).decode()
    assert "task-0000001" not in text
    assert "worker-77" not in text
