"""Who asks, and what is read for one request: each noun with its rows, its objects and its row of the role table."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from graphql_sync_dataloaders import SyncDataLoader

from apps.accounts.objects import account_objects
from apps.accounts.queries import accounts
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import invoices
from apps.kernel.errors import Forbidden
from apps.kernel.membership import array
from apps.kernel.prepared import named, prepared, rows_of
from apps.payments.objects import payment_objects
from apps.payments.queries import payments
from apps.plans.objects import plan_objects
from apps.plans.queries import plans
from apps.rest.objects import ApiObject
from apps.rest.permissions import demand
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.queries import subscriptions


@dataclass
class Asker:
    """The caller of one operation, with what is loaded for it; the context of every resolver."""

    principal: Any
    loaders: dict[Hashable, SyncDataLoader] = field(default_factory=dict)

    @property
    def account_id(self) -> UUID | None:
        """The one account that a customer's token shows; None for staff and keys."""
        found: UUID | None = getattr(self.principal, "account_id", None)
        return found

    def loader(self, name: Hashable, batch: Callable[[Sequence[Any]], Sequence[Any]]) -> SyncDataLoader:
        """The loader of that name, made at its first use."""

        def load(keys: Sequence[Any]) -> list[Any]:
            try:
                with prepared():
                    return list(batch(keys))
            except Exception as error:  # noqa: BLE001 - it is the answer to each key, and fails no other loader
                return [error] * len(keys)

        if name not in self.loaders:
            self.loaders[name] = SyncDataLoader(load)
        return self.loaders[name]


@dataclass(frozen=True)
class Noun:
    """What is shown of a kind: `rows` are all of a table.

    `account`: the column that says whose a row is; None: nobody's, not for customers.
    """

    resource: str
    rows: Callable[[], QuerySet[Any]]
    objects: Callable[[Sequence[Any]], Sequence[ApiObject]]
    account: str | None = None

    def visible(self, asker: Asker) -> QuerySet[Any]:
        """The rows that this caller may see, or a refusal."""
        rows = self.rows()
        column = self._narrowed(asker)
        return rows.filter(**{column: asker.account_id}) if column else rows

    def found(self, asker: Asker, ids: Collection[UUID]) -> list[Any]:
        """Those of these rows that this caller may see, in no order, or a refusal.

        Written out: it is asked at every level of every operation, and takes longer to put together than to run.
        """
        model, column = self.rows().model, self._narrowed(asker)
        narrowed, own = (f" AND {column} = %s", [asker.account_id]) if column else ("", [])
        sql = f"SELECT * FROM {model._meta.db_table} WHERE id = ANY(%s::uuid[]){narrowed}"  # noqa: S608 - names alone
        return rows_of(model, named(model, sql), [array(ids), *own])

    def _narrowed(self, asker: Asker) -> str | None:
        """The column that has to be the caller's account, for callers who see only one; or a refusal."""
        demand(asker.principal, self.resource, "read")
        if asker.account_id is None:
            return None
        if self.account is None:
            raise Forbidden(
                "customer_scope",
                f"A customer's token does not show {self.resource}.",
                hint="It shows its account, with subscriptions, invoices, payments and usage; ask with an API key.",
            )
        return self.account

    def by_id(self, asker: Asker, id: UUID) -> Any:
        """The object of that id, null if there is none: all that one operation asks for come by one query."""

        def batch(ids: Sequence[UUID]) -> list[ApiObject | None]:
            rows = self.found(asker, ids)
            shown = dict(zip([row.pk for row in rows], self.objects(rows), strict=True))
            return [shown.get(each) for each in ids]

        return asker.loader(self.resource, batch).load(id)


ACCOUNTS = Noun("accounts", accounts, account_objects, "id")
PLANS = Noun("plans", plans, plan_objects)
SUBSCRIPTIONS = Noun("subscriptions", subscriptions, subscription_objects, "account_id")
INVOICES = Noun("invoices", invoices, invoice_objects, "account_id")
PAYMENTS = Noun("payments", payments, payment_objects, "account_id")
