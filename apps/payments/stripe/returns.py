"""What goes back, at Stripe: refunds, disputes, and all that moved its balance."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from apps.payments.gateway import DisputeResult, DisputeState, Movement, Outcome, RefundRequest, RefundResult
from apps.payments.stripe.calls import PAGE, Caller, call, kept_id

OUTCOMES = {
    "succeeded": Outcome.SUCCEEDED,
    "pending": Outcome.PROCESSING,
    "requires_action": Outcome.PROCESSING,
    "failed": Outcome.FAILED,
    "canceled": Outcome.FAILED,
}
ENDED = {"won": DisputeState.WON, "lost": DisputeState.LOST, "warning_closed": DisputeState.WON}


class Returns(Caller):
    """Refunds, disputes, balance transactions."""

    def refund(self, request: RefundRequest) -> RefundResult:
        with call("refunds.create"):
            refund = self._client.v1.refunds.create(
                {
                    "payment_intent": request.charge_id,
                    "amount": request.amount,
                    "metadata": {"refund_id": str(request.refund_id)},
                },
                {"idempotency_key": f"refund-{request.refund_id}"},
            )
        return _refund(refund)

    def fetch_refund(self, gateway_id: str) -> RefundResult:
        with call("refunds.retrieve"):
            return _refund(self._client.v1.refunds.retrieve(gateway_id))

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        with call("refunds.list"):
            page = self._client.v1.refunds.list({"payment_intent": charge_id, "limit": PAGE})
        return [_refund(each) for each in page.data]

    def fetch_dispute(self, gateway_id: str) -> DisputeResult:
        with call("disputes.retrieve"):
            dispute = self._client.v1.disputes.retrieve(gateway_id)
        status: str = dispute.status
        open_state = DisputeState.INQUIRY if status.startswith("warning_") else DisputeState.OPEN
        return DisputeResult(
            gateway_id=dispute.id,
            charge_id=_id(dispute.payment_intent),
            state=ENDED.get(status, open_state),
            amount=dispute.amount,
            withdrawn=max(0, -sum(each.amount for each in dispute.balance_transactions)),
            currency=dispute.currency.upper(),
            reason=dispute.reason,
        )

    def movements(self, *, since: datetime, until: datetime, after: str = "") -> Iterator[Movement]:
        asked: Any = {
            "limit": PAGE,
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "expand": ["data.source"],
        }
        if after:
            asked["starting_after"] = after
        while True:
            with call("balance_transactions.list"):
                page = self._client.v1.balance_transactions.list(asked)
            yield from (_movement(each) for each in page.data)
            if not page.has_more:
                return
            asked["starting_after"] = page.data[-1].id


def _refund(refund: Any) -> RefundResult:
    return RefundResult(
        outcome=OUTCOMES.get(refund.status, Outcome.PROCESSING),
        gateway_id=refund.id,
        refund_id=kept_id(refund, "refund_id"),
        charge_id=_id(refund.payment_intent),
        amount=refund.amount,
        currency=refund.currency.upper(),
        code=getattr(refund, "failure_reason", None) or "",
    )


def _movement(transaction: Any) -> Movement:
    """Where Stripe settles in another currency than it charges, the source knows what the customer was charged."""
    source = transaction.source
    amount, currency = transaction.amount, transaction.currency
    charged_in = getattr(source, "currency", currency)
    if charged_in != currency:
        amount, currency = (source.amount if amount > 0 else -source.amount), charged_in
    return Movement(
        gateway_id=transaction.id,
        kind=transaction.reporting_category,
        amount=amount,
        fee=transaction.fee,
        currency=currency.upper(),
        source_id=_id(source),
        charge_id=_id(getattr(source, "payment_intent", None)),
        customer_id=_id(getattr(source, "customer", None)),
        payment_id=kept_id(source, "payment_id"),
        refund_id=kept_id(source, "refund_id"),
        at=datetime.fromtimestamp(transaction.created, UTC),
    )


def _id(holder: Any) -> str:
    """The id of an object that may be expanded."""
    if holder is None:
        return ""
    return holder if isinstance(holder, str) else str(holder.id)
