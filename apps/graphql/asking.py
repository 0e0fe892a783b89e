"""Who asks, and what is read for one request: each noun with its rows, its objects and its row of the role table."""

from collections.abc import Callable, Hashable, Sequence
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
from apps.kernel.membership import among
from apps.kernel.prepared import prepared
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
    """What is shown of a kind. `account`: the column that says whose a row is; None: nobody's, not for customers."""

    resource: str
    rows: Callable[[], QuerySet[Any]]
    objects: Callable[[Sequence[Any]], Sequence[ApiObject]]
    account: str | None = None

    def visible(self, asker: Asker) -> QuerySet[Any]:
        """The rows that this caller may see, or a refusal."""
        demand(asker.principal, self.resource, "read")
        rows = self.rows()
        if asker.account_id is None:
            return rows
        if self.account is None:
            raise Forbidden(
                "customer_scope",
                f"A customer's token does not show {self.resource}.",
                hint="It shows its account, with subscriptions, invoices, payments and usage; ask with an API key.",
            )
        return rows.filter(**{self.account: asker.account_id})

    def by_id(self, asker: Asker, id: UUID) -> Any:
        """The object of that id, null if there is none: all that one operation asks for come by one query."""

        def batch(ids: Sequence[UUID]) -> list[ApiObject | None]:
            rows = list(self.visible(asker).filter(among("id", ids)).order_by())
            found = dict(zip([row.pk for row in rows], self.objects(rows), strict=True))
            return [found.get(each) for each in ids]

        return asker.loader(self.resource, batch).load(id)


ACCOUNTS = Noun("accounts", accounts, account_objects, "pk")
PLANS = Noun("plans", plans, plan_objects)
SUBSCRIPTIONS = Noun("subscriptions", subscriptions, subscription_objects, "account_id")
INVOICES = Noun("invoices", invoices, invoice_objects, "account_id")
PAYMENTS = Noun("payments", payments, payment_objects, "account_id")
