"""What the encoder is told for each chunk."""

from __future__ import annotations

from dataclasses import replace

from excamera.encoder_settings import in_turn
from excamera.graph_command import example


def test_the_first_of_a_chain_takes_the_head_and_those_behind_it_the_links_in_turn() -> None:
    chunk = example().plan.chunks[0]
    taken = [in_turn(replace(chunk, position=at), "head", ("one", "other")) for at in range(5)]
    assert taken == ["head", "one", "other", "one", "other"]
