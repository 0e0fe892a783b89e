"""Keys that do not fit the mode stop the start."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from apps.payments.checks import customers_can_renew, keys_are_set, keys_fit_the_mode, lease_outlives_calls
from tests.payments.signed import endpoint


@pytest.mark.parametrize(
    ("live", "key", "secret", "ids"),
    [
        (False, "sk_test_x", "whsec_x", []),
        (False, "rk_test_x", "whsec_x", []),
        (True, "sk_live_x", "whsec_x", []),
        (False, "sk_live_x", "whsec_x", ["payments.E001"]),
        (True, "rk_test_x", "whsec_x", ["payments.E001"]),
        (False, "pk_test_x", "whsec_x", ["payments.E002"]),
        (True, "", "", ["payments.E003", "payments.E004"]),
        (True, "sk_live_x", "", ["payments.E004"]),
        (False, "", "", []),
    ],
)
def test_keys_and_mode(settings: Any, live: bool, key: str, secret: str, ids: list[str]) -> None:
    settings.BILLING_LIVEMODE, settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = live, key, secret
    found = keys_fit_the_mode()
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.django_db
def test_missing_keys_are_named_before_a_deployment(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    ids = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"payments.E003", "payments.E004"} <= ids
    assert [message.id for message in keys_are_set()] == ["payments.E003", "payments.E004"]


def test_a_lease_outlives_its_calls(settings: Any) -> None:
    assert lease_outlives_calls() == []
    settings.STRIPE_TIMEOUT_SECONDS = 20.0
    [message] = lease_outlives_calls()
    assert message.id == "payments.E005"
    assert "18.75" in str(message.hint)


@pytest.mark.django_db
def test_the_project_passes_its_checks(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    endpoint(settings)
    call_command("check", fail_level="DEBUG")
    assert "no issues" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("live", "key", "page", "found"),
    [
        (False, "", "http://127.0.0.1:9/_sandbox/setup", []),
        (False, "", "", ["payments.W002"]),
        (True, "", "", ["payments.W002"]),
        (True, "pk_live_x", "", []),
        (True, "pk_test_x", "", ["payments.E008"]),
        (False, "sk_test_x", "", ["payments.E008"]),
    ],
)
def test_the_key_of_stripes_form(settings: Any, live: bool, key: str, page: str, found: list[str]) -> None:
    settings.BILLING_LIVEMODE, settings.STRIPE_PUBLISHABLE_KEY, settings.STRIPE_SETUP_URL = live, key, page
    assert [message.id for message in customers_can_renew()] == found
