"""The page of a subscription's usage: figures of each period, by role, in a fixed number of queries."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role, may
from apps.kernel import clock
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.due import run_thresholds
from apps.subscriptions.models import Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail
from tests.clocks.lives import move, new_clock
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import TIERS, begun, time, use

# Real commits: thresholds are found by what was committed since.
pytestmark = pytest.mark.usefixtures("committed_db")


def page(row: Subscription, role: str = Role.FINANCE_VIEWER, **query: str) -> Any:
    browser = Client()
    browser.force_login(
        User.objects.filter(username=f"one-{role}").first() or staff(role).get("/admin/").wsgi_request.user
    )
    answer = browser.get(reverse("admin:subscriptions_subscription_usage", args=[row.pk]), query)
    assert answer.status_code == 200
    return answer


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def charge(key: str = "calls", **fields: Any) -> dict[str, Any]:
    given = {"key": key, "metric": "api_calls", "model": "graduated", "prices": {"USD": {"tiers": TIERS}}}
    return {**given, **fields}


def lived(*charges: Any, **plan: Any) -> tuple[Any, Subscription]:
    """A subscription on a clock of its own, begun on 1 April."""
    ours = new_clock(time("2026-04-01T00:00"))
    account = make_account(name="Ada", test_clock_id=ours.pk)
    return ours, begun(make_plan(name="Metered", charges=list(charges), **plan), "2026-04-01T00:00", account)


def looked() -> None:
    sweep(actor=ACTOR, often=True)
    run_thresholds(clock.wall(), WALL)


def test_each_period_has_its_days_and_figures() -> None:
    looked()
    ours, made = lived(charge(cap="5000", thresholds=[{"percent": "40"}, {"quantity": "4000"}]))
    use(made, 1500, "2026-04-01T00:00")
    move(ours, time("2026-04-03T12:00"))
    use(made, 700, "2026-04-03T10:00")
    looked()
    answer = page(made)
    (section,) = answer.context["charges"]
    assert section.figures == [("1 Apr", "1,500"), ("3 Apr", "700")]
    assert len(section.chart.bars) == 30
    assert [bar.text for bar in section.chart.bars][:3] == ["1 Apr: 1,500", "2 Apr: 0", "3 Apr: 700"]
    said = words(answer)
    for text in ("goes on", "Used 2,200", "Costs by now 12.00 USD", "Billed of it 0.00 USD", "Free 1,000",
                 "Cap 5,000, billed above", "40 % (2,000) reached", "Announced at 4,000 not reached",
                 "1 Apr to 3 Apr 2026, a bar a day"):  # fmt: skip
        assert text in said, text
    assert "usage/usageevent/?q=" + str(made.pk) in answer.content.decode()
    move(ours, time("2026-05-02T00:00"))
    (fresh,) = page(made).context["charges"]
    assert (fresh.figures, fresh.facts[0]) == ([], ("Used", "0"))
    past = page(made, period="2026-04-01")
    assert past.context["charges"][0].figures == [("1 Apr", "1,500"), ("3 Apr", "700")]
    assert "Billed of it 12.00 USD" in words(past)
    assert "goes on" not in words(past)
    assert page(made, period="nothing").context["period"] == page(made).context["period"]


def test_every_aggregation_is_shown_as_it_is_counted() -> None:
    meters = [
        ("sum", {"aggregation": "sum"}), ("count", {"aggregation": "count"}), ("max", {"aggregation": "max"}),
        ("last", {"aggregation": "last"}), ("users", {"aggregation": "unique_count", "unique_by": "user"}),
        ("eu", {"filter": {"region": "eu"}}), ("groups", {"aggregation": "max", "group_by": ["region"]}),
    ]  # fmt: skip
    ours, made = lived(*(charge(key, **fields) for key, fields in meters))
    move(ours, time("2026-04-02T12:00"))
    for quantity, hour, user, region in ((5, 9, "a", "eu"), (7, 8, "b", "us"), (2, 10, "a", "us")):
        use(made, quantity, f"2026-04-02T{hour:02}:00", properties={"user": user, "region": region})
    shown = {each.key: each.figures for each in page(made).context["charges"]}
    expected = {"sum": "14", "count": "3", "max": "7", "last": "2", "users": "2", "eu": "5", "groups": "7"}
    assert shown == {key: [("2 Apr", value)] for key, value in expected.items()}


def test_long_periods_are_shown_by_week() -> None:
    ours, made = lived(charge(), interval="year")
    move(ours, time("2026-04-09T12:00"))
    for day in ("2026-04-01", "2026-04-07", "2026-04-08"):
        use(made, 10, f"{day}T10:00", received="2026-04-09T12:00")
    (section,) = page(made).context["charges"]
    assert section.figures == [("1 Apr", "20"), ("8 Apr", "10")]
    assert len(section.chart.bars) == 53
    assert section.span.endswith("a bar a week")


def test_without_charges_or_in_a_free_trial_it_says_so() -> None:
    made = make_subscription(plan=make_plan(charges=[charge()]), at=clock.wall() - timedelta(days=3), trial_days=14)
    assert "a trial whose usage is free" in words(page(made))
    assert "no metered charges" in words(page(make_subscription()))


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", [*Role, None])
def test_who_sees_it_and_whose_page_leads_there(role: str | None) -> None:
    _, made = lived(charge())
    browser, address = staff(role), reverse("admin:subscriptions_subscription_usage", args=[made.pk])
    assert browser.get(address).status_code == (200 if role and may(role, "usage", "read") else 403)
    if role:
        assert (address in browser.get(detail(made)).content.decode()) == may(role, "usage", "read")
        assert address not in browser.get(detail(make_subscription())).content.decode().replace(str(made.pk), "")


def test_it_costs_the_same_however_much_was_used() -> None:
    ours, made = lived(charge(thresholds=[{"percent": "40"}]), charge("more"))
    move(ours, time("2026-04-20T12:00"))
    costs = []
    browser, address = staff(Role.FINANCE_VIEWER), reverse("admin:subscriptions_subscription_usage", args=[made.pk])
    for count in (1, 40):
        for number in range(count):
            use(made, 5, f"2026-04-{number % 19 + 1:02}T10:00", received="2026-04-20T12:00")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16


def test_a_key_is_text_and_no_markup() -> None:
    _, made = lived(charge())
    Subscription.objects.filter(pk=made.pk).update(external_key="<script>alert(1)</script>")
    answer = page(made)
    assert "<script>alert" not in answer.content.decode()
