"""The rules, as Prometheus's own tools read them: they parse, each alert fires on its fault and is silent beside it."""

import re
from pathlib import Path

import pytest
import yaml

from observability.source import __main__ as source
from observability.source import rules_files
from observability.source.alerts import ALERTS, CUSTOMERS, GROUPS
from observability.source.cases import CASES
from observability.source.durations import Scale
from tests.observability.programs import FOLDER, run

GIVEN = {
    "ServiceDown": ("1m", "critical"),
    "HighLatency": ("5m", "warning"),
    "HighErrorRate": ("5m", "critical"),
    "HighPaymentFailureRate": ("15m", "warning"),
    "DatabaseConnectionPoolExhausted": ("1m", "critical"),
}
"""The customer's rules: `for` and severity."""
NAMED = [
    "ServiceDown",
    "AvailabilityLow",
    "HighLatency",
    "VeryHighLatency",
    "HighErrorRate",
    "HighPaymentFailureRate",
    "PaymentSuccessLow",
    "DatabaseDown",
    "DatabaseConnectionPoolExhausted",
    "SlowQueries",
    "InvoiceGenerationSlow",
    "UsageIngestionSlow",
    "WebhookDeliveryLow",
    "OutboxStalled",
    "QueueBacklog",
    "BillingRunMissed",
    "BeatDown",
    "ReconciliationDifferences",
    "LedgerImbalance",
    "StripeErrors",
    "CertificateExpiring",
    "BackupTooOld",
    "ErrorBudgetBurnFast",
    "ErrorBudgetBurnSlow",
    "SyntheticProbeFailed",
    "RedisDown",
    "WorkerDown",
    "DeadLetters",
    "AuditChainBroken",
    "CostAboveTarget",
    "Watchdog",
    "ErrorRatePage",
    "LatencyPage",
    "PaymentGatewayDown",
]


def test_what_is_generated_is_what_lies_there() -> None:
    assert {name: (FOLDER / name).read_text() for name in source.generated()} == source.generated()


def test_every_alert_that_was_asked_for_is_there_once() -> None:
    names = [alert.name for alert in ALERTS]
    assert len(names) == len(set(names))
    assert set(NAMED) <= set(names)


@pytest.mark.fr("FR-153", "FR-154", "FR-155", "FR-156")
def test_the_customers_five_keep_their_names_waits_and_severities() -> None:
    group = yaml.safe_load((FOLDER / "alerting.yaml").read_text())["groups"][0]
    assert (group["name"], group["interval"]) == ("billing_platform", "30s")
    assert {rule["alert"]: (rule["for"], rule["labels"]["severity"]) for rule in group["rules"]} == GIVEN
    told = {"summary", "description", "runbook_url"}
    assert all(rule["annotations"].keys() == told for rule in group["rules"])


def test_a_mended_expression_says_what_was_given_and_why_it_differs() -> None:
    text = (FOLDER / "alerting.yaml").read_text()
    for alert in CUSTOMERS:
        assert bool(alert.given) is bool(alert.reason)
        if alert.given:
            assert f"# Given: {alert.given}\n" in text
        else:
            assert alert.name in ("ServiceDown", "DatabaseConnectionPoolExhausted")


def test_every_rule_parses() -> None:
    said = run("promtool", "check", "rules", "alerting.yaml", "recording.yaml")
    assert said.count("SUCCESS") == 2


def test_every_alert_has_a_history_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    assert {case.alert for case in CASES} == {alert.name for alert in ALERTS}
    assert [case.alert for case in CASES if not case.silent] == ["Watchdog"]


@pytest.mark.fr("FR-153", "FR-154", "FR-155", "FR-156")
def test_each_alert_fires_and_stays_silent_where_it_should() -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", "tests/alerting.yaml")


@pytest.mark.long
def test_those_that_take_an_hour_do_so_too() -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", "tests/hourly.yaml")


@pytest.mark.parametrize("factor", [1, 10, 20])
def test_a_drill_scales_every_duration_and_nothing_else(tmp_path: Path, factor: int) -> None:
    scale = Scale(factor)
    (tmp_path / "alerting.yaml").write_text(rules_files.alerting(scale))
    (tmp_path / "recording.yaml").write_text(rules_files.recording(scale))
    said = run("promtool", "check", "rules", "alerting.yaml", "recording.yaml", cwd=tmp_path)
    assert said.count("SUCCESS") == 2
    slow = yaml.safe_load((tmp_path / "alerting.yaml").read_text())
    waits = {rule["alert"]: rule["for"] for group in slow["groups"] for rule in group["rules"]}
    assert waits["HighLatency"] == {1: "5m", 10: "30000ms", 20: "15000ms"}[factor]


def test_no_duration_of_a_rule_escapes_the_scale() -> None:
    """A window that is written out would not shrink, and its alert would come late in a drill."""
    texts = [alert.expr + alert.wait for alert in ALERTS] + [interval for interval, _ in GROUPS.values()]
    assert [text for text in texts if re.search(r"\[\d+[smhd]\]", text)] == []
