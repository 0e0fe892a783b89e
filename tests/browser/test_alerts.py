"""Something fires: whoever is on call sees it, takes it on and ends it; and what the platform costs is entered."""

import os
from datetime import timedelta
from typing import Any

import pytest

from apps.kernel import clock
from apps.kernel.actors import system
from apps.monitoring.actions import reports
from apps.monitoring.models import Alert, InfrastructureCost
from tests.browser.conftest import Desk

SEEN = (
    ("DunningQueueBacklog", "warning", "412 accounts wait for dunning"),
    ("PaymentGatewayDown", "critical", "Half of the calls to the gateway fail"),
    ("CeleryWorkerDown", "critical", "No worker has answered for two minutes"),
)


def fired() -> list[Alert]:
    now = clock.wall()
    return [
        Alert.objects.create(
            alert_name=name,
            severity=severity,
            summary=summary,
            description=f"{summary}. Customers may not be charged in time.",
            fired_at=now - timedelta(minutes=minutes),
            runbook_url=f"https://runbooks.example.com/{name}",
            labels={"alertname": name, "severity": severity},
            fingerprint=f"{minutes:016x}",
        )
        for minutes, (name, severity, summary) in zip((95, 12, 3), SEEN, strict=True)
    ]


def _look(page: Any, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 390)])
def test_an_alert_is_seen_taken_on_and_ended(desk: Desk, scheme: Any, width: int) -> None:
    alerts, page = fired(), desk.page
    page.emulate_media(color_scheme=scheme)
    desk.sign_in("super_admin")
    page.set_viewport_size({"width": width, "height": 1000})
    assert desk.open("/admin/monitoring/alert/") == 200
    for name, severity, summary in SEEN:
        row = page.locator("table tbody tr").filter(has_text=name)
        assert (row.count(), severity in row.inner_text().lower(), summary in row.inner_text()) == (1, True, True)
    _look(page, f"alerts-{scheme}")
    page.get_by_role("link", name="PaymentGatewayDown").first.click()
    page.wait_for_load_state()
    assert page.locator("a[href='https://runbooks.example.com/PaymentGatewayDown']").count() == 1
    _look(page, f"alert-{scheme}")
    page.get_by_role("link", name="Acknowledge").first.click()
    page.wait_for_load_state()
    _look(page, f"alert-asked-{scheme}")
    page.locator("form button[type=submit], form input[type=submit]").last.click()
    page.wait_for_load_state()
    assert page.get_by_text("It is known that you look after it").count() == 1
    row = Alert.objects.select_related("acknowledged_by").get(pk=alerts[1].pk)
    assert row.acknowledged_by is not None
    assert row.acknowledged_by.username == "super_admin-desk"
    assert desk.faults == []


def test_costs_are_entered_and_shown(desk: Desk) -> None:
    now, actor, page = clock.wall(), system("test"), desk.page
    for item, cents in (("Database", 18900), ("Web servers", 9600), ("Monitoring", 2500)):
        reports.priced(item=item, monthly_cents=cents, valid_from=now.date(), note="", at=now, actor=actor)
    desk.sign_in("super_admin")
    assert desk.open("/admin/monitoring/infrastructurecost/") == 200
    assert page.get_by_text("189.00").count() >= 1
    _look(page, "costs")
    assert desk.open("/admin/monitoring/infrastructurecost/add/") == 200
    page.get_by_label("Item").fill("Mail")
    page.get_by_label("Dollars a month").fill("15.50")
    page.get_by_label("From", exact=True).fill(now.date().isoformat())
    _look(page, "cost-new")
    page.locator("form button[type=submit], form input[type=submit]").last.click()
    page.wait_for_load_state()
    assert InfrastructureCost.objects.get(item="Mail").monthly_cents == 1550
    _look(page, "cost")
    assert desk.open("/admin/levels/") == 200
    _look(page, "levels")
    assert desk.faults == []
