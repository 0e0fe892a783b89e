"""Pending work here: all that the gateway is to be asked, retries that are to come, and tasks for finance."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from apps.clocks.queries import now_for
from apps.kernel.backlog import Kind, register
from apps.payments.actions.lease import ask_now
from apps.payments.actions.retry import pay
from apps.payments.models import Payment
from apps.payments.queries import to_attach, to_charge, to_detach, to_refund, unread_notices
from apps.payments.reconcile_queries import differences, to_reconcile
from apps.payments.reconcile_rules import DifferenceStatus
from apps.payments.rules import Origin


def _invoice(row: Any) -> object:
    return row.invoice


def _outside(
    name: str, title: str, rows: Callable[[], QuerySet[Any]], called: Callable[[Any], object] = lambda row: ""
) -> Kind:
    """Rows that one worker at a time asks the gateway about."""
    return register(
        Kind(
            name=f"payments.{name}",
            title=title,
            rows=rows,
            next_at="next_call_at",
            calls="calls",
            reason="last_error",
            leased=True,
            called=called,
            try_now=lambda row, actor: ask_now(rows(), row_id=row.pk, actor=actor),
        )
    )


CHARGES = _outside("charges", "Charges", to_charge, _invoice)
REFUNDS = _outside("refunds", "Refunds", lambda: to_refund().select_related("invoice"), _invoice)
NOTICES = _outside("notices", "Gateway notices", unread_notices)
SET_UPS = _outside("set_ups", "Payment methods to set up", to_attach)
DETACHMENTS = _outside("detachments", "Payment methods to detach", to_detach)
LOOKS = _outside("looks", "Looks at the gateway", to_reconcile)
RETRIES = register(
    Kind(
        name="payments.retries",
        title="Retries of failed payments",
        rows=lambda: Payment.objects.filter(next_retry_at__isnull=False, account__dispute_hold=False).select_related(
            "account", "invoice"
        ),
        since=Coalesce(F("settled_at"), F("created_at")),
        next_at="next_retry_at",
        calls="attempt",
        reason=Coalesce(NullIf(F("failure_message"), Value("")), F("failure_code"), output_field=TextField()),
        clock="account__test_clock",
        called=_invoice,
        try_now=lambda row, actor: pay(
            invoice_id=row.invoice_id, origin=Origin.PERSON, at=now_for(row.account), actor=actor
        ),
        button="Collect now",
    )
)
DIFFERENCES = register(
    Kind(
        name="payments.differences",
        title="Tasks of reconciliation",
        rows=lambda: differences().filter(status=DifferenceStatus.OPEN),
        stopped=Q(status=DifferenceStatus.OPEN),
        reason=Value("The gateway or the bank and our books differ: a person decides."),
    )
)
