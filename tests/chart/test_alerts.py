"""Alerts and dashboard, as promtool sees them: they parse, and the alerts fire when they should.

That each query finds data is shown beside a job: tests/controller/node/test_prometheus.py.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cluster.cluster import Object, run
from tests.observability.dashboard import RULES, alerts, queries
from tests.tiers import CLUSTER_BIN, ROOT

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(
        not (shutil.which("promtool") or shutil.which("promtool", path=CLUSTER_BIN)),
        reason="no promtool; `make cluster` unpacks it",
    ),
]

SCRAPED = 'namespace="v",pod="r-0"'
# Metrics of a working installation: each is (series, values at every minute).
QUIET = {
    f'excamera_build_info{{component="operator",{SCRAPED}}}': "1x30",
    f"excamera_reconcile_last_success_timestamp_seconds{{{SCRAPED}}}": "0+60x30",
    f"excamera_jobs_stalled{{{SCRAPED}}}": "0x30",
    f"excamera_attempts_total{{{SCRAPED}}}": "0+100x30",
    f'excamera_attempts_lost_total{{reason="OOMKilled",{SCRAPED}}}': "0+1x30",
    f"excamera_rendezvous_memory_bytes{{{SCRAPED}}}": "10x30",
    f"excamera_rendezvous_memory_limit_bytes{{{SCRAPED}}}": "100x30",
    f"excamera_rendezvous_spill_bytes{{{SCRAPED}}}": "10x30",
    f"excamera_rendezvous_spill_limit_bytes{{{SCRAPED}}}": "100x30",
}
# By alert: the metric that tells of its cause, what it then is, and the value in the summary.
CAUSES = {
    "ExcameraOperatorNotReconciling": ("last_success", "60x30", "24m 0s"),
    "ExcameraOperatorAbsent": ("build_info", "_x30", ""),
    "ExcameraJobStuck": ("stalled", "2x30", "2"),
    "ExcameraAttemptsLost": ("attempts_lost", "0+20x30", "20%"),
    "ExcameraRendezvousNearMemoryLimit": ("memory_bytes", "90x30", "90%"),
    "ExcameraRendezvousNearDiskLimit": ("spill_bytes", "90x30", "90%"),
}


def expressions() -> list[str]:
    """Of the dashboard, and of the runbooks' blocks of queries."""
    runbooks = (ROOT / "docs" / "operations.md").read_text()
    blocks = re.findall(r"^```promql\n(.*?)^```$", runbooks, re.MULTILINE | re.DOTALL)
    asked = [line for block in blocks for line in block.splitlines()]
    return [*(query.of(".*") for query in queries().values()), *asked]


def test_the_rules_are_sound() -> None:
    assert "SUCCESS" in run("promtool", "check", "rules", RULES)


def test_every_query_of_dashboard_and_runbooks_parses(tmp_path: Path) -> None:
    rules = [{"record": f"query_{n}", "expr": each} for n, each in enumerate(expressions())]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"SUCCESS: {len(rules)} rules found" in run("promtool", "check", "rules", file)


def test_queries_ask_for_no_label_that_grows() -> None:
    for each in [*expressions(), RULES.read_text()]:
        for labels in re.findall(r"by \(([^)]*)\)", each):
            allowed = {"phase", "state", "backend", "reason", "result", "le", "pod", "namespace"}
            assert set(labels.split(", ")) <= allowed


def test_every_alert_has_a_cause_here() -> None:
    assert set(CAUSES) == set(alerts())


@pytest.mark.parametrize("alert", [None, *CAUSES])
def test_an_alert_fires_for_its_cause_and_no_other(alert: str | None, tmp_path: Path) -> None:
    metric, values, _ = CAUSES[alert] if alert else ("", "", "")
    series = [
        {"series": name, "values": values if metric and metric in name else usual}
        for name, usual in QUIET.items()
    ]
    assert_fires(alert, series, tmp_path)


def test_a_few_attempts_lost_of_a_few_alert_nobody(tmp_path: Path) -> None:
    slowly = {"attempts_total": "0+1x30", "attempts_lost": "0+0.4x30"}
    series = [
        {"series": name, "values": next((v for part, v in slowly.items() if part in name), usual)}
        for name, usual in QUIET.items()
    ]
    assert_fires(None, series, tmp_path)


def assert_fires(alert: str | None, series: list[Object], folder: Path) -> None:
    """After 25 minutes of these series, this alert and no other."""
    cases = [
        {
            "eval_time": "25m",
            "alertname": name,
            "exp_alerts": [expected(name, rule)] if name == alert else [],
        }
        for name, rule in alerts().items()
    ]
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": cases}],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    run("promtool", "test", "rules", file)


def expected(name: str, rule: Object) -> Object:
    """The alert as it should be seen, with labels and value in the summary."""
    by = re.search(r"by \((.*?)\)", rule["expr"])
    known = {"namespace": "v", "pod": "r-0"}
    labels = {label: known[label] for label in by[1].split(", ")} if by else {}
    if "absent" in rule["expr"]:
        labels["component"] = "operator"
    summary = rule["annotations"]["summary"]
    for label, value in labels.items():
        summary = summary.replace(f"{{{{ $labels.{label} }}}}", value)
    summary = re.sub(r"{{ \$value.*?}}", CAUSES[name][2], summary)
    return {
        "exp_labels": rule["labels"] | labels,
        "exp_annotations": {**rule["annotations"], "summary": summary},
    }
