"""Reads and locks of accounts."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from apps.accounts.models import Account
from apps.kernel.errors import Conflict, Invalid
from apps.kernel.membership import among, array
from apps.kernel.prepared import named, rows_of

# Asked by whatever is done with an account: what is written out need not be put together each time.
_ONE = named(Account, "SELECT * FROM accounts_account WHERE id = %s")
_LOCKED = named(Account, "SELECT * FROM accounts_account WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE")


def accounts() -> QuerySet[Account]:
    """All accounts."""
    return Account.objects.all()


def listed() -> QuerySet[Account]:
    """Those that are not deleted."""
    return Account.objects.filter(deleted_at=None)


def currencies() -> list[str]:
    """Those that accounts have, from their index."""
    return list(accounts().order_by("currency").values_list("currency", flat=True).distinct())


def matching(text: str) -> Q:
    """What staff look for: part of a name, or a whole e-mail address, external key or id. Each has its index."""
    found = Q(email__iexact=text) | Q(external_key=text) | Q(name__icontains=text)
    try:
        return found | Q(pk=UUID(text))
    except ValueError:
        return found


def ids_matching(text: str) -> list[UUID]:
    """The accounts that staff may mean, at most 200: a list of ids finds their rows by index, a join does not."""
    return list(accounts().filter(matching(text)).order_by("-pk").values_list("pk", flat=True)[:200])


def lock(ids: Collection[UUID]) -> dict[UUID, Account]:
    """Lock these accounts in the order of their ids; those that do not exist are left out.

    `FOR NO KEY UPDATE`: two units of work on one account take turns, and rows that refer to it may still be written.
    """
    return {account.pk: account for account in rows_of(Account, _LOCKED, [array(ids)])}


def lock_free(ids: Collection[UUID]) -> set[UUID]:
    """Lock those of these accounts that nobody else has locked, without waiting; their ids."""
    rows = Account.objects.filter(among("pk", ids)).select_for_update(no_key=True, skip_locked=True)
    return set(rows.values_list("pk", flat=True))


def lock_to_read(account_id: UUID) -> bool:
    """Keep others from locking this account until the transaction ends; False, at once, where somebody has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM accounts_account WHERE id = %s FOR SHARE SKIP LOCKED", [account_id])
        return bool(cursor.rowcount)


def lock_one(account_id: UUID) -> Account:
    """Lock the account that a body names, or a refusal."""
    return _known(lock([account_id]).get(account_id), account_id)


def lock_open(account_id: UUID) -> Account:
    """The same of one to which something is to be sold or given. Errors: account_deleted (409)."""
    return demand_open(lock_one(account_id))


def demand_open(account: Account) -> Account:
    """Refuse (409) an account that is deleted."""
    if account.deleted_at is not None:
        raise Conflict(
            "account_deleted",
            f"The account {account.pk} was deleted on {account.deleted_at:%-d %B %Y}.",
            hint="Create another one with POST /v1/accounts; the external_key is free again.",
        )
    return account


def one(account_id: UUID) -> Account:
    """The account that a body names, or a refusal."""
    return _known(next(iter(rows_of(Account, _ONE, [account_id])), None), account_id)


def _known(found: Account | None, account_id: UUID) -> Account:
    if found is None:
        raise Invalid(
            "account_unknown",
            f"There is no account {account_id}.",
            hint="Create it with POST /v1/accounts, or look it up with GET /v1/accounts?external_key=...",
        )
    return found


def net_terms(account: Account) -> int:
    """Days from the issue of an invoice until it is due: the account's own, else the deployment's."""
    if account.net_terms_days is None:
        return int(settings.BILLING_NET_TERMS_DAYS)
    return account.net_terms_days
