"""Alerts and dashboard, as promtool sees them: they parse, and the alerts fire when they should.

That each query finds data is shown on a running job, in the cluster's tests.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.chart.charts import CHART
from tests.cluster.cluster import run
from tests.tiers import CLUSTER_BIN

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(
        not (shutil.which("promtool") or shutil.which("promtool", path=CLUSTER_BIN)),
        reason="no promtool; `make cluster` unpacks it",
    ),
]

RULES = CHART / "rules" / "excamera.yaml"
DASHBOARD = json.loads((CHART / "dashboards" / "excamera.json").read_text())
# Metrics of a working installation: each is (series, values at every minute).
QUIET = {
    'excamera_build_info{component="operator"}': "1x30",
    "excamera_reconcile_last_success_timestamp_seconds": "0+60x30",
    "excamera_jobs_stalled": "0x30",
    "excamera_attempts_total": "0+100x30",
    'excamera_attempts_lost_total{reason="OOMKilled"}': "0+1x30",
    'excamera_rendezvous_memory_bytes{pod="r-0"}': "10x30",
    'excamera_rendezvous_memory_limit_bytes{pod="r-0"}': "100x30",
}


def expressions() -> list[str]:
    return [
        target["expr"].replace("$namespace", ".*")
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", [])
    ]


def test_the_rules_are_sound() -> None:
    assert "SUCCESS" in run("promtool", "check", "rules", RULES)


def test_every_query_of_the_dashboard_parses(tmp_path: Path) -> None:
    rules = [{"record": f"query_{n}", "expr": each} for n, each in enumerate(expressions())]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"SUCCESS: {len(rules)} rules found" in run("promtool", "check", "rules", file)


def test_queries_ask_for_no_label_that_grows() -> None:
    for each in [*expressions(), RULES.read_text()]:
        for labels in re.findall(r"by \(([^)]*)\)", each):
            allowed = {"phase", "state", "stage", "backend", "reason", "result", "le", "pod"}
            assert set(labels.split(", ")) <= allowed


@pytest.mark.parametrize(
    ("changed", "alert"),
    [
        ({}, None),
        (
            {"excamera_reconcile_last_success_timestamp_seconds": "60x30"},
            "ExcameraOperatorNotReconciling",
        ),
        ({'excamera_build_info{component="operator"}': "_x30"}, "ExcameraOperatorAbsent"),
        ({"excamera_jobs_stalled": "2x30"}, "ExcameraJobStuck"),
        (
            {'excamera_attempts_lost_total{reason="OOMKilled"}': "0+20x30"},
            "ExcameraAttemptsLost",
        ),
        (
            {'excamera_rendezvous_memory_bytes{pod="r-0"}': "90x30"},
            "ExcameraRendezvousNearMemoryLimit",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_alert_fires_for_its_cause_and_no_other(
    changed: dict[str, str], alert: str | None, tmp_path: Path
) -> None:
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    cases = []
    for rule in rules:
        case = {"eval_time": "25m", "alertname": rule["alert"], "exp_alerts": []}
        if rule["alert"] == alert:
            case["exp_alerts"] = [expected(rule)]
        cases.append(case)
    series = [{"series": name, "values": values} for name, values in (QUIET | changed).items()]
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": cases}],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    run("promtool", "test", "rules", file)


VALUES = {
    "ExcameraOperatorNotReconciling": "24m 0s",
    "ExcameraJobStuck": "2",
    "ExcameraAttemptsLost": "20%",
    "ExcameraRendezvousNearMemoryLimit": "90%",
}


def expected(rule: dict) -> dict:
    """The alert as it should be seen, with its value in the summary."""
    value = re.sub(r"{{.*?}}", VALUES.get(rule["alert"], ""), rule["annotations"]["summary"])
    labels = dict(rule["labels"])
    if "pod" in rule["expr"]:
        labels["pod"] = "r-0"
    if "absent" in rule["expr"]:
        labels["component"] = "operator"
    return {"exp_labels": labels, "exp_annotations": {**rule["annotations"], "summary": value}}
