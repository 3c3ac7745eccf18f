"""The machine of a chunk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from excamera.cli import main
from excamera.encoder_settings import HEAD, LINKS
from excamera.graph_command import example
from mu import Receive, Run, Send, compiled
from mu.table import CallState


def commands(machine) -> list[object]:
    return [state.command for state in compiled(machine) if isinstance(state, CallState)]


def test_each_chunk_sends_its_state_to_the_next_of_its_chain_and_the_last_to_nobody() -> None:
    pipeline = example()
    recipients = [
        [c.recipient for c in commands(pipeline.chunk_machine(chunk)) if isinstance(c, Send)]
        for chunk in pipeline.plan.chunks
    ]
    assert recipients == [["chunk-000001"], ["chunk-000002"], []]


def test_each_chunk_but_the_first_of_a_chain_receives_under_its_own_name() -> None:
    pipeline = example()
    for task, chunk in zip(pipeline.tasks(), pipeline.plan.chunks, strict=True):
        received = [c for c in commands(task.machine) if isinstance(c, Receive)]
        assert [c.recipient for c in received] == ([] if chunk.begins_chain else [chunk.name])
        assert len(task.needs) == len(received)


def test_the_encoder_gets_the_settings_of_the_chunks_place_in_its_chain() -> None:
    pipeline = example()
    for chunk, settings in zip(pipeline.plan.chunks, (HEAD, *LINKS), strict=True):
        (encode,) = [
            command.argv
            for command in commands(pipeline.chunk_machine(chunk))
            if isinstance(command, Run) and command.argv[:2] == ("xc", "encode")
        ]
        assert encode[-len(settings) :] == settings
        assert encode[-len(settings) - 2] == "--cq-level"


def test_the_names_of_states_do_not_grow_with_the_job() -> None:
    pipeline = example()
    names = {
        name
        for task in pipeline.tasks()
        for machine in (task.machine, task.restore)
        if machine is not None
        for name in compiled(machine).names
    }
    assert len(names) < 20


def test_a_program_may_take_longer_when_pictures_are_larger() -> None:
    small = example()
    picture = replace(small.index.picture, width=7680, height=4320)
    large = replace(small, index=replace(small.index, picture=picture))

    def longest(pipeline) -> float:
        ran = commands(pipeline.chunk_machine(pipeline.plan.chunks[0]))
        return max(c.timeout for c in ran if isinstance(c, Run))

    assert longest(large) > longest(small)


@pytest.mark.parametrize("machine", ["scenes", "first", "rebased", "restore"])
@pytest.mark.parametrize(("form", "begins"), [("mermaid", "flowchart"), ("dot", "digraph")])
def test_graph_draws_every_machine(capsys, machine: str, form: str, begins: str) -> None:
    assert main(["graph", machine, "--format", form]) == 0
    assert capsys.readouterr().out.startswith(begins)
