"""The pages of accounts for staff: who sees them, what can be found, what they cost."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.access.models import User
from apps.access.rules import Role
from apps.accounts.models import Account
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/account/"


def staff(role: str | None) -> Client:
    """A browser in which one of that role is logged in."""
    user = User.objects.create_user(username=f"one-{role}", password="x", is_staff=True)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_and_none_edits(role: Role) -> None:
    account = make_account(name="Ada Lovelace", external_key="crm-1", metadata={"tier": "gold"})
    browser, page = staff(role), f"{LIST}{account.pk}/change/"
    assert "Ada Lovelace" in browser.get(LIST).content.decode()
    shown = browser.get(page)
    assert shown.status_code == 200
    assert "crm-1" in shown.content.decode()
    assert "_save" not in shown.content.decode()
    assert browser.post(page, {"name": "Eve"}).status_code == 403
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{account.pk}/delete/").status_code == 403
    assert Account.objects.get().name == "Ada Lovelace"


def test_strangers_see_nothing() -> None:
    make_account()
    assert staff(None).get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


def test_accounts_are_found_and_filtered() -> None:
    one = make_account(name="Ada Lovelace", email="Ada@Example.com", external_key="crm-1", tax_exempt=True)
    make_account(name="Grace Hopper", email="grace@example.com", external_key="crm-2")
    browser = staff(Role.SUPPORT_REP)
    for term in ("q=lovelace", "q=ADA@example.com", "q=crm-1", f"q={one.pk}", "tax_exempt__exact=1", "q=+Ada+Love+"):
        text = browser.get(f"{LIST}?{term}").content.decode()
        assert ("Ada Lovelace" in text, "Grace Hopper" in text) == (True, False), term
    assert "Grace Hopper" in browser.get(f"{LIST}?q=+").content.decode()
    assert "Grace Hopper" not in browser.get(f"{LIST}?dispute_hold__exact=1").content.decode()


def test_pages_cost_the_same_whatever_they_show(django_assert_num_queries: Any) -> None:
    account = make_account()
    browser = staff(Role.FINANCE_VIEWER)
    # session, user, roles; the bounded count, the page
    with django_assert_num_queries(5):
        browser.get(LIST)
    for number in range(30):
        make_account(name=str(number))
    with django_assert_num_queries(5):
        browser.get(LIST)
    # the same three; the account; the content type; what is open, credit; a table each: subscriptions, invoices,
    # payments, methods, credits; that it is seen: by whom, and the note
    with django_assert_num_queries(16):
        browser.get(f"{LIST}{account.pk}/change/")
