"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List, Literal, Protocol

from billing_client.models import (
    Access,
    Account,
    AccountInputRequest,
    AdvanceInputRequest,
    ApiKey,
    ApiKeyInputRequest,
    AssignInputRequest,
    Attempt,
    Balance,
    BankStatement,
    BillingRun,
    BulkMove,
    BulkMoveInputRequest,
    CancellationRequest,
    Coupon,
    CouponInputRequest,
    CreatedApiKey,
    CreatedSubscription,
    CreatedWebhookEndpoint,
    Credit,
    CreditInputRequest,
    CreditNote,
    CreditNoteInputRequest,
    CurrentUsage,
    DismissInputRequest,
    Dispute,
    DryRunInputRequest,
    DunningStep,
    Event,
    EventResendInputRequest,
    Explanation,
    Hold,
    HoldInputRequest,
    Invoice,
    Message,
    OneOffInputRequest,
    PaginatedAccountList,
    PaginatedApiKeyList,
    PaginatedBillingRunList,
    PaginatedBulkMoveList,
    PaginatedCouponList,
    PaginatedCreditList,
    PaginatedCreditNoteList,
    PaginatedDisputeList,
    PaginatedDunningStepList,
    PaginatedEventList,
    PaginatedInvoiceList,
    PaginatedPaymentList,
    PaginatedPaymentMethodList,
    PaginatedPendingItemList,
    PaginatedPlanList,
    PaginatedPlanVersionList,
    PaginatedReconciliationDifferenceList,
    PaginatedRefundList,
    PaginatedRegistrationList,
    PaginatedReratedSubscriptionList,
    PaginatedReratingList,
    PaginatedSubscriptionList,
    PaginatedTaxRateList,
    PaginatedTestClockList,
    PaginatedUsageEventList,
    PaginatedWebhookDeliveryList,
    PaginatedWebhookEndpointList,
    PatchedAccountChangeRequest,
    PatchedPlanChangeRequest,
    PatchedSubscriptionChangeRequest,
    PatchedWebhookEndpointChangeRequest,
    PauseInputRequest,
    PayInputRequest,
    Payment,
    PaymentMethod,
    PaymentMethodInputRequest,
    PendingInputRequest,
    PendingItem,
    Plan,
    PlanInputRequest,
    PlanVersion,
    Preview,
    ReconciliationDifference,
    RecordedUsageEvent,
    Refund,
    RefundInputRequest,
    Registration,
    RegistrationInputRequest,
    RerateInputRequest,
    ReratedSubscription,
    Rerating,
    Resend,
    ResendInputRequest,
    ResumeInputRequest,
    RetriedBillingRun,
    RotateInputRequest,
    Seller,
    SellerInputRequest,
    ShownBillingRun,
    ShownBulkMove,
    ShownRerating,
    ShownSubscription,
    Statement,
    StatementInputRequest,
    Subscription,
    SubscriptionChangeRequest,
    SubscriptionInputRequest,
    TaxRate,
    TaxRateInputRequest,
    TestClock,
    TestClockInputRequest,
    Token,
    TokenInputRequest,
    Transfer,
    TransferInputRequest,
    UsageBatch,
    UsageEvent,
    UsageEventInputRequest,
    UsageReplacementInputRequest,
    UsageVoidInputRequest,
    VoidInputRequest,
    VoidedInvoice,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEndpointInputRequest,
    WriteOffInputRequest,
)
from billing_client.transport import Call, prepared


class Sends(Protocol):
    def send(self, call: Call) -> Any: ...


class AsyncSends(Protocol):
    async def send(self, call: Call) -> Any: ...


class Accounts:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, cursor: str | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> PaginatedAccountList:
        """List accounts, newest first."""
        return self._client.send(prepared('GET', '/v1/accounts', query={"created_after": created_after, "created_before": created_before, "currency": currency, "cursor": cursor, "email": email, "external_key": external_key, "id": id, "limit": limit, "metadata": metadata, "overdue_status": overdue_status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> Iterator[Account]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, currency=currency, email=email, external_key=external_key, id=id, limit=limit, metadata=metadata, overdue_status=overdue_status, test_clock_id=test_clock_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: AccountInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Create an account; email and name are enough."""
        return self._client.send(prepared('POST', '/v1/accounts', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_access(self, account_id: str, *, feature: str | None = None) -> Access:
        """Say whether an account may use what it pays for, or one feature of it."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/access", query={"feature": feature}))  # type: ignore[no-any-return]

    def get_balance(self, account_id: str) -> Balance:
        """Open, overdue and credit, summed from rows."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/balance"))  # type: ignore[no-any-return]

    def list_credits(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/credits", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_credits(self, account_id: str, *, limit: int | None = None) -> Iterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_credits(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def set_dispute_hold(self, account_id: str, body: HoldInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Hold:
        """Hold dunning: days do not count and nobody is reminded until it is released."""
        return self._client.send(prepared('PUT', f"/v1/accounts/{account_id}/dispute-hold", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_dispute_hold(self, account_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Release it: dunning goes on from the day on which it was held."""
        return self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/dispute-hold", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def list_dunning_history(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedDunningStepList:
        """List dunning steps, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/dunning-history", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_dunning_history(self, account_id: str, *, limit: int | None = None) -> Iterator[DunningStep]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_dunning_history(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def list_payment_methods(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPaymentMethodList:
        """List payment methods, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/payment-methods", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_payment_methods(self, account_id: str, *, limit: int | None = None) -> Iterator[PaymentMethod]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_payment_methods(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_payment_methods(self, account_id: str, body: PaymentMethodInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Verify and attach a payment method; the gateway is asked within this request."""
        return self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_payment_methods(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Detach a payment method."""
        return self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/payment-methods/{method_id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def payment_methods_default(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Make this the method that is charged."""
        return self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods/{method_id}/default", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_statement(self, account_id: str, *, from_: str | None = None, to: str | None = None) -> Statement:
        """Invoices, payments and credits in order, with the balance after each."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/statement", query={"from": from_, "to": to}))  # type: ignore[no-any-return]

    def get(self, id: str) -> Account:
        """Show one account."""
        return self._client.send(prepared('GET', f"/v1/accounts/{id}"))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedAccountChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Change an account; a new time zone counts from the next period, the currency never changes."""
        return self._client.send(prepared('PATCH', f"/v1/accounts/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Analytics:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the same as CSV: a line for each month, currency, reason and what recovered it."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]


class ApiKeys:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, cursor: str | None = None, limit: int | None = None) -> PaginatedApiKeyList:
        """List api keys, newest first."""
        return self._client.send(prepared('GET', '/v1/api-keys', query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all(self, *, limit: int | None = None) -> Iterator[ApiKey]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: ApiKeyInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key; it is shown this once."""
        return self._client.send(prepared('POST', '/v1/api-keys', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ApiKey:
        """Show one api key."""
        return self._client.send(prepared('GET', f"/v1/api-keys/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Revoke a key at once."""
        return self._client.send(prepared('DELETE', f"/v1/api-keys/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class Auth:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def token(self, body: TokenInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Token:
        """Sign in by password, go on by refresh token, or make a token that shows one account to its customer."""
        return self._client.send(prepared('POST', '/v1/auth/token', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_token(self, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sign out: the sign-in's tokens are refused from now on."""
        return self._client.send(prepared('DELETE', '/v1/auth/token', idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class BankStatements:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def create(self, body: StatementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BankStatement:
        """Record a statement."""
        return self._client.send(prepared('POST', '/v1/bank-statements', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class BillingRuns:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> PaginatedBillingRunList:
        """List billing runs, newest first."""
        return self._client.send(prepared('GET', '/v1/billing-runs', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "dry_run": dry_run, "limit": limit, "status": status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> Iterator[BillingRun]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, dry_run=dry_run, limit=limit, status=status, test_clock_id=test_clock_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: DryRunInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Forecast a billing run."""
        return self._client.send(prepared('POST', '/v1/billing-runs', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownBillingRun:
        """Show a billing run and what it could not bill."""
        return self._client.send(prepared('GET', f"/v1/billing-runs/{id}"))  # type: ignore[no-any-return]

    def approve(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Approve a held billing run."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/approve", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def pause(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Pause a billing run."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/pause", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def resume(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Let a paused billing run go on."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/resume", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def retry(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RetriedBillingRun:
        """Bill again what a run could not bill."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/retry", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class BulkMoves:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None) -> PaginatedBulkMoveList:
        """List bulk moves, newest first."""
        return self._client.send(prepared('GET', '/v1/bulk-moves', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None) -> Iterator[BulkMove]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: BulkMoveInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BulkMove:
        """Move the subscribers of a plan to a version of it, at the end of their period unless `effective` is ."""
        return self._client.send(prepared('POST', '/v1/bulk-moves', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownBulkMove:
        """Show one move, with the first 100 that could not be moved."""
        return self._client.send(prepared('GET', f"/v1/bulk-moves/{id}"))  # type: ignore[no-any-return]


class Coupons:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedCouponList:
        """List coupons, newest first."""
        return self._client.send(prepared('GET', '/v1/coupons', query={"active": active, "code": code, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    def all(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> Iterator[Coupon]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(active=active, code=code, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CouponInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Coupon:
        """Make a coupon: so many percent, or an amount of one currency; once, for some periods, or for ever."""
        return self._client.send(prepared('POST', '/v1/coupons', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Coupon:
        """Show one coupon."""
        return self._client.send(prepared('GET', f"/v1/coupons/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """End a coupon: nobody can take it any more; where it is attached it goes on."""
        return self._client.send(prepared('DELETE', f"/v1/coupons/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class CreditNotes:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> PaginatedCreditNoteList:
        """List credit notes, newest first."""
        return self._client.send(prepared('GET', '/v1/credit-notes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "metadata": metadata, "number": number}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> Iterator[CreditNote]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, metadata=metadata, number=number, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CreditNoteInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreditNote:
        """Credit an invoice: its open balance is reduced, the rest becomes the account's credit."""
        return self._client.send(prepared('POST', '/v1/credit-notes', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> CreditNote:
        """Show one credit note."""
        return self._client.send(prepared('GET', f"/v1/credit-notes/{id}"))  # type: ignore[no-any-return]

    def get_pdf(self, id: str) -> bytes:
        """Show one credit note as its document, a PDF in the language of its account."""
        return self._client.send(prepared('GET', f"/v1/credit-notes/{id}/pdf"))  # type: ignore[no-any-return]


class Credits:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return self._client.send(prepared('GET', '/v1/credits', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata, "source": source}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> Iterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, source=source, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CreditInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Give credit out of goodwill; invoices issued from now on use it."""
        return self._client.send(prepared('POST', '/v1/credits', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Credit:
        """Show one credit."""
        return self._client.send(prepared('GET', f"/v1/credits/{id}"))  # type: ignore[no-any-return]

    def void(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Take back what remains of a goodwill credit; what it has paid stays paid."""
        return self._client.send(prepared('POST', f"/v1/credits/{id}/void", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Disputes:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['INQUIRY', 'OPEN', 'WON', 'LOST'] | None = None) -> PaginatedDisputeList:
        """List disputes, newest first."""
        return self._client.send(prepared('GET', '/v1/disputes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['INQUIRY', 'OPEN', 'WON', 'LOST'] | None = None) -> Iterator[Dispute]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get(self, id: str) -> Dispute:
        """Show one dispute."""
        return self._client.send(prepared('GET', f"/v1/disputes/{id}"))  # type: ignore[no-any-return]


class Events:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> PaginatedEventList:
        """List events, newest first."""
        return self._client.send(prepared('GET', '/v1/events', query={"account_id": account_id, "after": after, "created_after": created_after, "created_before": created_before, "cursor": cursor, "event_type": event_type, "limit": limit, "object_id": object_id}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> Iterator[Event]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, after=after, created_after=created_after, created_before=created_before, event_type=event_type, limit=limit, object_id=object_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get_stream(self, *, after: int | None = None, types: str | None = None) -> bytes:
        """Hear of events as they happen."""
        return self._client.send(prepared('GET', '/v1/events/stream', query={"after": after, "types": types}))  # type: ignore[no-any-return]

    def get(self, id: str) -> Event:
        """Show one event."""
        return self._client.send(prepared('GET', f"/v1/events/{id}"))  # type: ignore[no-any-return]

    def resend(self, id: str, body: EventResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> dict[str, Any]:
        """Send one event again, under its own id: to one endpoint, or to all that listen to its type."""
        return self._client.send(prepared('POST', f"/v1/events/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Invoices:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> PaginatedInvoiceList:
        """List invoices, newest first."""
        return self._client.send(prepared('GET', '/v1/invoices', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "due_before": due_before, "kind": kind, "limit": limit, "metadata": metadata, "number": number, "status": status, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> Iterator[Invoice]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, due_before=due_before, kind=kind, limit=limit, metadata=metadata, number=number, status=status, subscription_id=subscription_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: OneOffInputRequest, *, expand: List[Literal['account']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Invoice something at once: final, numbered and owed, with tax and credit as any other."""
        return self._client.send(prepared('POST', '/v1/invoices', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_upcoming(self, *, subscription_id: str | None = None) -> Preview:
        """Show the next invoice of a subscription, as it will be if nothing happens until then."""
        return self._client.send(prepared('GET', '/v1/invoices/upcoming', query={"subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def get(self, id: str, *, expand: List[Literal['account']] | None = None) -> Invoice:
        """Show one invoice."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    def apply_credit(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Apply credit to an open invoice."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/apply-credit", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def explain(self, id: str) -> Explanation:
        """Explain every cent of an invoice."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/explain"))  # type: ignore[no-any-return]

    def pay(self, id: str, body: PayInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Payment:
        """Charge what is left of an open invoice now; with `Prefer: wait=N` the answer says how it went."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/pay", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_pdf(self, id: str, *, expand: List[Literal['account']] | None = None) -> bytes:
        """Show one invoice as its document, a PDF in the language of its account."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/pdf", query={"expand": expand}))  # type: ignore[no-any-return]

    def usage(self, id: str, *, cursor: str | None = None, limit: int | None = None, line_id: str | None = None) -> PaginatedUsageEventList:
        """List the usage events that an invoice holds."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/usage", query={"cursor": cursor, "limit": limit, "line_id": line_id}))  # type: ignore[no-any-return]

    def all_usage(self, id: str, *, limit: int | None = None, line_id: str | None = None) -> Iterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.usage(id, limit=limit, line_id=line_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def void(self, id: str, body: VoidInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> VoidedInvoice:
        """Void an invoice: a corrected one follows at once, or with `replace: false` its days are waived."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def write_off(self, id: str, body: WriteOffInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Write off what is left of an invoice: a loss in the books."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/write-off", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_write_off(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Take a write-off back: the invoice is open again."""
        return self._client.send(prepared('DELETE', f"/v1/invoices/{id}/write-off", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def send(self, invoice_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Message:
        """Send the invoice's document again, to the address the account has now."""
        return self._client.send(prepared('POST', f"/v1/invoices/{invoice_id}/send", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Ledger:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_trial_balance(self) -> dict[str, Any]:
        """All rows at once: there are at most ten a currency."""
        return self._client.send(prepared('GET', '/v1/ledger/trial-balance'))  # type: ignore[no-any-return]


class Payments:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedPaymentList:
        """List payments, newest first."""
        return self._client.send(prepared('GET', '/v1/payments', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> Iterator[Payment]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: TransferInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Transfer:
        """Record a bank transfer: it pays its invoice, or the oldest due first; what is too much becomes credi."""
        return self._client.send(prepared('POST', '/v1/payments', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Payment:
        """Show one payment."""
        return self._client.send(prepared('GET', f"/v1/payments/{id}"))  # type: ignore[no-any-return]

    def refunds(self, id: str, body: RefundInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Refund:
        """Give money back, never more than was paid; a credit note of as much is made for the invoice."""
        return self._client.send(prepared('POST', f"/v1/payments/{id}/refunds", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class PendingItems:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> PaginatedPendingItemList:
        """List pending items, newest first."""
        return self._client.send(prepared('GET', '/v1/pending-items', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "subscription_id": subscription_id, "waiting": waiting}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> Iterator[PendingItem]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, subscription_id=subscription_id, waiting=waiting, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: PendingInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PendingItem:
        """Let a line wait for the account's next invoice of any kind but one-off."""
        return self._client.send(prepared('POST', '/v1/pending-items', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> PendingItem:
        """Show one pending item."""
        return self._client.send(prepared('GET', f"/v1/pending-items/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Take a line back while it waits."""
        return self._client.send(prepared('DELETE', f"/v1/pending-items/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class Plans:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedPlanList:
        """List plans, newest first."""
        return self._client.send(prepared('GET', '/v1/plans', query={"active": active, "created_after": created_after, "created_before": created_before, "cursor": cursor, "id": id, "key": key, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    def all(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> Iterator[Plan]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(active=active, created_after=created_after, created_before=created_before, id=id, key=key, limit=limit, metadata=metadata, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: PlanInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Create a plan from one document; every problem in it is reported at once."""
        return self._client.send(prepared('POST', '/v1/plans', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Plan:
        """Show one plan."""
        return self._client.send(prepared('GET', f"/v1/plans/{id}"))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedPlanChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Change a plan; new terms or prices make a new version."""
        return self._client.send(prepared('PATCH', f"/v1/plans/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sell a plan no more."""
        return self._client.send(prepared('DELETE', f"/v1/plans/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def list_versions(self, plan_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPlanVersionList:
        """List plan versions, newest first."""
        return self._client.send(prepared('GET', f"/v1/plans/{plan_id}/versions", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_versions(self, plan_id: str, *, limit: int | None = None) -> Iterator[PlanVersion]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_versions(plan_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


class ReRatings:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> PaginatedReratingList:
        """List reratings, newest first."""
        return self._client.send(prepared('GET', '/v1/re-ratings', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> Iterator[Rerating]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: RerateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Preview a re-rating."""
        return self._client.send(prepared('POST', '/v1/re-ratings', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownRerating:
        """Show one re-rating with its sums by currency."""
        return self._client.send(prepared('GET', f"/v1/re-ratings/{id}"))  # type: ignore[no-any-return]

    def bill(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Bill or credit what a re-rating shows."""
        return self._client.send(prepared('POST', f"/v1/re-ratings/{id}/bill", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def list_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> PaginatedReratedSubscriptionList:
        """List rerated subscriptions, newest first."""
        return self._client.send(prepared('GET', f"/v1/re-ratings/{rerating_id}/subscriptions", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "failed": failed, "limit": limit, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def all_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> Iterator[ReratedSubscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_subscriptions(rerating_id, created_after=created_after, created_before=created_before, failed=failed, limit=limit, subscription_id=subscription_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


class Reconciliation:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> PaginatedReconciliationDifferenceList:
        """List reconciliation differences, newest first."""
        return self._client.send(prepared('GET', '/v1/reconciliation/differences', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "kind": kind, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> Iterator[ReconciliationDifference]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_differences(account_id=account_id, created_after=created_after, created_before=created_before, kind=kind, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get_differences(self, id: str) -> ReconciliationDifference:
        """Show one reconciliation difference."""
        return self._client.send(prepared('GET', f"/v1/reconciliation/differences/{id}"))  # type: ignore[no-any-return]

    def differences_apply(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Do what `fix` proposes; LOOK_AGAIN leaves it open until the next look finds that both sides agree."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/apply", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def differences_assign(self, id: str, body: AssignInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Record a bank transfer that named nobody: for an invoice, or an account's oldest due first."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/assign", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def differences_dismiss(self, id: str, body: DismissInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Nothing is to be done, for this reason; it comes back when an amount changes."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/dismiss", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Refunds:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedRefundList:
        """List refunds, newest first."""
        return self._client.send(prepared('GET', '/v1/refunds', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> Iterator[Refund]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get(self, id: str) -> Refund:
        """Show one refund."""
        return self._client.send(prepared('GET', f"/v1/refunds/{id}"))  # type: ignore[no-any-return]


class Subscriptions:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> PaginatedSubscriptionList:
        """List subscriptions, newest first."""
        return self._client.send(prepared('GET', '/v1/subscriptions', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "external_key": external_key, "limit": limit, "metadata": metadata, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> Iterator[Subscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, external_key=external_key, limit=limit, metadata=metadata, plan_id=plan_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        return self._client.send(prepared('POST', '/v1/subscriptions', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def preview_new(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a creation: what it would bill now, and next."""
        return self._client.send(prepared('POST', '/v1/subscriptions/preview', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> ShownSubscription:
        """Show one subscription."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedSubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Change plan, version, quantity or metadata: the rest of the period is credited, and charged anew."""
        return self._client.send(prepared('PATCH', f"/v1/subscriptions/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def cancel(self, id: str, body: CancellationRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the peri."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/cancel", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_coupons(self, id: str, coupon_id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take a coupon off: it comes off nothing that is charged from now on; what is billed stays as it is."""
        return self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/coupons/{coupon_id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_history(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> dict[str, Any]:
        """What happened to it, newest first: each event with the values before and after."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}/history", query={"expand": expand}))  # type: ignore[no-any-return]

    def pause(self, id: str, body: PauseInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Pause: days from today on are credited and not billed until it is resumed, at the latest after 90 da."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/pause", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def preview(self, id: str, body: SubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a change: what PATCH with this body would bill now, and what comes next."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/preview", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def resume(self, id: str, body: ResumeInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Resume: the rest of the period is billed from today on; the anchor stays."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/resume", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_scheduled_change(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back the change that waits for the end of the period."""
        return self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/scheduled-change", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def uncancel(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back a cancellation at the end of the period."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/uncancel", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_usage(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> CurrentUsage:
        """What it has used in its period so far, charge by charge, and what that would cost by now."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}/usage", query={"expand": expand}))  # type: ignore[no-any-return]


class Tax:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> PaginatedTaxRateList:
        """List tax rates, newest first."""
        return self._client.send(prepared('GET', '/v1/tax/rates', query={"category": category, "created_after": created_after, "created_before": created_before, "cursor": cursor, "jurisdiction": jurisdiction, "limit": limit, "valid_on": valid_on}))  # type: ignore[no-any-return]

    def all_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> Iterator[TaxRate]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_rates(category=category, created_after=created_after, created_before=created_before, jurisdiction=jurisdiction, limit=limit, valid_on=valid_on, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_rates(self, body: TaxRateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxRate:
        """Add a rate."""
        return self._client.send(prepared('POST', '/v1/tax/rates', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_rates(self, id: str) -> TaxRate:
        """Show one tax rate."""
        return self._client.send(prepared('GET', f"/v1/tax/rates/{id}"))  # type: ignore[no-any-return]

    def list_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None) -> PaginatedRegistrationList:
        """List registrations, newest first."""
        return self._client.send(prepared('GET', '/v1/tax/registrations', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None) -> Iterator[Registration]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_registrations(country=country, created_after=created_after, created_before=created_before, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_registrations(self, body: RegistrationInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Registration:
        """Register in a country from a day on."""
        return self._client.send(prepared('POST', '/v1/tax/registrations', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_registrations(self, id: str) -> Registration:
        """Show one registration."""
        return self._client.send(prepared('GET', f"/v1/tax/registrations/{id}"))  # type: ignore[no-any-return]

    def get_seller(self) -> Seller:
        """Show one seller."""
        return self._client.send(prepared('GET', '/v1/tax/seller'))  # type: ignore[no-any-return]

    def set_seller(self, body: SellerInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Seller:
        """Say anew who sells."""
        return self._client.send(prepared('PUT', '/v1/tax/seller', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class TestClocks:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> PaginatedTestClockList:
        """List test clocks, newest first."""
        return self._client.send(prepared('GET', '/v1/test-clocks', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "name": name, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> Iterator[TestClock]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, name=name, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: TestClockInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Make a test clock that stands at `frozen_time`; accounts join it by `test_clock_id` when they are cr."""
        return self._client.send(prepared('POST', '/v1/test-clocks', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> TestClock:
        """Show one test clock."""
        return self._client.send(prepared('GET', f"/v1/test-clocks/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Delete a test clock that no account lives on."""
        return self._client.send(prepared('DELETE', f"/v1/test-clocks/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def advance(self, id: str, body: AdvanceInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Run all that falls due up to a later time, in order: 200 when done within `Prefer: wait=N` (30), els."""
        return self._client.send(prepared('POST', f"/v1/test-clocks/{id}/advance", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Usage:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, cursor: str | None = None, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> PaginatedUsageEventList:
        """List usage events, newest first."""
        return self._client.send(prepared('GET', '/v1/usage', query={"cursor": cursor, "idempotency_key": idempotency_key, "limit": limit, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def all(self, *, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> Iterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(idempotency_key=idempotency_key, limit=limit, metric=metric, subscription_id=subscription_id, timestamp_after=timestamp_after, timestamp_before=timestamp_before, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: UsageEventInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RecordedUsageEvent:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        return self._client.send(prepared('POST', '/v1/usage', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def batch(self, body: List[UsageEventInputRequest], *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageBatch:
        """Record many events, as a JSON array or one on each line; each is answered on its own."""
        return self._client.send(prepared('POST', '/v1/usage/batch', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_export(self, *, format: Literal['csv', 'parquet'] | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> bytes:
        """Stream events as a file, in the order of their arrival, those that are void too."""
        return self._client.send(prepared('GET', '/v1/usage/export', query={"format": format, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def get_summary(self, *, group_by: str | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> dict[str, Any]:
        """Sum usage up by local day, metric and properties; what was voided is left out."""
        return self._client.send(prepared('GET', '/v1/usage/summary', query={"group_by": group_by, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def get(self, id: str) -> UsageEvent:
        """Show one usage event."""
        return self._client.send(prepared('GET', f"/v1/usage/{id}"))  # type: ignore[no-any-return]

    def replace(self, id: str, body: UsageReplacementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let another event count instead of this one, in one step; answers with the new one."""
        return self._client.send(prepared('POST', f"/v1/usage/{id}/replace", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def void(self, id: str, body: UsageVoidInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let an event count no longer; a period that is billed already is rated again."""
        return self._client.send(prepared('POST', f"/v1/usage/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class WebhookEndpoints:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> PaginatedWebhookEndpointList:
        """List webhook endpoints, newest first."""
        return self._client.send(prepared('GET', '/v1/webhook-endpoints', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> Iterator[WebhookEndpoint]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: WebhookEndpointInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """Make an endpoint."""
        return self._client.send(prepared('POST', '/v1/webhook-endpoints', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def list_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> PaginatedWebhookDeliveryList:
        """List webhook deliverys, newest first."""
        return self._client.send(prepared('GET', f"/v1/webhook-endpoints/{endpoint_id}/deliveries", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "event_id": event_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> Iterator[WebhookDelivery]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_deliveries(endpoint_id, created_after=created_after, created_before=created_before, event_id=event_id, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get(self, id: str) -> WebhookEndpoint:
        """Show one webhook endpoint."""
        return self._client.send(prepared('GET', f"/v1/webhook-endpoints/{id}"))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedWebhookEndpointChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> WebhookEndpoint:
        """Change an endpoint, disable or enable it."""
        return self._client.send(prepared('PATCH', f"/v1/webhook-endpoints/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Send it nothing any more."""
        return self._client.send(prepared('DELETE', f"/v1/webhook-endpoints/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def resend(self, id: str, body: ResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Resend:
        """Send everything since a time or position again, under the same ids and numbers."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def rotate_secret(self, id: str, body: RotateInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """A new secret, shown this once."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/rotate-secret", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def test(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Attempt:
        """Send `webhook_endpoint.test` now, and show what was answered."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/test", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class Resources:
    """All that the API has, by resource."""

    def __init__(self, client: Sends) -> None:
        self.accounts = Accounts(client)
        self.analytics = Analytics(client)
        self.api_keys = ApiKeys(client)
        self.auth = Auth(client)
        self.bank_statements = BankStatements(client)
        self.billing_runs = BillingRuns(client)
        self.bulk_moves = BulkMoves(client)
        self.coupons = Coupons(client)
        self.credit_notes = CreditNotes(client)
        self.credits = Credits(client)
        self.disputes = Disputes(client)
        self.events = Events(client)
        self.invoices = Invoices(client)
        self.ledger = Ledger(client)
        self.payments = Payments(client)
        self.pending_items = PendingItems(client)
        self.plans = Plans(client)
        self.re_ratings = ReRatings(client)
        self.reconciliation = Reconciliation(client)
        self.refunds = Refunds(client)
        self.subscriptions = Subscriptions(client)
        self.tax = Tax(client)
        self.test_clocks = TestClocks(client)
        self.usage = Usage(client)
        self.webhook_endpoints = WebhookEndpoints(client)


class AsyncAccounts:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, cursor: str | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> PaginatedAccountList:
        """List accounts, newest first."""
        return await self._client.send(prepared('GET', '/v1/accounts', query={"created_after": created_after, "created_before": created_before, "currency": currency, "cursor": cursor, "email": email, "external_key": external_key, "id": id, "limit": limit, "metadata": metadata, "overdue_status": overdue_status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> AsyncIterator[Account]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, currency=currency, email=email, external_key=external_key, id=id, limit=limit, metadata=metadata, overdue_status=overdue_status, test_clock_id=test_clock_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: AccountInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Create an account; email and name are enough."""
        return await self._client.send(prepared('POST', '/v1/accounts', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_access(self, account_id: str, *, feature: str | None = None) -> Access:
        """Say whether an account may use what it pays for, or one feature of it."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/access", query={"feature": feature}))  # type: ignore[no-any-return]

    async def get_balance(self, account_id: str) -> Balance:
        """Open, overdue and credit, summed from rows."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/balance"))  # type: ignore[no-any-return]

    async def list_credits(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/credits", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_credits(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_credits(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def set_dispute_hold(self, account_id: str, body: HoldInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Hold:
        """Hold dunning: days do not count and nobody is reminded until it is released."""
        return await self._client.send(prepared('PUT', f"/v1/accounts/{account_id}/dispute-hold", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_dispute_hold(self, account_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Release it: dunning goes on from the day on which it was held."""
        return await self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/dispute-hold", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def list_dunning_history(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedDunningStepList:
        """List dunning steps, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/dunning-history", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_dunning_history(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[DunningStep]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_dunning_history(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def list_payment_methods(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPaymentMethodList:
        """List payment methods, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/payment-methods", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_payment_methods(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[PaymentMethod]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_payment_methods(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_payment_methods(self, account_id: str, body: PaymentMethodInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Verify and attach a payment method; the gateway is asked within this request."""
        return await self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_payment_methods(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Detach a payment method."""
        return await self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/payment-methods/{method_id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def payment_methods_default(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Make this the method that is charged."""
        return await self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods/{method_id}/default", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_statement(self, account_id: str, *, from_: str | None = None, to: str | None = None) -> Statement:
        """Invoices, payments and credits in order, with the balance after each."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/statement", query={"from": from_, "to": to}))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Account:
        """Show one account."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{id}"))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedAccountChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Change an account; a new time zone counts from the next period, the currency never changes."""
        return await self._client.send(prepared('PATCH', f"/v1/accounts/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncAnalytics:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the same as CSV: a line for each month, currency, reason and what recovered it."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]


class AsyncApiKeys:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, cursor: str | None = None, limit: int | None = None) -> PaginatedApiKeyList:
        """List api keys, newest first."""
        return await self._client.send(prepared('GET', '/v1/api-keys', query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all(self, *, limit: int | None = None) -> AsyncIterator[ApiKey]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: ApiKeyInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key; it is shown this once."""
        return await self._client.send(prepared('POST', '/v1/api-keys', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ApiKey:
        """Show one api key."""
        return await self._client.send(prepared('GET', f"/v1/api-keys/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Revoke a key at once."""
        return await self._client.send(prepared('DELETE', f"/v1/api-keys/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncAuth:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def token(self, body: TokenInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Token:
        """Sign in by password, go on by refresh token, or make a token that shows one account to its customer."""
        return await self._client.send(prepared('POST', '/v1/auth/token', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_token(self, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sign out: the sign-in's tokens are refused from now on."""
        return await self._client.send(prepared('DELETE', '/v1/auth/token', idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncBankStatements:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def create(self, body: StatementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BankStatement:
        """Record a statement."""
        return await self._client.send(prepared('POST', '/v1/bank-statements', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncBillingRuns:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> PaginatedBillingRunList:
        """List billing runs, newest first."""
        return await self._client.send(prepared('GET', '/v1/billing-runs', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "dry_run": dry_run, "limit": limit, "status": status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> AsyncIterator[BillingRun]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, dry_run=dry_run, limit=limit, status=status, test_clock_id=test_clock_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: DryRunInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Forecast a billing run."""
        return await self._client.send(prepared('POST', '/v1/billing-runs', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownBillingRun:
        """Show a billing run and what it could not bill."""
        return await self._client.send(prepared('GET', f"/v1/billing-runs/{id}"))  # type: ignore[no-any-return]

    async def approve(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Approve a held billing run."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/approve", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def pause(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Pause a billing run."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/pause", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def resume(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Let a paused billing run go on."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/resume", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def retry(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RetriedBillingRun:
        """Bill again what a run could not bill."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/retry", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncBulkMoves:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None) -> PaginatedBulkMoveList:
        """List bulk moves, newest first."""
        return await self._client.send(prepared('GET', '/v1/bulk-moves', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None) -> AsyncIterator[BulkMove]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: BulkMoveInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BulkMove:
        """Move the subscribers of a plan to a version of it, at the end of their period unless `effective` is ."""
        return await self._client.send(prepared('POST', '/v1/bulk-moves', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownBulkMove:
        """Show one move, with the first 100 that could not be moved."""
        return await self._client.send(prepared('GET', f"/v1/bulk-moves/{id}"))  # type: ignore[no-any-return]


class AsyncCoupons:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedCouponList:
        """List coupons, newest first."""
        return await self._client.send(prepared('GET', '/v1/coupons', query={"active": active, "code": code, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    async def all(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> AsyncIterator[Coupon]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(active=active, code=code, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CouponInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Coupon:
        """Make a coupon: so many percent, or an amount of one currency; once, for some periods, or for ever."""
        return await self._client.send(prepared('POST', '/v1/coupons', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Coupon:
        """Show one coupon."""
        return await self._client.send(prepared('GET', f"/v1/coupons/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """End a coupon: nobody can take it any more; where it is attached it goes on."""
        return await self._client.send(prepared('DELETE', f"/v1/coupons/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncCreditNotes:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> PaginatedCreditNoteList:
        """List credit notes, newest first."""
        return await self._client.send(prepared('GET', '/v1/credit-notes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "metadata": metadata, "number": number}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> AsyncIterator[CreditNote]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, metadata=metadata, number=number, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CreditNoteInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreditNote:
        """Credit an invoice: its open balance is reduced, the rest becomes the account's credit."""
        return await self._client.send(prepared('POST', '/v1/credit-notes', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> CreditNote:
        """Show one credit note."""
        return await self._client.send(prepared('GET', f"/v1/credit-notes/{id}"))  # type: ignore[no-any-return]

    async def get_pdf(self, id: str) -> bytes:
        """Show one credit note as its document, a PDF in the language of its account."""
        return await self._client.send(prepared('GET', f"/v1/credit-notes/{id}/pdf"))  # type: ignore[no-any-return]


class AsyncCredits:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return await self._client.send(prepared('GET', '/v1/credits', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata, "source": source}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> AsyncIterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, source=source, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CreditInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Give credit out of goodwill; invoices issued from now on use it."""
        return await self._client.send(prepared('POST', '/v1/credits', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Credit:
        """Show one credit."""
        return await self._client.send(prepared('GET', f"/v1/credits/{id}"))  # type: ignore[no-any-return]

    async def void(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Take back what remains of a goodwill credit; what it has paid stays paid."""
        return await self._client.send(prepared('POST', f"/v1/credits/{id}/void", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncDisputes:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['INQUIRY', 'OPEN', 'WON', 'LOST'] | None = None) -> PaginatedDisputeList:
        """List disputes, newest first."""
        return await self._client.send(prepared('GET', '/v1/disputes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['INQUIRY', 'OPEN', 'WON', 'LOST'] | None = None) -> AsyncIterator[Dispute]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get(self, id: str) -> Dispute:
        """Show one dispute."""
        return await self._client.send(prepared('GET', f"/v1/disputes/{id}"))  # type: ignore[no-any-return]


class AsyncEvents:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> PaginatedEventList:
        """List events, newest first."""
        return await self._client.send(prepared('GET', '/v1/events', query={"account_id": account_id, "after": after, "created_after": created_after, "created_before": created_before, "cursor": cursor, "event_type": event_type, "limit": limit, "object_id": object_id}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> AsyncIterator[Event]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, after=after, created_after=created_after, created_before=created_before, event_type=event_type, limit=limit, object_id=object_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_stream(self, *, after: int | None = None, types: str | None = None) -> bytes:
        """Hear of events as they happen."""
        return await self._client.send(prepared('GET', '/v1/events/stream', query={"after": after, "types": types}))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Event:
        """Show one event."""
        return await self._client.send(prepared('GET', f"/v1/events/{id}"))  # type: ignore[no-any-return]

    async def resend(self, id: str, body: EventResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> dict[str, Any]:
        """Send one event again, under its own id: to one endpoint, or to all that listen to its type."""
        return await self._client.send(prepared('POST', f"/v1/events/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncInvoices:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> PaginatedInvoiceList:
        """List invoices, newest first."""
        return await self._client.send(prepared('GET', '/v1/invoices', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "due_before": due_before, "kind": kind, "limit": limit, "metadata": metadata, "number": number, "status": status, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> AsyncIterator[Invoice]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, due_before=due_before, kind=kind, limit=limit, metadata=metadata, number=number, status=status, subscription_id=subscription_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: OneOffInputRequest, *, expand: List[Literal['account']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Invoice something at once: final, numbered and owed, with tax and credit as any other."""
        return await self._client.send(prepared('POST', '/v1/invoices', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_upcoming(self, *, subscription_id: str | None = None) -> Preview:
        """Show the next invoice of a subscription, as it will be if nothing happens until then."""
        return await self._client.send(prepared('GET', '/v1/invoices/upcoming', query={"subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def get(self, id: str, *, expand: List[Literal['account']] | None = None) -> Invoice:
        """Show one invoice."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    async def apply_credit(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Apply credit to an open invoice."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/apply-credit", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def explain(self, id: str) -> Explanation:
        """Explain every cent of an invoice."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/explain"))  # type: ignore[no-any-return]

    async def pay(self, id: str, body: PayInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Payment:
        """Charge what is left of an open invoice now; with `Prefer: wait=N` the answer says how it went."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/pay", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_pdf(self, id: str, *, expand: List[Literal['account']] | None = None) -> bytes:
        """Show one invoice as its document, a PDF in the language of its account."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/pdf", query={"expand": expand}))  # type: ignore[no-any-return]

    async def usage(self, id: str, *, cursor: str | None = None, limit: int | None = None, line_id: str | None = None) -> PaginatedUsageEventList:
        """List the usage events that an invoice holds."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/usage", query={"cursor": cursor, "limit": limit, "line_id": line_id}))  # type: ignore[no-any-return]

    async def all_usage(self, id: str, *, limit: int | None = None, line_id: str | None = None) -> AsyncIterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.usage(id, limit=limit, line_id=line_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def void(self, id: str, body: VoidInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> VoidedInvoice:
        """Void an invoice: a corrected one follows at once, or with `replace: false` its days are waived."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def write_off(self, id: str, body: WriteOffInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Write off what is left of an invoice: a loss in the books."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/write-off", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_write_off(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Take a write-off back: the invoice is open again."""
        return await self._client.send(prepared('DELETE', f"/v1/invoices/{id}/write-off", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def send(self, invoice_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Message:
        """Send the invoice's document again, to the address the account has now."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{invoice_id}/send", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncLedger:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_trial_balance(self) -> dict[str, Any]:
        """All rows at once: there are at most ten a currency."""
        return await self._client.send(prepared('GET', '/v1/ledger/trial-balance'))  # type: ignore[no-any-return]


class AsyncPayments:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedPaymentList:
        """List payments, newest first."""
        return await self._client.send(prepared('GET', '/v1/payments', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> AsyncIterator[Payment]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: TransferInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Transfer:
        """Record a bank transfer: it pays its invoice, or the oldest due first; what is too much becomes credi."""
        return await self._client.send(prepared('POST', '/v1/payments', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Payment:
        """Show one payment."""
        return await self._client.send(prepared('GET', f"/v1/payments/{id}"))  # type: ignore[no-any-return]

    async def refunds(self, id: str, body: RefundInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Refund:
        """Give money back, never more than was paid; a credit note of as much is made for the invoice."""
        return await self._client.send(prepared('POST', f"/v1/payments/{id}/refunds", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncPendingItems:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> PaginatedPendingItemList:
        """List pending items, newest first."""
        return await self._client.send(prepared('GET', '/v1/pending-items', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "subscription_id": subscription_id, "waiting": waiting}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> AsyncIterator[PendingItem]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, subscription_id=subscription_id, waiting=waiting, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: PendingInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PendingItem:
        """Let a line wait for the account's next invoice of any kind but one-off."""
        return await self._client.send(prepared('POST', '/v1/pending-items', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> PendingItem:
        """Show one pending item."""
        return await self._client.send(prepared('GET', f"/v1/pending-items/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Take a line back while it waits."""
        return await self._client.send(prepared('DELETE', f"/v1/pending-items/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncPlans:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedPlanList:
        """List plans, newest first."""
        return await self._client.send(prepared('GET', '/v1/plans', query={"active": active, "created_after": created_after, "created_before": created_before, "cursor": cursor, "id": id, "key": key, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    async def all(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> AsyncIterator[Plan]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(active=active, created_after=created_after, created_before=created_before, id=id, key=key, limit=limit, metadata=metadata, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: PlanInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Create a plan from one document; every problem in it is reported at once."""
        return await self._client.send(prepared('POST', '/v1/plans', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Plan:
        """Show one plan."""
        return await self._client.send(prepared('GET', f"/v1/plans/{id}"))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedPlanChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Change a plan; new terms or prices make a new version."""
        return await self._client.send(prepared('PATCH', f"/v1/plans/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sell a plan no more."""
        return await self._client.send(prepared('DELETE', f"/v1/plans/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def list_versions(self, plan_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPlanVersionList:
        """List plan versions, newest first."""
        return await self._client.send(prepared('GET', f"/v1/plans/{plan_id}/versions", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_versions(self, plan_id: str, *, limit: int | None = None) -> AsyncIterator[PlanVersion]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_versions(plan_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return


class AsyncReRatings:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> PaginatedReratingList:
        """List reratings, newest first."""
        return await self._client.send(prepared('GET', '/v1/re-ratings', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> AsyncIterator[Rerating]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: RerateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Preview a re-rating."""
        return await self._client.send(prepared('POST', '/v1/re-ratings', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownRerating:
        """Show one re-rating with its sums by currency."""
        return await self._client.send(prepared('GET', f"/v1/re-ratings/{id}"))  # type: ignore[no-any-return]

    async def bill(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Bill or credit what a re-rating shows."""
        return await self._client.send(prepared('POST', f"/v1/re-ratings/{id}/bill", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def list_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> PaginatedReratedSubscriptionList:
        """List rerated subscriptions, newest first."""
        return await self._client.send(prepared('GET', f"/v1/re-ratings/{rerating_id}/subscriptions", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "failed": failed, "limit": limit, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def all_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> AsyncIterator[ReratedSubscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_subscriptions(rerating_id, created_after=created_after, created_before=created_before, failed=failed, limit=limit, subscription_id=subscription_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return


class AsyncReconciliation:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> PaginatedReconciliationDifferenceList:
        """List reconciliation differences, newest first."""
        return await self._client.send(prepared('GET', '/v1/reconciliation/differences', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "kind": kind, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> AsyncIterator[ReconciliationDifference]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_differences(account_id=account_id, created_after=created_after, created_before=created_before, kind=kind, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_differences(self, id: str) -> ReconciliationDifference:
        """Show one reconciliation difference."""
        return await self._client.send(prepared('GET', f"/v1/reconciliation/differences/{id}"))  # type: ignore[no-any-return]

    async def differences_apply(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Do what `fix` proposes; LOOK_AGAIN leaves it open until the next look finds that both sides agree."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/apply", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def differences_assign(self, id: str, body: AssignInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Record a bank transfer that named nobody: for an invoice, or an account's oldest due first."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/assign", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def differences_dismiss(self, id: str, body: DismissInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Nothing is to be done, for this reason; it comes back when an amount changes."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/dismiss", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncRefunds:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedRefundList:
        """List refunds, newest first."""
        return await self._client.send(prepared('GET', '/v1/refunds', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> AsyncIterator[Refund]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get(self, id: str) -> Refund:
        """Show one refund."""
        return await self._client.send(prepared('GET', f"/v1/refunds/{id}"))  # type: ignore[no-any-return]


class AsyncSubscriptions:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> PaginatedSubscriptionList:
        """List subscriptions, newest first."""
        return await self._client.send(prepared('GET', '/v1/subscriptions', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "external_key": external_key, "limit": limit, "metadata": metadata, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> AsyncIterator[Subscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, external_key=external_key, limit=limit, metadata=metadata, plan_id=plan_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        return await self._client.send(prepared('POST', '/v1/subscriptions', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def preview_new(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a creation: what it would bill now, and next."""
        return await self._client.send(prepared('POST', '/v1/subscriptions/preview', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> ShownSubscription:
        """Show one subscription."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedSubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Change plan, version, quantity or metadata: the rest of the period is credited, and charged anew."""
        return await self._client.send(prepared('PATCH', f"/v1/subscriptions/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def cancel(self, id: str, body: CancellationRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the peri."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/cancel", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_coupons(self, id: str, coupon_id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take a coupon off: it comes off nothing that is charged from now on; what is billed stays as it is."""
        return await self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/coupons/{coupon_id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_history(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> dict[str, Any]:
        """What happened to it, newest first: each event with the values before and after."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}/history", query={"expand": expand}))  # type: ignore[no-any-return]

    async def pause(self, id: str, body: PauseInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Pause: days from today on are credited and not billed until it is resumed, at the latest after 90 da."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/pause", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def preview(self, id: str, body: SubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a change: what PATCH with this body would bill now, and what comes next."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/preview", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def resume(self, id: str, body: ResumeInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Resume: the rest of the period is billed from today on; the anchor stays."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/resume", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_scheduled_change(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back the change that waits for the end of the period."""
        return await self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/scheduled-change", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def uncancel(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back a cancellation at the end of the period."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/uncancel", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_usage(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> CurrentUsage:
        """What it has used in its period so far, charge by charge, and what that would cost by now."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}/usage", query={"expand": expand}))  # type: ignore[no-any-return]


class AsyncTax:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> PaginatedTaxRateList:
        """List tax rates, newest first."""
        return await self._client.send(prepared('GET', '/v1/tax/rates', query={"category": category, "created_after": created_after, "created_before": created_before, "cursor": cursor, "jurisdiction": jurisdiction, "limit": limit, "valid_on": valid_on}))  # type: ignore[no-any-return]

    async def all_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> AsyncIterator[TaxRate]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_rates(category=category, created_after=created_after, created_before=created_before, jurisdiction=jurisdiction, limit=limit, valid_on=valid_on, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_rates(self, body: TaxRateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxRate:
        """Add a rate."""
        return await self._client.send(prepared('POST', '/v1/tax/rates', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_rates(self, id: str) -> TaxRate:
        """Show one tax rate."""
        return await self._client.send(prepared('GET', f"/v1/tax/rates/{id}"))  # type: ignore[no-any-return]

    async def list_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None) -> PaginatedRegistrationList:
        """List registrations, newest first."""
        return await self._client.send(prepared('GET', '/v1/tax/registrations', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None) -> AsyncIterator[Registration]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_registrations(country=country, created_after=created_after, created_before=created_before, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_registrations(self, body: RegistrationInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Registration:
        """Register in a country from a day on."""
        return await self._client.send(prepared('POST', '/v1/tax/registrations', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_registrations(self, id: str) -> Registration:
        """Show one registration."""
        return await self._client.send(prepared('GET', f"/v1/tax/registrations/{id}"))  # type: ignore[no-any-return]

    async def get_seller(self) -> Seller:
        """Show one seller."""
        return await self._client.send(prepared('GET', '/v1/tax/seller'))  # type: ignore[no-any-return]

    async def set_seller(self, body: SellerInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Seller:
        """Say anew who sells."""
        return await self._client.send(prepared('PUT', '/v1/tax/seller', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncTestClocks:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> PaginatedTestClockList:
        """List test clocks, newest first."""
        return await self._client.send(prepared('GET', '/v1/test-clocks', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "name": name, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> AsyncIterator[TestClock]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, name=name, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: TestClockInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Make a test clock that stands at `frozen_time`; accounts join it by `test_clock_id` when they are cr."""
        return await self._client.send(prepared('POST', '/v1/test-clocks', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> TestClock:
        """Show one test clock."""
        return await self._client.send(prepared('GET', f"/v1/test-clocks/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Delete a test clock that no account lives on."""
        return await self._client.send(prepared('DELETE', f"/v1/test-clocks/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def advance(self, id: str, body: AdvanceInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Run all that falls due up to a later time, in order: 200 when done within `Prefer: wait=N` (30), els."""
        return await self._client.send(prepared('POST', f"/v1/test-clocks/{id}/advance", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncUsage:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, cursor: str | None = None, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> PaginatedUsageEventList:
        """List usage events, newest first."""
        return await self._client.send(prepared('GET', '/v1/usage', query={"cursor": cursor, "idempotency_key": idempotency_key, "limit": limit, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def all(self, *, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> AsyncIterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(idempotency_key=idempotency_key, limit=limit, metric=metric, subscription_id=subscription_id, timestamp_after=timestamp_after, timestamp_before=timestamp_before, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: UsageEventInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RecordedUsageEvent:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        return await self._client.send(prepared('POST', '/v1/usage', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def batch(self, body: List[UsageEventInputRequest], *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageBatch:
        """Record many events, as a JSON array or one on each line; each is answered on its own."""
        return await self._client.send(prepared('POST', '/v1/usage/batch', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_export(self, *, format: Literal['csv', 'parquet'] | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> bytes:
        """Stream events as a file, in the order of their arrival, those that are void too."""
        return await self._client.send(prepared('GET', '/v1/usage/export', query={"format": format, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def get_summary(self, *, group_by: str | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> dict[str, Any]:
        """Sum usage up by local day, metric and properties; what was voided is left out."""
        return await self._client.send(prepared('GET', '/v1/usage/summary', query={"group_by": group_by, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def get(self, id: str) -> UsageEvent:
        """Show one usage event."""
        return await self._client.send(prepared('GET', f"/v1/usage/{id}"))  # type: ignore[no-any-return]

    async def replace(self, id: str, body: UsageReplacementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let another event count instead of this one, in one step; answers with the new one."""
        return await self._client.send(prepared('POST', f"/v1/usage/{id}/replace", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def void(self, id: str, body: UsageVoidInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let an event count no longer; a period that is billed already is rated again."""
        return await self._client.send(prepared('POST', f"/v1/usage/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncWebhookEndpoints:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> PaginatedWebhookEndpointList:
        """List webhook endpoints, newest first."""
        return await self._client.send(prepared('GET', '/v1/webhook-endpoints', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> AsyncIterator[WebhookEndpoint]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: WebhookEndpointInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """Make an endpoint."""
        return await self._client.send(prepared('POST', '/v1/webhook-endpoints', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def list_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> PaginatedWebhookDeliveryList:
        """List webhook deliverys, newest first."""
        return await self._client.send(prepared('GET', f"/v1/webhook-endpoints/{endpoint_id}/deliveries", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "event_id": event_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> AsyncIterator[WebhookDelivery]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_deliveries(endpoint_id, created_after=created_after, created_before=created_before, event_id=event_id, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get(self, id: str) -> WebhookEndpoint:
        """Show one webhook endpoint."""
        return await self._client.send(prepared('GET', f"/v1/webhook-endpoints/{id}"))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedWebhookEndpointChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> WebhookEndpoint:
        """Change an endpoint, disable or enable it."""
        return await self._client.send(prepared('PATCH', f"/v1/webhook-endpoints/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Send it nothing any more."""
        return await self._client.send(prepared('DELETE', f"/v1/webhook-endpoints/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def resend(self, id: str, body: ResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Resend:
        """Send everything since a time or position again, under the same ids and numbers."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def rotate_secret(self, id: str, body: RotateInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """A new secret, shown this once."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/rotate-secret", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def test(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Attempt:
        """Send `webhook_endpoint.test` now, and show what was answered."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/test", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncResources:
    """All that the API has, by resource."""

    def __init__(self, client: AsyncSends) -> None:
        self.accounts = AsyncAccounts(client)
        self.analytics = AsyncAnalytics(client)
        self.api_keys = AsyncApiKeys(client)
        self.auth = AsyncAuth(client)
        self.bank_statements = AsyncBankStatements(client)
        self.billing_runs = AsyncBillingRuns(client)
        self.bulk_moves = AsyncBulkMoves(client)
        self.coupons = AsyncCoupons(client)
        self.credit_notes = AsyncCreditNotes(client)
        self.credits = AsyncCredits(client)
        self.disputes = AsyncDisputes(client)
        self.events = AsyncEvents(client)
        self.invoices = AsyncInvoices(client)
        self.ledger = AsyncLedger(client)
        self.payments = AsyncPayments(client)
        self.pending_items = AsyncPendingItems(client)
        self.plans = AsyncPlans(client)
        self.re_ratings = AsyncReRatings(client)
        self.reconciliation = AsyncReconciliation(client)
        self.refunds = AsyncRefunds(client)
        self.subscriptions = AsyncSubscriptions(client)
        self.tax = AsyncTax(client)
        self.test_clocks = AsyncTestClocks(client)
        self.usage = AsyncUsage(client)
        self.webhook_endpoints = AsyncWebhookEndpoints(client)
