"""The tables of rights in the chart's README are what the chart gives."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.chart.charts import CHART, has_helm, objects, render

pytestmark = pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")

HEADER = "| what | verbs | why |"


def documented(section: str) -> dict[str, set[str]]:
    """Verbs by resource. A row without a resource goes on with the one above."""
    text = (CHART / "README.md").read_text().split(f"## {section}\n")[1]
    rows = text.split(HEADER)[1].split("\n\n")[0].splitlines()[2:]
    rights: defaultdict[str, set[str]] = defaultdict(set)
    resource = ""
    for row in rows:
        what, verbs, why = (cell.strip() for cell in row.strip("|").split("|"))
        assert why, row
        resource = what.partition(" ")[0] or resource
        rights[resource] |= set(verbs.split(", "))
    return dict(rights)


OPERATOR, UNINSTALLING = "The operator's rights", "Uninstalling"
ONE = ("--set", "namespaces={videos}")


@pytest.mark.parametrize(
    ("section", "words", "kind", "name"),
    [
        (OPERATOR, (), "ClusterRole", "excamera-operator"),
        (OPERATOR, ONE, "Role", "excamera-operator-jobs"),
        (UNINSTALLING, (), "ClusterRole", "excamera-uninstall"),
        (UNINSTALLING, ONE, "Role", "excamera-uninstall-jobs"),
    ],
    ids=["operator", "operator in one", "uninstalling", "uninstalling in one"],
)
def test_every_verb_is_in_the_table_and_no_other(
    section: str, words: tuple[str, ...], kind: str, name: str
) -> None:
    found = objects(render(*words))
    (role,) = (one for one in found if (one["kind"], one["metadata"]["name"]) == (kind, name))
    given = {what: set(rule["verbs"]) for rule in role["rules"] for what in rule["resources"]}
    assert given == documented(section)
