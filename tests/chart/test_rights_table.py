"""The table of the operator's rights in the chart's README is what the chart gives."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.chart.charts import CHART, has_helm, objects, render

pytestmark = pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it")

HEADER = "| what | verbs | why |"


def documented() -> dict[str, set[str]]:
    """Verbs by resource. A row without a resource goes on with the one above."""
    rows = (CHART / "README.md").read_text().split(HEADER)[1].split("\n\n")[0].splitlines()[2:]
    rights: defaultdict[str, set[str]] = defaultdict(set)
    resource = ""
    for row in rows:
        what, verbs, why = (cell.strip() for cell in row.strip("|").split("|"))
        assert why, row
        resource = what.partition(" ")[0] or resource
        rights[resource] |= set(verbs.split(", "))
    return dict(rights)


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ((), "ClusterRole", "excamera-operator"),
        (("--set", "namespaces={videos}"), "Role", "excamera-operator-jobs"),
    ],
    ids=["all namespaces", "one namespace"],
)
def test_every_verb_of_the_operator_is_in_the_table_and_no_other(
    words: tuple[str, ...], kind: str, name: str
) -> None:
    found = objects(render(*words))
    (role,) = (one for one in found if (one["kind"], one["metadata"]["name"]) == (kind, name))
    given = {what: set(rule["verbs"]) for rule in role["rules"] for what in rule["resources"]}
    assert given == documented()
