"""What can be done to an account."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from apps.accounts.events import AccountCreated, AccountDeleted, AccountUpdated
from apps.accounts.models import EXTERNAL_KEY_UNIQUE, Account
from apps.accounts.objects import account_objects
from apps.accounts.queries import demand_open, listed, lock
from apps.accounts.registry import unsettled
from apps.clocks.models import TestClock
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.changes import changed
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.transactions import unit_of_work
from apps.rest import etags
from apps.rest.objects import builtins


def create(*, fields: Mapping[str, Any], at: datetime, actor: Actor) -> Account:
    """Make an account; whatever `fields` leaves out starts from the deployment's defaults.

    Errors: external_key_taken (409), test_clocks_off and test_clock_unknown (422).
    """
    with _external_key_unique(fields), unit_of_work(actor):
        _check_external_key(fields.get("external_key"))
        _check_test_clock(fields.get("test_clock_id"))
        account = unsaved(fields)
        account.save(force_insert=True)
        publish([
            AccountCreated(
                object=account_objects([account])[0], object_id=account.pk, account_id=account.pk, effective_at=at
            )
        ])  # fmt: skip
        return account


def create_many(*, documents: Sequence[Mapping[str, Any]], at: datetime, actor: Actor) -> list[Account]:
    """The same for many, in a fixed number of queries, all or none.

    Their external keys are new, as the caller has seen; one that was taken meanwhile is refused by the constraint.
    Errors: external_key_taken (409), test_clocks_off and test_clock_unknown (422).
    """
    if not documents:
        return []
    with _external_keys_unique(), unit_of_work(actor):
        for clock_id in {document.get("test_clock_id") for document in documents}:
            _check_test_clock(clock_id)
        accounts = Account.objects.bulk_create(unsaved(document) for document in documents)
        shown = account_objects(accounts)
        publish(
            [AccountCreated(object=each, object_id=each.id, account_id=each.id, effective_at=at) for each in shown],
            lane=Lane.RUN,
        )
        return accounts


def unsaved(fields: Mapping[str, Any]) -> Account:
    """The account that `fields` and the deployment's defaults make, not written yet."""
    return Account(**{**_defaults(), **fields})


def update(
    *, account_id: UUID, changes: Mapping[str, Any], expected_version: int | None, at: datetime, actor: Actor
) -> Account:
    """Change the named fields; address and metadata are replaced whole, the currency is fixed for ever.

    Equal content changes nothing: no new version, no event.
    Errors: account_not_found (404), currency_fixed, external_key_taken, account_deleted (409), version_changed (412).
    """
    with _external_key_unique(changes), unit_of_work(actor):
        account = lock([account_id]).get(account_id)
        if account is None:
            raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id.")
        etags.demand(demand_open(account).version, expected_version)
        new = changed({name: getattr(account, name) for name in changes}, changes)
        if "currency" in new:
            raise Conflict(
                "currency_fixed",
                f"The account is billed in {account.currency}, which cannot change.",
                hint="Create a second account in the other currency.",
                errors=[Problem("/currency", "currency_fixed", f"It stays {account.currency}.")],
            )
        _check_external_key(new.get("external_key"))
        if not new:
            return account
        before = builtins(account_objects([account])[0])
        return _changed(account, new, previous={name: before[name] for name in new}, at=at)


def delete(*, account_id: UUID, expected_version: int | None, at: datetime, actor: Actor) -> Account:
    """Sell nothing to it any more: it is in no list, and its documents, events and export stay. Again: as it is.

    Errors: account_not_found (404), version_changed (412), account_in_use (409), which names all that is not settled.
    """
    with unit_of_work(actor):
        account = lock([account_id]).get(account_id)
        if account is None:
            raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id.")
        if account.deleted_at is not None:
            return account
        etags.demand(account.version, expected_version)
        if found := unsettled(account_id, at):
            raise Conflict(
                "account_in_use",
                f"The account cannot be deleted: {' '.join(said for _, said in found)}",
                hint="Settle what `errors` names: cancel, pay, void or write off; then delete it.",
                errors=[Problem(f"/{what}", f"{what}_open", said) for what, said in found],
            )
        account.deleted_at, account.version, account.updated_at = at, account.version + 1, clock.wall()
        account.save(update_fields=["deleted_at", "version", "updated_at"])
        publish([
            AccountDeleted(
                object=account_objects([account])[0],
                object_id=account.pk,
                account_id=account.pk,
                effective_at=at,
                previous_attributes={"deleted_at": None},
            )
        ])  # fmt: skip
        return account


def shown_changed(account: Account, *, previous_attributes: Mapping[str, Any], at: datetime) -> Account:
    """Another app has changed what it contributes to this account: a new version, announced.

    Inside the caller's unit of work, which has locked the account.
    """
    return _changed(account, {}, previous=previous_attributes, at=at)


def mark(
    marks: Mapping[UUID, Mapping[str, Any]], *, at: Mapping[UUID, datetime], lane: Lane = Lane.API
) -> dict[UUID, Account]:
    """Write what another app has decided of these accounts (`overdue_status`, `dispute_hold`): a new version each,
    announced; the same queries for any number. Inside the caller's unit of work, which has locked them.
    """
    if not marks:
        return {}
    rows = Account.objects.in_bulk(list(marks))
    before = {pk: {name: getattr(rows[pk], name) for name in marks[pk]} for pk in marks}
    for pk, account in rows.items():
        for name, value in marks[pk].items():
            setattr(account, name, value)
        account.version, account.updated_at = account.version + 1, clock.wall()
    Account.objects.bulk_update(rows.values(), ["overdue_status", "dispute_hold", "version", "updated_at"])
    shown = account_objects(list(rows.values()))
    publish(
        [
            AccountUpdated(
                object=each,
                object_id=each.id,
                account_id=each.id,
                effective_at=at[each.id],
                previous_attributes=before[each.id],
            )
            for each in shown
        ],
        lane=lane,
    )
    return rows


def _changed(account: Account, new: Mapping[str, Any], *, previous: Mapping[str, Any], at: datetime) -> Account:
    """Write `new` as the next version, and announce it with the former values."""
    Account.objects.filter(pk=account.pk).update(**new, version=account.version + 1, updated_at=clock.wall())
    account = Account.objects.get(pk=account.pk)
    publish([
        AccountUpdated(
            object=account_objects([account])[0],
            object_id=account.pk,
            account_id=account.pk,
            effective_at=at,
            previous_attributes=dict(previous),
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


def _check_external_key(key: str | None) -> None:
    if key is not None and listed().filter(external_key=key).exists():
        raise _taken(key)


@contextmanager
def _external_key_unique(fields: Mapping[str, Any]) -> Iterator[None]:
    """Whoever comes second at the same moment passes the check; the constraint's refusal means the same."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == EXTERNAL_KEY_UNIQUE:
            raise _taken(fields["external_key"]) from error
        raise


@contextmanager
def _external_keys_unique() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == EXTERNAL_KEY_UNIQUE:
            raise Conflict(
                "external_key_taken",
                "One of these external keys was taken meanwhile.",
                hint="Run it again: what is there by then is left alone.",
            ) from error
        raise


def _taken(key: str) -> Conflict:
    return Conflict(
        "external_key_taken",
        f"Another account has the external_key {key!r}.",
        hint="Look it up with GET /v1/accounts?external_key=..., or choose another key.",
        errors=[Problem("/external_key", "external_key_taken", "This key is taken.")],
    )


def _check_test_clock(clock_id: UUID | None) -> None:
    if clock_id is None:
        return
    if not settings.BILLING_TEST_CLOCKS:
        raise _clock_refused(
            "test_clocks_off", "Test clocks are off here.", hint="Set BILLING_TEST_CLOCKS=1 in a test deployment."
        )
    if not TestClock.objects.filter(pk=clock_id).exists():
        raise _clock_refused("test_clock_unknown", f"There is no test clock {clock_id}.", hint="Check the id.")


def _clock_refused(code: str, detail: str, *, hint: str) -> Invalid:
    return Invalid(code, detail, hint=hint, errors=[Problem("/test_clock_id", code, detail)])
