"""Who is told what: routes asked of amtool itself, files as Prometheus and Alertmanager read them."""

import pytest
import yaml

from observability.source.alerts import ALERTS
from tests.observability.programs import FOLDER, run

ROUTES = [
    ("critical", "production", "DatabaseConnectionPoolExhausted", "platform,production-page"),
    ("critical", "production", "ErrorRatePage", "platform,production-page"),
    ("warning", "production", "HighLatency", "platform,production-chat"),
    ("info", "production", "CostAboveTarget", "platform,production-mail"),
    ("info", "production", "Watchdog", "platform,dead-mans-switch"),
    ("critical", "staging", "ServiceDown", "platform,staging-chat"),
    ("info", "staging", "Watchdog", "platform,dead-mans-switch"),
]


def test_both_configurations_are_accepted() -> None:
    assert "SUCCESS" in run("amtool", "check-config", "alertmanager.yml")
    assert "SUCCESS" in run("promtool", "check", "config", "--syntax-only", "prometheus.yml")


@pytest.mark.parametrize(("severity", "environment", "alert", "receivers"), ROUTES)
def test_an_alert_goes_where_it_should(severity: str, environment: str, alert: str, receivers: str) -> None:
    labels = (f"severity={severity}", f"environment={environment}", f"alertname={alert}")
    run(
        "amtool",
        "config",
        "routes",
        "test",
        "--config.file=alertmanager.yml",
        f"--verify.receivers={receivers}",
        *labels,
    )


def test_every_critical_alert_of_production_pages_within_ten_seconds() -> None:
    top = yaml.safe_load((FOLDER / "alertmanager.yml").read_text())["route"]
    pages = [route for route in top["routes"] if route["receiver"] == "production-page"]
    assert {route["group_wait"] for route in pages} <= {"5s", "10s"}
    for alert in ALERTS:
        if alert.severity == "critical":
            labels = ("severity=critical", "environment=production", f"alertname={alert.name}")
            assert "production-page" in run(
                "amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels
            )


def test_no_secret_is_in_a_file_and_what_silences_is_no_alert_that_is_unknown() -> None:
    text = (FOLDER / "alertmanager.yml").read_text()
    assert "credentials:" not in text
    assert "_file: /etc/alertmanager/secrets/" in text
    names = {alert.name for alert in ALERTS}
    for rule in yaml.safe_load(text)["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            assert set(matcher.partition('"')[2].rstrip('"').split("|")) <= names
        assert rule["equal"] == ["environment"]
