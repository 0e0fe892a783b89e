"""The dunning queue and policies, as staff use them: filtered, ticked, asked first, done under their name."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from apps.access.rules import Role
from apps.dunning.models import Hold, Policy, Standing
from apps.notifications.models import Message
from tests.accounts.test_admin import staff
from tests.backoffice.asking import Asked, asked
from tests.backoffice.desk import detail, found, list_of
from tests.factories.dunning import clocked, days_later, debtor, happened, stand_at, state

pytestmark = pytest.mark.django_db


def rows(*accounts: Any) -> set[Any]:
    return set(Standing.objects.filter(account__in=accounts).values_list("pk", flat=True))


def many(browser: Any, way: str, *accounts: Any) -> Asked:
    """Tick them in the queue and choose what to do."""
    chosen = {"action": way, "_selected_action": [str(pk) for pk in rows(*accounts)]}
    sent = browser.post(list_of(Standing), chosen)
    assert sent.status_code == 302, sent.content.decode()[:500]
    return Asked(browser, sent.headers["Location"]).open()


def test_the_queue_is_who_is_behind_and_filtered() -> None:
    clock = clocked()
    early, late, held = (debtor(clock, name=name)[0] for name in ("Early", "Late", "Held"))
    days_later(clock, 4)
    browser = staff(Role.SUPPORT_REP)
    many(browser, "hold-dunning", held).do(reason="Disputes it")
    days_later(clock, 8)
    assert found(browser, Standing) == rows(early, late, held)
    assert found(browser, Standing, status__exact="WARNING") == rows(early, late)
    assert found(browser, Standing, hold="yes") == rows(held)
    assert found(browser, Standing, clock=str(clock.pk), hold="no") == rows(early, late)
    assert found(browser, Standing, q="Late") == rows(late)
    assert found(browser, Standing, queue="settled") == set()
    assert "49.00 USD" in browser.get(list_of(Standing)).content.decode()


@pytest.mark.fr("FR-088")
def test_many_are_held_reminded_and_released_at_once() -> None:
    clock = clocked()
    one, two = debtor(clock, name="Ada")[0], debtor(clock, name="Grace")[0]
    days_later(clock, 5)
    browser = staff(Role.SUPPORT_REP)
    page = many(browser, "hold-dunning", one, two)
    assert "This field is required" in page.look(reason="").page
    shown = page.look(reason="Flood in the region")
    assert "Ada" in shown.page
    assert "Grace" in shown.page
    assert not Hold.objects.exists()
    assert page.confirm(reason="Flood in the region").startswith("Dunning is held for 2 of 2")
    assert set(Hold.objects.values_list("reason", flat=True)) == {"Flood in the region"}
    assert Hold.objects.first().placed_by.startswith("user:")  # type: ignore[union-attr]
    days_later(clock, 6)
    assert many(browser, "send-reminder", one, two).do().startswith("0 of 2 are reminded")
    assert many(browser, "release-dunning", one, two).do(note="").startswith("Dunning goes on for 2 of 2")
    assert many(browser, "send-reminder", one, two).do().startswith("2 of 2 are reminded")
    assert happened(one)[-1] == ("reminder_by_hand", "CURRENT", "payment_reminder")


def test_what_has_changed_since_is_looked_at_again() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 6)
    page = many(staff(Role.SUPPORT_REP), "hold-dunning", account).look(reason="Disputes it")
    days_later(clock, 7)
    assert "Look at it again" in page.confirm(reason="Disputes it")
    assert not Hold.objects.exists()


@pytest.mark.parametrize("role", [Role.BILLING_ADMIN, Role.FINANCE_VIEWER])
def test_who_may_not_hold_is_not_offered_it(role: Role) -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 6)
    browser = staff(role)
    assert 'value="hold-dunning"' not in browser.get(list_of(Standing)).content.decode()
    path = f"{reverse('admin:dunning_standing_hold_dunning')}?{urlencode({'ids': account.pk})}"
    assert browser.post(path, {"reason": "x", "seen": "y"}).status_code == 403
    assert not Hold.objects.exists()


@pytest.mark.parametrize("ids", ["", "none", "%00", "1,2", "00000000-0000-0000-0000-000000000000"])
def test_ids_that_are_none(ids: str) -> None:
    browser = staff(Role.SUPER_ADMIN)
    path = f"{reverse('admin:dunning_standing_hold_dunning')}?ids={ids}"
    assert browser.get(path).status_code in (200, 302)
    assert browser.post(path, {"reason": "x"}).status_code in (200, 302)
    assert not Hold.objects.exists()


@pytest.mark.fr("FR-089")
def test_a_customer_page_shows_the_history_and_what_may_be_done() -> None:
    clock = clocked()
    account, _ = debtor(clock, name="Ada")
    days_later(clock, 8)
    browser = staff(Role.SUPPORT_REP)
    page = browser.get(detail(account)).content.decode()
    assert "payment warning" in page
    assert "/hold-dunning" in page
    assert "/release-dunning" not in page
    assert (
        asked(browser, "accounts_account_hold_dunning", account).do(reason="Disputes it").startswith("Dunning is held")
    )
    page = browser.get(detail(account)).content.decode()
    assert "Disputes it" in page
    assert "/release-dunning" in page
    assert asked(browser, "accounts_account_release_dunning", account).do(note="Settled").startswith("Dunning goes on")
    assert asked(browser, "accounts_account_send_reminder", account).do().startswith("1 of 1")
    again = asked(browser, "accounts_account_send_reminder", account).look()
    assert "a reminder went today" in again.page


STRICT: dict[str, Any] = {
    "on_retries_exhausted": "block", "days_0": 2, "action_0": "warn", "message_0": "payment_warning", "days_1": 5,
    "action_1": "block", "message_1": "account_blocked",
}  # fmt: skip


def test_a_policy_is_looked_at_on_real_accounts_and_published() -> None:
    clock = clocked()
    account, _ = debtor(clock, name="Ada Lovelace")
    days_later(clock, 6)
    browser, policy = staff(Role.BILLING_ADMIN), Policy.objects.get(is_default=True)
    page = asked(browser, "dunning_policy_publish", policy).look(**STRICT)
    assert "1 of 1 customers who owe something would change state" in page.page
    assert "Ada Lovelace current blocked 6 49.00 USD" in page.page
    assert policy.versions.count() == 1
    assert page.confirm(**STRICT).startswith("Version 2 holds")
    stand_at(clock, clock.frozen_time)
    assert state(account)[0] == "BLOCKED"
    assert "Version 2 holds" in browser.get(detail(policy)).content.decode()
    wrong = asked(browser, "dunning_policy_publish", policy).look(**{**STRICT, "days_1": 2})
    assert "Each step comes later" in wrong.page
    half = asked(browser, "dunning_policy_publish", policy).look(**{**STRICT, "action_1": ""})
    assert "A step needs both" in half.page


def test_a_policy_is_made_given_and_made_the_default() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 6)
    browser = staff(Role.BILLING_ADMIN)
    add = reverse("admin:dunning_policy_add")
    assert browser.post(add, {**STRICT, "name": "Strict"}).status_code == 302
    strict = Policy.objects.get(name="Strict")
    given = asked(browser, "accounts_account_dunning_policy", account).look(policy=str(strict.pk))
    assert "current blocked" in given.page
    assert given.confirm(policy=str(strict.pk)).startswith("They are judged by it")
    assert state(account)[0] == "BLOCKED"
    assert asked(browser, "accounts_account_dunning_policy", account).do(policy="default").startswith("They are")
    assert state(account)[0] == "CURRENT"
    assert asked(browser, "dunning_policy_make_default", strict).do() == "Strict is the default now."
    assert Message.objects.filter(kind="invoice_copy").count() == 0
