"""A machine drawn from its table, as Mermaid or as DOT. Pure.

Calls are boxes, waits are rounded, choices are diamonds; what a call does is written under its
name. Failing is not drawn: every call may lead to `failed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mu.commands import Echo, Get, Receive, Retrieve, Run, Send, Set, Upload
from mu.table import (
    DONE,
    CallState,
    ChoiceState,
    CommandSource,
    CountState,
    ForkState,
    JoinState,
    PublishState,
    State,
    Table,
    WaitState,
    successors,
)

MERMAID_SHAPES = {
    CallState: ("[", "]"),
    WaitState: ("([", "])"),
    PublishState: (">", "]"),
    ChoiceState: ("{", "}"),
    CountState: ("{", "}"),
    ForkState: ("[[", "]]"),
    JoinState: ("[[", "]]"),
}
DOT_SHAPES = {
    CallState: "box",
    WaitState: "oval",
    PublishState: "cds",
    ChoiceState: "diamond",
    CountState: "diamond",
    ForkState: "triangle",
    JoinState: "invtriangle",
}
WORDS_OF_ARGV = 2


def mermaid(table: Table) -> str:
    """A flowchart in Mermaid's language."""
    identifiers = _identifiers(table)
    lines = ["flowchart TD", "  start((start))", f"  {identifiers[DONE]}((done))"]
    for state in table:
        left, right = MERMAID_SHAPES[type(state)]
        text = "<br>".join(_mermaid_text(line) for line in _lines(state))
        lines.append(f'  {identifiers[state.name]}{left}"{text}"{right}')
    lines.append(f"  start --> {identifiers[table.start]}")
    for source, label, target in _edges(table):
        arrow = f"-->|{label}|" if label else "-->"
        lines.append(f"  {identifiers[source]} {arrow} {identifiers[target]}")
    return "\n".join(lines) + "\n"


def dot(table: Table) -> str:
    """A directed graph in Graphviz's language."""
    lines = ["digraph machine {", '  node [fontname="sans-serif"];', "  start [shape=circle];"]
    lines.append("  done [shape=doublecircle];")
    for state in table:
        text = "\\n".join(_dot_text(line) for line in _lines(state))
        lines.append(
            f'  "{_dot_text(state.name)}" [shape={DOT_SHAPES[type(state)]}, label="{text}"];'
        )
    lines.append(f'  start -> "{_dot_text(table.start)}";')
    for source, label, target in _edges(table):
        lines.append(f'  "{_dot_text(source)}" -> "{_dot_text(target)}" [label="{label}"];')
    return "\n".join([*lines, "}"]) + "\n"


def _identifiers(table: Table) -> dict[str, str]:
    return {name: f"s{number}" for number, name in enumerate([*table.states, DONE])}


def _edges(table: Table) -> Iterator[tuple[str, str, str]]:
    for state in table:
        match state:
            case ChoiceState(then=then, otherwise=otherwise):
                yield state.name, "yes", then
                yield state.name, "no", otherwise
            case CountState(then=then, body=body, times=times):
                yield state.name, f"{times} times", body
                yield state.name, "then", then
            case _:
                for after in successors(state):
                    yield state.name, "", after


def _lines(state: State) -> list[str]:
    match state:
        case CallState(name=name, command=command):
            return [name, summary(command)]
        case ChoiceState(label=label, name=name):
            return [label or name]
        case PublishState(fact=fact):
            return [f"publish {fact}"]
        case _:
            return [state.name]


def summary(command: CommandSource) -> str:
    """A command in a few words."""
    match command:
        case Run(argv):
            return "run " + " ".join(argv[:WORDS_OF_ARGV])
        case Retrieve(file=file):
            return f"retrieve {file}"
        case Upload(file):
            return f"upload {file}"
        case Send(_, recipient, name):
            return f"send {name} to {recipient}"
        case Receive(name=name):
            return f"receive {name}"
        case Set(name) | Get(name):
            return f"{type(command).__name__.lower()} {name}"
        case Echo():
            return "echo"
        case _:
            return "(made from memory)"


def _mermaid_text(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
