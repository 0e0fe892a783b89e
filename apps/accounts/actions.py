"""What can be done to an account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from apps.accounts.events import AccountCreated, AccountUpdated
from apps.accounts.models import Account
from apps.accounts.objects import account_objects
from apps.accounts.queries import lock
from apps.clocks.models import TestClock
from apps.events.publish import publish
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound
from apps.kernel.transactions import unit_of_work
from apps.rest import etags
from apps.rest.objects import builtins


def create(*, fields: Mapping[str, Any], at: datetime, actor: Actor) -> Account:
    """Make an account; whatever `fields` leaves out starts from the deployment's defaults.

    Errors: external_key_taken (409), test_clock_unknown (422).
    """
    with unit_of_work(actor):
        _check_external_key(fields.get("external_key"), besides=None)
        _check_test_clock(fields.get("test_clock_id"))
        account = Account.objects.create(**{**_defaults(), **fields})
        publish([
            AccountCreated(
                object=account_objects([account])[0], object_id=account.pk, account_id=account.pk, effective_at=at
            )
        ])  # fmt: skip
        return account


def update(
    *, account_id: UUID, changes: Mapping[str, Any], expected_version: int | None, at: datetime, actor: Actor
) -> Account:
    """Change the named fields; the currency is fixed for ever.

    Errors: account_not_found (404), currency_fixed (409), version_changed (412), external_key_taken (409).
    """
    with unit_of_work(actor):
        account = lock([account_id]).get(account_id)
        if account is None:
            raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id.")
        etags.demand(account.version, expected_version)
        if changes.get("currency", account.currency) != account.currency:
            raise Conflict(
                "currency_fixed",
                f"The account is billed in {account.currency}, which cannot change.",
                hint="Create a second account in the other currency.",
            )
        _check_external_key(changes.get("external_key"), besides=account_id)
        changed = {name: value for name, value in changes.items() if getattr(account, name) != value}
        if not changed:
            return account
        before = builtins(account_objects([account])[0])
        Account.objects.filter(pk=account_id).update(**changed, version=account.version + 1, updated_at=Now())
        account = Account.objects.get(pk=account_id)
        publish([
            AccountUpdated(
                object=account_objects([account])[0],
                object_id=account_id,
                account_id=account_id,
                effective_at=at,
                previous_attributes={name: before[name] for name in changed},
            )
        ])  # fmt: skip
        return account


def _defaults() -> dict[str, Any]:
    return {
        "currency": settings.BILLING_CURRENCY,
        "timezone": settings.BILLING_TIMEZONE,
        "country": settings.BILLING_COUNTRY,
        "locale": settings.BILLING_LOCALE,
    }


def _check_external_key(key: str | None, *, besides: UUID | None) -> None:
    taken = Account.objects.filter(external_key=key).exclude(pk=besides) if key else None
    if taken is not None and taken.exists():
        raise Conflict(
            "external_key_taken",
            f"Another account has the external_key {key!r}.",
            hint="Look it up with GET /v1/accounts?external_key=..., or choose another key.",
        )


def _check_test_clock(clock_id: UUID | None) -> None:
    if clock_id is None:
        return
    if not settings.BILLING_TEST_CLOCKS:
        raise Invalid(
            "test_clocks_off", "Test clocks are off here.", hint="Set BILLING_TEST_CLOCKS=1 in a test deployment."
        )
    if not TestClock.objects.filter(pk=clock_id).exists():
        raise Invalid("test_clock_unknown", f"There is no test clock {clock_id}.", hint="Check the id.")
