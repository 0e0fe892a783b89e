"""An invoice that was settled, and of which something is owed again."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import F

from apps.invoices.models import Invoice
from apps.invoices.registry import opened_again
from apps.invoices.rules import Status
from apps.kernel import clock
from apps.kernel.actors import Actor


def open_again(invoice_ids: Collection[UUID], *, actor: Actor) -> None:
    """Open those of these that are PAID, and let whoever watches debts know. They and their accounts are locked."""
    changed = Invoice.objects.filter(pk__in=invoice_ids, status=Status.PAID).update(
        status=Status.OPEN, paid_at=None, version=F("version") + 1, updated_at=clock.wall()
    )
    if changed:
        opened_again(invoice_ids, actor=actor)
