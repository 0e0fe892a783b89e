"""Service levels for staff: what is left of the error budgets, what fires, what it costs; alerts taken on and ended."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.kernel import clock
from apps.monitoring.actions import levels as actions
from apps.monitoring.models import Alert, InfrastructureCost
from apps.monitoring.rules import levels
from apps.monitoring.rules.levels import Counted
from tests.accounts.test_admin import staff
from tests.backoffice.asking import Asked
from tests.backoffice.desk import actors
from tests.backoffice.test_stuck import words

pytestmark = pytest.mark.django_db
PAGE = "/admin/levels/"


def alert(**fields: Any) -> Alert:
    given = {"alert_name": "HighErrorRate", "severity": "critical", "summary": "3 % fail", "fingerprint": uuid4().hex}
    return Alert.objects.create(**{"fired_at": clock.wall(), **given, **fields})


def ask(row: Alert, way: str, browser: Any) -> Asked:
    return Asked(browser, reverse(f"admin:monitoring_alert_{way}", args=[row.pk]))


@pytest.mark.fr("B-13", "SC-051")
def test_what_was_kept_and_what_is_left_of_thirty_days() -> None:
    window = levels.window_of(clock.wall())
    actions.add({(levels.REQUESTS, window): Counted(99_950, 100_000), (levels.PROBE, window): Counted(10, 10)})
    alert()
    shown = words(staff("super_admin").get(PAGE))
    assert "Error budget of availability 50.0 %" in shown
    assert "Availability: requests 99.90 % 99.950 % 100,000 50.0 %" in shown
    assert "Firing now 1 alerts" in shown
    assert "HighErrorRate critical" in shown


@pytest.mark.fr("SC-040")
def test_the_cost_is_set_against_the_target() -> None:
    day = clock.wall().date()
    InfrastructureCost.objects.create(item="database", monthly_cents=64_000, valid_from=day, actor="system:tests")
    assert "Cost a month $640.00" in words(staff("super_admin").get(PAGE))


def test_an_empty_company_has_a_page_and_others_have_none() -> None:
    assert "Nobody has entered any." in words(staff("super_admin").get(PAGE))
    assert staff("billing_admin").get(PAGE).status_code == 403


def test_the_page_asks_the_same_number_of_queries_however_much_there_is() -> None:
    browser, window = staff("super_admin"), levels.window_of(clock.wall())
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(PAGE).status_code == 200
        counts.append(len(queries))
        for slo in levels.LEVELS:
            actions.add({(slo, window - each * levels.EVERY): Counted(1, 2) for each in range(300)})
        for _ in range(5):
            alert()
    assert counts[0] == counts[1]


def test_an_alert_is_taken_on_handed_over_and_ended() -> None:
    row, browser = alert(), staff("super_admin")
    other = User.objects.create_user(username="grace", is_staff=True)
    assert "look after it" in ask(row, "acknowledge", browser).do()
    assert "grace looks after it" in ask(row, "assign", browser).confirm(user=other.pk)
    assert "Resolved" in ask(row, "resolve", browser).confirm(note="Rolled back")
    row.refresh_from_db()
    assert (row.assignee, row.note, row.acknowledged_by) == (
        other,
        "Rolled back",
        User.objects.get(username="one-super_admin"),
    )
    assert row.resolved_at is not None
    assert actors("monitoring_alert", row.pk) == {f"user:{row.acknowledged_by_id}"}
    # A second press, from a page that is out of date.
    assert "resolved already" in ask(row, "resolve", browser).confirm(note="Again").lower()


def test_a_cost_is_entered_and_one_of_the_same_day_is_refused() -> None:
    browser = staff("super_admin")
    page = Asked(browser, reverse("admin:monitoring_infrastructurecost_add"))
    given = {"item": "database", "monthly_cents": "220.50", "valid_from": "2026-01-01", "note": ""}
    assert "database costs that from 2026-01-01" in page.confirm(**given)
    assert "has a price from that day" in page.confirm(**given)
    assert InfrastructureCost.objects.get().monthly_cents == 22_050
