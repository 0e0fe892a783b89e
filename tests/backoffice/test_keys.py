"""API keys in the back office: made and rotated, shown once; revoked after a look; what is left of their limits."""

import re
import socket
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access import window
from apps.access.actions import create_api_key, rotate_api_key
from apps.access.models import ApiKey
from apps.access.rules import Role
from apps.kernel import clock
from apps.kernel.actors import system
from tests.accounts.test_admin import staff
from tests.backoffice.asking import Asked, asked
from tests.backoffice.desk import actors, detail, found, list_of

pytestmark = pytest.mark.django_db

ADD = "/admin/access/apikey/add/"
PLAIN = re.compile(r"bk_test_[A-Za-z0-9]{51}")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make Redis look away."""
    monkeypatch.setattr(window, "TIMEOUT_SECONDS", 10.0)


def made(**fields: Any) -> ApiKey:
    given = {"name": "warehouse", "role": "support_rep", "livemode": False, **fields}
    return create_api_key(at=clock.wall(), actor=system("tests"), **given)[0]


def form(browser: Client, **fields: str) -> dict[str, str]:
    """What a person fills in, with the form's own id."""
    hidden = re.search(r'name="key_id" value="([0-9a-f-]{36})"', browser.get(ADD).content.decode())
    assert hidden
    return {
        "key_id": hidden[1], "name": "Shop", "role": "billing_admin", "allowed_cidrs": "", "expires_at": "",
        "rate_limit": "1000", **fields,
    }  # fmt: skip


def lets_in(plain: str) -> bool:
    return Client().get("/v1/plans", headers={"Authorization": f"Bearer {plain}"}).status_code == 200


@pytest.mark.fr("FR-140")
def test_a_key_is_made_shown_this_once_and_works(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    browser = staff(Role.SUPER_ADMIN)
    caplog.set_level("DEBUG")
    given = form(browser, allowed_cidrs="127.0.0.0/8\n10.0.0.0/8", expires_at="2099-12-30", rate_limit="50")
    answer = browser.post(ADD, given)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    (plain,) = set(PLAIN.findall(answer.content.decode()))
    key = ApiKey.objects.get()
    assert (str(key.pk), key.name, key.role, key.livemode) == (given["key_id"], "Shop", "billing_admin", False)
    assert (key.allowed_cidrs, key.rate_limit) == (["127.0.0.0/8", "10.0.0.0/8"], 50)
    assert key.expires_at == datetime(2099, 12, 31, tzinfo=UTC)
    assert actors("access_apikey", key.pk, "INSERT") == {f"user:{browser.session['_auth_user_id']}"}
    assert lets_in(plain)
    kept = [str(browser.session.items()), str(browser.cookies), *Session.objects.values_list("session_data", flat=True)]
    later = [browser.get(path).content.decode() for path in (detail(key), list_of(ApiKey), "/admin/")]
    assert not any(plain in text for text in (*kept, *later, caplog.text, *capfd.readouterr()))


def test_a_form_sent_twice_makes_one_key() -> None:
    browser = staff(Role.SUPER_ADMIN)
    given = form(browser)
    browser.post(ADD, given)
    again = browser.post(ADD, given)
    assert "has made its key already" in again.content.decode()
    assert not PLAIN.search(again.content.decode())
    assert ApiKey.objects.count() == 1
    assert form(browser)["key_id"] != given["key_id"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [({"name": ""}, "This field is required"), ({"name": "x" * 201}, "at most 200"), ({"role": "intern"}, "Select a"),
     ({"role": ""}, "This field is required"),
     ({"rate_limit": "-1"}, "greater than or equal to 0"), ({"rate_limit": "9" * 30}, "less than or equal"),
     ({"allowed_cidrs": "10.0.0.0/8 nowhere"}, "nowhere"), ({"allowed_cidrs": "10.0.0.1/8"}, "host bits"),
     ({"allowed_cidrs": " ".join(["10.0.0.0/8"] * 101)}, "At most 100"),
     ({"allowed_cidrs": "1" * 6000}, "at most 5000"),
     ({"expires_at": "2020-01-01"}, "would have expired"), ({"expires_at": "soon"}, "valid date"),
     ({"expires_at": "9999-12-31"}, None), ({"key_id": "nothing"}, "valid UUID"), ({"key_id": ""}, "required"),
     ({"name": "nul\0"}, "Null characters")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(fault: dict[str, str], said: str | None) -> None:
    browser = staff(Role.SUPER_ADMIN)
    text = browser.post(ADD, {**form(browser), **fault}).content.decode()
    assert said is None or said in text
    assert ApiKey.objects.count() == (said is None)


def test_the_mode_is_the_deployments_whatever_is_sent() -> None:
    browser = staff(Role.SUPER_ADMIN)
    browser.post(ADD, {**form(browser), "mode": "live", "livemode": "on"})
    assert not ApiKey.objects.get().livemode


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", [Role.BILLING_ADMIN, Role.SUPPORT_REP, Role.FINANCE_VIEWER, None])
def test_nobody_else_makes_rotates_or_revokes(role: Role | None) -> None:
    key, browser = made(), staff(role)
    many = reverse("admin:access_apikey_many_revoke")
    for path in (ADD, detail(key), detail(key, "rotate"), detail(key, "revoke"), f"{many}?ids={key.pk}"):
        assert browser.get(path).status_code == 403, path
        assert browser.post(path, {"key_id": str(uuid4()), "name": "x", "overlap_hours": 1}).status_code == 403, path
        assert Client().post(path).headers["Location"].startswith("/admin/login/"), path
    assert ApiKey.objects.get().revoked_at is None


@pytest.mark.fr("FR-140")
def test_a_rotated_key_goes_on_beside_its_successor() -> None:
    browser = staff(Role.SUPER_ADMIN)
    given = form(browser, allowed_cidrs="127.0.0.0/8", rate_limit="77")
    old_plain = PLAIN.findall(browser.post(ADD, given).content.decode())[0]
    old = ApiKey.objects.get()
    page = browser.post(detail(old, "rotate"), {"overlap_hours": "48", "expires_at": ""})
    assert "no-store" in page["Cache-Control"]
    plain = PLAIN.findall(page.content.decode())[0]
    new = ApiKey.objects.get(replaces=old)
    assert (new.name, new.role, new.allowed_cidrs, new.rate_limit) == ("Shop", "billing_admin", ["127.0.0.0/8"], 77)
    assert new.expires_at is None
    assert lets_in(plain)
    assert lets_in(old_plain)
    old.refresh_from_db()
    assert old.expires_at is not None
    assert timedelta(hours=47) < old.expires_at - clock.wall() <= timedelta(hours=48)
    assert "in overlap" in browser.get(list_of(ApiKey)).content.decode()
    assert new.prefix in browser.get(detail(old)).content.decode()
    assert (found(browser, ApiKey, state="overlap"), found(browser, ApiKey, state="works")) == ({old.pk}, {new.pk})
    again = browser.post(detail(old, "rotate"), {"overlap_hours": "48", "expires_at": ""})
    assert "another key has taken its place already" in again.content.decode()
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize(("hours", "said"), [("-1", "greater than"), ("169", "less than"), ("x", "whole number")])
def test_an_overlap_is_at_most_a_week(hours: str, said: str) -> None:
    key = made()
    answer = staff(Role.SUPER_ADMIN).post(detail(key, "rotate"), {"overlap_hours": hours})
    assert said in answer.content.decode()
    assert ApiKey.objects.count() == 1


def test_what_is_over_is_not_rotated() -> None:
    key, browser = made(), staff(Role.SUPER_ADMIN)
    ApiKey.objects.update(expires_at=clock.wall() - timedelta(seconds=1))
    answer = browser.post(detail(key, "rotate"), {"overlap_hours": "1"})
    assert "does not work any more" in answer.content.decode()
    assert found(browser, ApiKey, state="ended") == {key.pk}


@pytest.mark.fr("FR-140")
def test_a_key_is_revoked_after_a_look() -> None:
    key, browser = made(), staff(Role.SUPER_ADMIN)
    page = asked(browser, "access_apikey_revoke", key).open()
    assert key.prefix in page.page
    key.refresh_from_db()
    assert key.revoked_at is None
    assert page.confirm() == "The key is revoked."
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "It is revoked already" in page.open().page
    assert "/rotate" not in browser.get(detail(key)).content.decode()


def test_many_are_revoked_after_a_look() -> None:
    one, two, other, browser = made(), made(), made(), staff(Role.SUPER_ADMIN)
    ticked = {"action": "revoke", "_selected_action": [str(one.pk), str(two.pk)]}
    sent = browser.post(list_of(ApiKey), ticked)
    page = Asked(browser, sent.headers["Location"]).open()
    assert one.prefix in page.page
    assert other.prefix not in page.page
    assert not ApiKey.objects.exclude(revoked_at=None).exists()
    assert page.confirm() == "2 keys are revoked."
    assert set(ApiKey.objects.filter(revoked_at=None)) == {other}


def test_a_key_says_what_is_left_of_its_hour() -> None:
    key, free, browser = made(rate_limit=1500), made(rate_limit=0), staff(Role.SUPER_ADMIN)
    for _ in range(3):
        window.count(f"key:{key.pk}", limit=1500, bucket_seconds=60)
    assert "1,497 of 1,500" in browser.get(detail(key)).content.decode()
    listed = browser.get(list_of(ApiKey)).content.decode()
    assert "1,497 of 1,500" in listed
    assert "no limit" in listed
    assert "no limit" in browser.get(detail(free)).content.decode()
    assert window.count(f"key:{key.pk}", limit=1500, bucket_seconds=60).remaining == 1496


def test_without_redis_nobody_knows(settings: Any) -> None:
    key, browser = made(rate_limit=1500), staff(Role.SUPER_ADMIN)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{unused.getsockname()[1]}/0"
        for path in (detail(key), list_of(ApiKey)):
            text = browser.get(path).content.decode()
            assert "unknown" in text
            assert "1,500 of 1,500" not in text


def test_a_list_of_many_costs_as_much_as_one_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, sent = staff(Role.SUPER_ADMIN), []
    look = window.used
    monkeypatch.setattr(
        window, "used", lambda subjects, **given: (sent.append(len(subjects)), look(subjects, **given))[1]
    )
    costs = []
    for number in (1, 20):
        for _ in range(number):
            made()
        rotate_api_key(made().pk, overlap=timedelta(hours=1), at=clock.wall(), actor=system("tests"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(list_of(ApiKey))
        costs.append(len(captured))
    assert costs == [5, 5]  # session, user, roles; the bounded count, the page
    assert sent == [3, 25]
