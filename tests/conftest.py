"""Tiers (see tiers.py): what cannot run here is left out and named at the end; and house settings.

pytest --tier unit --tier local     only these
"""

import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

import hypothesis
import pytest

from tests.tiers import CLUSTER_BIN, FIXTURES, ROOT, TIERS

# The console scripts and xc of this very environment, for tests that start programs.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ.setdefault("EXCAMERA_CLUSTER_BIN", str(CLUSTER_BIN))

# A deadline per example says more about the machine than about the code. A failure prints the
# decorator that repeats it.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

TIER = pytest.StashKey[str]()
CHOSEN = pytest.StashKey["Choice"]()


class Choice:
    """Which tiers run, which do not and why, and what each one cost."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked
        self.reasons = {
            name: reason for name, tier in TIERS.items() if (reason := tier.missing()) is not None
        }
        self.left_out: Counter[str] = Counter()
        self.tier_of: dict[str, str] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def runs(self, tier: str) -> bool:
        return tier not in self.reasons and (not self.asked or tier in self.asked)

    def why_not(self, tier: str) -> str:
        if self.asked and tier not in self.asked:
            return "not asked for by --tier"
        return f"{self.reasons[tier]} ({TIERS[tier].remedy})"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--tier", action="append", default=[], choices=list(TIERS), help="run only this tier"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tier(name): the tier of tests/tiers.py that it belongs to")
    config.stash[CHOSEN] = Choice(config.getoption("--tier"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    choice = config.stash[CHOSEN]
    kept, dropped = [], []
    for item in items:
        tier = choice.tier_of[item.nodeid] = tier_of(item)
        if choice.runs(tier):
            kept.append(item)
        else:
            dropped.append(item)
            choice.left_out[tier] += 1
    for tier in choice.left_out:
        if TIERS[tier].required and tier in choice.reasons and os.environ.get("CI"):
            raise pytest.UsageError(f"CI has to run tier {tier}: {choice.why_not(tier)}")
    # Cheap tiers first: who breaks something simple should not wait for a cluster to say so.
    kept.sort(key=lambda item: list(TIERS).index(choice.tier_of[item.nodeid]))
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


def tier_of(item: pytest.Item) -> str:
    if marker := item.get_closest_marker("tier"):
        (name,) = marker.args
        if name not in TIERS:
            raise pytest.UsageError(f"{item.nodeid}: no tier called {name!r} in tests/tiers.py")
        return str(name)
    parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
    for fixture, name in FIXTURES.items():
        if fixture in getattr(item, "fixturenames", ()) or fixture in map(str, parameters):
            return name
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return folder if folder in TIERS else "unit"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    choice = item.config.stash[CHOSEN]
    choice.seconds[choice.tier_of[item.nodeid]] += call.duration
    return (yield)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    choice = config.stash[CHOSEN]
    if not choice.tier_of:
        return
    terminalreporter.section("tiers")
    total = Counter(choice.tier_of.values())
    for name in TIERS:
        if ran := total[name] - choice.left_out[name]:
            line = f"tier {name}: {ran} tests in {choice.seconds[name]:.0f} s"
            terminalreporter.write_line(line)
        elif choice.left_out[name]:
            line = f"tier {name}: left out, {choice.left_out[name]} tests - {choice.why_not(name)}"
            terminalreporter.write_line(line, yellow=True)
