"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

class Access(TypedDict):
    """Whether the account may use what it pays for: BLOCKED accounts may not."""
    account_id: str
    allowed: bool
    reason: DunningDenial | None
    features: dict[str, Any]
    overdue_status: OverdueStatus
    since: str | None
    invoice_id: str | None
    due_date: str | None
    days_overdue: int
    dispute_hold: bool
    url: str

class Account(TypedDict):
    """One who is billed."""
    id: str
    external_key: str | None
    email: str
    name: str
    currency: str
    timezone: str
    locale: str
    country: str
    address: dict[str, str]
    tax_exempt: bool
    tax_id: str | None
    net_terms_days: int
    invoice_grouping: str
    purchase_order: str | None
    buyer_reference: str | None
    overdue_status: OverdueStatus
    dispute_hold: bool
    default_payment_method_id: str | None
    credit_balance: int
    test_clock_id: str | None
    metadata: dict[str, Any]
    deleted_at: str | None
    created_at: str
    updated_at: str
    url: str

class AccountExport(TypedDict):
    """All that is held about an account, oldest first; usage by subscription, metric and time."""
    exported_at: str
    account: Account
    events: list[Event]
    tax_id_checks: list[Consultation]
    credits: list[Credit]
    credit_uses: list[CreditUse]
    usage: list[UsageEvent]
    coupons: list[CouponAttachment]
    invoices: list[Invoice]
    credit_notes: list[CreditNote]
    pending_items: list[PendingItem]
    payment_methods: list[HeldPaymentMethod]
    gateway_customers: list[GatewayCustomer]
    payments: list[Payment]
    refunds: list[Refund]
    disputes: list[Dispute]
    bank_transfers: list[BankTransfer]
    subscriptions: list[HeldSubscription]
    dunning_history: list[DunningStep]
    dispute_holds: list[Hold]
    messages: list[HeldMessage]
    suppressions: list[Suppression]

class AccountInputRequest(TypedDict):
    """What POST takes: only email and name are needed."""
    email: str
    name: str
    external_key: NotRequired[str | None]
    currency: NotRequired[str]
    timezone: NotRequired[str]
    locale: NotRequired[str]
    country: NotRequired[str]
    address: NotRequired[AddressInputRequest]
    tax_exempt: NotRequired[bool]
    tax_id: NotRequired[str | None]
    net_terms_days: NotRequired[int | None]
    invoice_grouping: NotRequired[Literal['subscription']]
    purchase_order: NotRequired[str | None]
    buyer_reference: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any]]
    test_clock_id: NotRequired[str | None]

class AddressInputRequest(TypedDict):
    """A postal address, changed as a whole; the country is the account's own field."""
    line1: NotRequired[str]
    line2: NotRequired[str]
    city: NotRequired[str]
    region: NotRequired[str]
    postal_code: NotRequired[str]

class AdvanceInputRequest(TypedDict):
    """Where to move it: no earlier than it stands, at most ten years ahead in one call."""
    frozen_time: str

class Alive(TypedDict):
    status: Literal['healthy', 'unhealthy']
    timestamp: str
    version: str

class ApiKey(TypedDict):
    """An API key."""
    id: str
    name: str
    prefix: str
    role: str
    livemode: bool
    allowed_cidrs: list[str]
    rate_limit: int
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    replaces_id: str | None
    created_at: str
    updated_at: str
    url: str

class ApiKeyInputRequest(TypedDict):
    """What a new key may do."""
    name: str
    role: Literal['super_admin', 'billing_admin', 'support_rep', 'finance_viewer']
    expires_at: NotRequired[str | None]
    allowed_cidrs: NotRequired[list[str]]
    rate_limit: NotRequired[int]

class AppliedCredit(TypedDict):
    """A credit as it stands after a use, with the invoice that it paid and how much of it."""
    id: str
    account_id: str
    amount: int
    remaining: int
    currency: str
    reason: str
    source: CreditSource
    source_id: str | None
    expires_at: str | None
    metadata: dict[str, Any]
    created_at: str
    url: str
    applied_invoice_id: str
    applied_amount: int

class AssignInputRequest(TypedDict):
    """What POST takes: whose money it is."""
    account_id: NotRequired[str]
    invoice_id: NotRequired[str]

class AttachedCoupon(TypedDict):
    """A coupon that comes off its charges, as long as anything of it is left."""
    coupon_id: str
    code: str
    attached_at: str

class Attempt(TypedDict):
    """One call of an endpoint."""
    id: str
    outcome: WebhookOutcome
    status_code: int | None
    duration_ms: int
    error: str
    response: str
    created_at: str

class Balance(TypedDict):
    """What an account owes: `open` invoices, of which `overdue`; `credit` pays the next invoices by itself."""
    account_id: str
    currency: str
    open: int
    overdue: int
    credit: int
    url: str

class BankStatement(TypedDict):
    """How many lines were recorded, became tasks, or had been there; nothing yet for a preview."""
    recorded: int
    tasks: int
    known: int
    lines: list[StatementLine]

class BankTransfer(TypedDict):
    """A line of a bank statement that was found to be the account's."""
    id: str
    booked_on: str
    amount: int
    currency: str
    reference: str
    payer: str
    recorded_at: str | None

class BillTo(TypedDict):
    """Who was billed, as the account stood on the day of issue."""
    name: str
    email: str
    address: dict[str, Any]
    country: str
    tax_id: str | None
    purchase_order: str | None
    buyer_reference: str | None

class BilledBy(TypedDict):
    """A line that billed a part of what was billed before."""
    line_id: str
    invoice_id: str
    invoice_number: str
    kind: str
    description: str
    amount: int

class BillingRun(TypedDict):
    """A run over what was due at `at`."""
    id: str
    status: RunStatus
    dry_run: bool
    test_clock_id: str | None
    at: str
    due: int
    done: int
    periods: int
    invoices: int
    failed: int
    batches: int
    forecasted: int
    forecast_invoices: int
    forecast_stopped: int
    held_because: list[HoldReason]
    approvals_needed: int
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str

class BulkMove(TypedDict):
    """Subscribers of a plan on their way to another version."""
    id: str
    plan_id: str
    from_version: int | None
    to_version: int
    effective: SubscriptionEffective
    proration_behavior: SubscriptionBehavior
    due: int
    moved: int
    refused: int
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str

class BulkMoveInputRequest(TypedDict):
    """What POST takes: the plan, the version its subscribers come to, and the one they are on, if not all ."""
    plan_id: str
    to_version: int
    from_version: NotRequired[int | None]
    effective: NotRequired[Literal['now', 'period_end']]
    proration_behavior: NotRequired[Literal['always_invoice', 'create_prorations', 'none']]
    preview: NotRequired[bool]

class CancellationRequest(TypedDict):
    """When a subscription ends, and why."""
    at_period_end: NotRequired[bool]
    credit_unused: NotRequired[bool]
    reason: NotRequired[str]
    preview: NotRequired[bool]

CapBehavior = Literal['bill', 'reject']

ChangeKind = Literal['cancel', 'change']

class Charge(TypedDict):
    """A metered charge: what is counted, and its price per currency."""
    key: str
    metric: str
    aggregation: UsageAggregation
    unique_by: str | None
    filter: dict[str, Any]
    group_by: list[str]
    model: ChargeModel
    package_size: str | None
    cap: str | None
    cap_behavior: CapBehavior
    thresholds: list[Threshold]
    prices: dict[str, ChargePrice]

ChargeModel = Literal['graduated', 'graduated_percentage', 'package', 'per_unit', 'percentage', 'volume']

class ChargePrice(TypedDict):
    """What a charge costs in one currency."""
    tiers: list[Tier]
    fee_per_event: str
    per_event_minimum: str | None
    per_event_maximum: str | None
    minimum: int
    maximum: int | None

class Churn(TypedDict):
    """Customers and monthly recurring revenue that were lost in `period`; amounts are minor units of `curr."""
    period: str
    currency: str
    customers: int
    customers_churned: int
    customers_voluntary: int
    customers_involuntary: int
    customer_rate: str
    revenue: int
    revenue_churned: int
    revenue_contracted: int
    revenue_voluntary: int
    revenue_involuntary: int
    revenue_rate: str
    net_revenue_rate: str

ClockStatus = Literal['ADVANCING', 'FAILED', 'READY']

class Consultation(TypedDict):
    """What VIES answered one time that it was asked about a VAT number."""
    id: str
    tax_id: str
    status: TaxStatus
    name: str | None
    address: str | None
    consultation_number: str | None
    requester: str | None
    request_date: str | None
    checked_at: str

class Coupon(TypedDict):
    """What comes off: `percent_off`, or `amount_off` minor units of `currency`; of `plan_ids`, or of all p."""
    id: str
    code: str
    name: str
    percent_off: str | None
    amount_off: int | None
    currency: str | None
    duration: CouponDuration
    duration_periods: int | None
    plan_ids: list[str]
    max_redemptions: int | None
    redeemed: int
    redeem_by: str | None
    active: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str

class CouponAttachment(TypedDict):
    """A coupon on a subscription; without one, on an invoice of its own."""
    id: str
    coupon_id: str
    code: str
    subscription_id: str | None
    attached_at: str
    detached_at: str | None

CouponDuration = Literal['forever', 'once', 'repeating']

class CouponInputRequest(TypedDict):
    """What POST takes."""
    code: str
    name: str
    percent_off: NotRequired[str | None]
    amount_off: NotRequired[int | None]
    currency: NotRequired[str | None]
    duration: Literal['once', 'repeating', 'forever']
    duration_periods: NotRequired[int | None]
    plan_ids: NotRequired[list[str]]
    max_redemptions: NotRequired[int | None]
    redeem_by: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any]]

class CreatedApiKey(TypedDict):
    """An API key just made."""
    id: str
    name: str
    prefix: str
    role: str
    livemode: bool
    allowed_cidrs: list[str]
    rate_limit: int
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    replaces_id: str | None
    created_at: str
    updated_at: str
    url: str
    key: str | None

class CreatedSubscription(TypedDict):
    """A subscription with its newest invoice, none in a trial or at a price of 0."""
    id: str
    external_key: str | None
    account_id: str
    plan_id: str
    plan_version: int
    status: SubscriptionStatus
    quantity: int
    start_date: str
    billing_anchor_date: str
    trial_end: str | None
    current_period_start: str
    current_period_end: str
    next_billing_at: str | None
    cancel_at_period_end: bool
    cancelled_at: str | None
    cancellation_reason: str | None
    paused_at: str | None
    pause_resumes_at: str | None
    scheduled_change: ScheduledChange | None
    ends_on: str | None
    coupons: list[AttachedCoupon]
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str
    latest_invoice: Invoice | None

class CreatedWebhookEndpoint(TypedDict):
    """An endpoint with its secret, which is shown this once; null where the answer is a repeated one."""
    id: str
    name: str
    url: str
    event_types: list[str]
    api_version: str
    format: WebhookFormat
    redact: list[str]
    concurrency: int
    owner_email: str
    metadata: dict[str, Any]
    status: EndpointStatus
    disabled_reason: WebhookReason
    disabled_at: str | None
    failing_since: str | None
    spared_until: str | None
    last_sequence: int
    gaps: list[int]
    created_at: str
    updated_at: str
    secret: str | None

class Credit(TypedDict):
    """Money in an account's favour."""
    id: str
    account_id: str
    amount: int
    remaining: int
    currency: str
    reason: str
    source: CreditSource
    source_id: str | None
    expires_at: str | None
    metadata: dict[str, Any]
    created_at: str
    url: str

class CreditInputRequest(TypedDict):
    """What POST takes; the currency is the account's."""
    account_id: str
    amount: int
    currency: str
    reason: str
    expires_at: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any]]

class CreditNote(TypedDict):
    """Minor units of `currency`; subtotal + tax = total = settled (off the invoice) + credited (to the acc."""
    id: str
    number: str
    invoice_id: str
    account_id: str
    currency: str
    subtotal: int
    tax: int
    total: int
    settled: int
    credited: int
    reason: str
    issue_date: str
    lines: list[CreditNoteLine]
    metadata: dict[str, Any]
    created_at: str
    url: str

class CreditNoteInputRequest(TypedDict):
    """What POST takes: an amount, tax included, in proportion; or net amounts of single lines."""
    invoice_id: str
    amount: NotRequired[int]
    lines: NotRequired[list[CreditNoteLineInputRequest]]
    reason: str
    preview: NotRequired[bool]
    metadata: NotRequired[dict[str, Any]]

class CreditNoteLine(TypedDict):
    """What is taken back of a line of the invoice: net `amount` and its tax, above zero."""
    line_id: str
    description: str
    amount: int
    tax_rate: str
    tax_amount: int

class CreditNoteLineInputRequest(TypedDict):
    """What to take back of one line, net."""
    line_id: str
    amount: int

CreditSource = Literal['credit_note', 'goodwill', 'overpayment', 'proration', 'refund', 'return', 'void']

class CreditUse(TypedDict):
    """A part of a credit that went to an invoice, came back from one (below zero), expired or was taken ba."""
    id: str
    credit_id: str
    kind: UseKind
    invoice_id: str | None
    amount: int
    at: str

class CurrentCharge(TypedDict):
    """One metered charge since `since`."""
    charge: str
    metric: str
    since: str
    until: str
    quantity: str
    events: int
    amount: int
    minimum: int
    billed: int
    cap: str | None
    included: str | None
    thresholds: list[CurrentThreshold]
    breakdown: list[dict[str, Any]]

class CurrentThreshold(TypedDict):
    """A threshold, and when it was reached in this period, if it was."""
    percent: str | None
    quantity: str | None
    amount: int | None
    currency: str | None
    reached_at: str | None

class CurrentUsage(TypedDict):
    """What has been used in the current period, and what it would cost."""
    subscription_id: str
    currency: str
    as_of: str
    current_period_start: str
    current_period_end: str
    estimated: int
    charges: list[CurrentCharge]
    url: str

class Days(TypedDict):
    """What of a full period is charged or credited: `days` of `full_days`, after `before` that were credit."""
    start: str | None
    end: str | None
    days: int
    full_days: int
    before: int

class DeletedAccount(TypedDict):
    """An account that is deleted, and where all that is held about it can be had."""
    id: str
    external_key: str | None
    email: str
    name: str
    currency: str
    timezone: str
    locale: str
    country: str
    address: dict[str, str]
    tax_exempt: bool
    tax_id: str | None
    net_terms_days: int
    invoice_grouping: str
    purchase_order: str | None
    buyer_reference: str | None
    overdue_status: OverdueStatus
    dispute_hold: bool
    default_payment_method_id: str | None
    credit_balance: int
    test_clock_id: str | None
    metadata: dict[str, Any]
    deleted_at: str | None
    created_at: str
    updated_at: str
    url: str
    export_url: str

class Difference(TypedDict):
    """A stored figure that cannot be derived."""
    where: str
    figure: str
    stored: str
    derived: str

DifferenceKind = Literal['amount_differs', 'charge_not_recorded', 'charge_unknown', 'clearing_differs', 'disputes_differ', 'payment_not_at_gateway', 'refunds_differ', 'transfer_unmatched']

DifferenceStatus = Literal['DISMISSED', 'OPEN', 'RESOLVED']

class Discount(TypedDict):
    """What a coupon took off, as the price says."""
    code: str
    amount: int

class DismissInputRequest(TypedDict):
    """What POST takes: why nothing is to be done."""
    reason: str

class Dispute(TypedDict):
    """A payment that the customer's bank questions."""
    id: str
    payment_id: str
    invoice_id: str
    account_id: str
    amount: int
    taken: int
    currency: str
    status: DisputeStatus
    reason: str
    opened_at: str
    closed_at: str | None
    created_at: str

DisputeStatus = Literal['INQUIRY', 'LOST', 'OPEN', 'WON']

class DryRunInputRequest(TypedDict):
    """What POST takes."""
    dry_run: bool
    at: NotRequired[str]
    test_clock_id: NotRequired[str | None]

DunningDenial = Literal['feature_not_granted', 'overdue', 'retries_exhausted']

DunningKind = Literal['cancel', 'hold', 'policy', 'release', 'reminder', 'reminder_by_hand', 'state']

DunningReason = Literal['overdue', 'retries_exhausted']

class DunningStep(TypedDict):
    """What happened to an account, and what it was told: `message` names the template, null nothing."""
    id: str
    account_id: str
    kind: DunningKind
    at: str
    status_before: OverdueStatus
    status_after: OverdueStatus
    reason: DunningReason | None
    invoice_id: str | None
    days_overdue: int | None
    message: str | None
    note: str | None
    actor: str
    created_at: str

EndpointStatus = Literal['DELETED', 'DISABLED', 'ENABLED']

class Event(TypedDict):
    """Something that happened."""
    event_id: str
    event_type: str
    created_at: str
    effective_at: str
    position: int | None
    livemode: bool
    api_version: str
    data: dict[str, Any]
    url: str

class EventResendInputRequest(TypedDict):
    """To whom: one endpoint, else all that listen to the event's type."""
    endpoint_id: NotRequired[str]

class ExplainedLine(TypedDict):
    """A line derived: unit amount x quantity x days / full days, rounded once; less discounts; its tax."""
    id: str
    kind: str
    description: str
    plan_version: int | None
    unit_amount: str | None
    catalogue_price: int | None
    quantity: str
    days: Days | None
    gross: int
    discounts: list[Discount]
    amount: int
    discount_amount: int
    tax: LineTax
    reverses_line_id: str | None
    events: int | None
    usage_url: str | None
    sentence: str

class Explanation(TypedDict):
    """An invoice derived from what is stored."""
    invoice_id: str
    number: str
    currency: str
    lines: list[ExplainedLine]
    tax_groups: list[TaxGroup]
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    sentence: str
    holds: bool
    differences: list[Difference]
    url: str

class GatewayCustomer(TypedDict):
    """Under which id the payment gateway knows the account."""
    gateway_customer_id: str
    created_at: str

class HeldMessage(TypedDict):
    """A mail with its words."""
    id: str
    kind: NotificationKind
    account_id: str
    invoice_id: str | None
    to: str
    subject: str
    status: NotificationStatus
    sent_at: str | None
    created_at: str
    updated_at: str
    text: str

class HeldPaymentMethod(TypedDict):
    """A way to pay, that cannot be charged any more unless it is ACTIVE."""
    id: str
    account_id: str
    type: str
    card_brand: str | None
    card_last4: str | None
    card_exp_month: int | None
    card_exp_year: int | None
    is_default: bool
    created_at: str
    url: str
    status: MethodStatus

class HeldSubscription(TypedDict):
    """A subscription with its history, the oldest first."""
    id: str
    external_key: str | None
    account_id: str
    plan_id: str
    plan_version: int
    status: SubscriptionStatus
    quantity: int
    start_date: str
    billing_anchor_date: str
    trial_end: str | None
    current_period_start: str
    current_period_end: str
    next_billing_at: str | None
    cancel_at_period_end: bool
    cancelled_at: str | None
    cancellation_reason: str | None
    paused_at: str | None
    pause_resumes_at: str | None
    scheduled_change: ScheduledChange | None
    ends_on: str | None
    coupons: list[AttachedCoupon]
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str
    history: list[History]

class History(TypedDict):
    """Something that happened to a subscription, with the values that it changed, before and after."""
    event_id: str
    event_type: str
    created_at: str
    effective_at: str
    previous_attributes: dict[str, Any] | None
    attributes: dict[str, Any]

class Hold(TypedDict):
    """Dunning stands still for an account."""
    id: str
    account_id: str
    reason: str
    placed_at: str
    placed_by: str
    released_at: str | None
    released_by: str | None
    created_at: str

class HoldInputRequest(TypedDict):
    """What PUT takes."""
    reason: str

class HoldReason(TypedDict):
    """What of a forecast is beyond the deployment's thresholds."""
    code: str
    detail: str

class Invoice(TypedDict):
    """What an account owes."""
    id: str
    number: str | None
    account_id: str
    subscription_id: str | None
    kind: InvoiceKind
    status: InvoiceStatus
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    issue_date: str | None
    due_date: str | None
    paid_at: str | None
    voided_at: str | None
    void_reason: str | None
    replaces_id: str | None
    hosted_url: str | None
    bill_to: BillTo | None
    lines: list[Line]
    tax_breakdown: list[TaxBreakdown]
    requires_review: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str

InvoiceKind = Literal['correction', 'one_off', 'proration', 'subscription', 'supplemental']

InvoiceStatus = Literal['DRAFT', 'OPEN', 'PAID', 'VOID']

class Lifetime(TypedDict):
    """What a customer is worth, from the months asked for; minor units of `currency`."""
    currency: str
    customers: int
    mrr: int
    average_revenue: int
    customer_churn_rate: str
    lifetime_months: str | None
    lifetime_value: int | None

class Line(TypedDict):
    """One charge or credit, net of tax."""
    id: str
    kind: LineKind
    subscription_id: str | None
    plan_version: int | None
    description: str
    period_start: str | None
    period_end: str | None
    quantity: str
    unit_amount: str | None
    amount: int
    discount_amount: int
    tax_rate: str
    tax_amount: int
    breakdown: Any

LineKind = Literal['credit_to_balance', 'minimum', 'one_off', 'proration_charge', 'proration_credit', 'recurring', 'tax_correction', 'usage']

class LineTax(TypedDict):
    """A line's tax: its exact part before the group was rounded, and the whole that became its own."""
    jurisdiction: str
    name: str
    category: str
    rate: str
    reason: str | None
    inclusive: bool
    exact: str
    amount: int

class Message(TypedDict):
    """A mail to a customer."""
    id: str
    kind: NotificationKind
    account_id: str
    invoice_id: str | None
    to: str
    subject: str
    status: NotificationStatus
    sent_at: str | None
    created_at: str
    updated_at: str

MethodStatus = Literal['ACTIVE', 'DETACHED', 'PENDING', 'REFUSED']

class MoveRefusal(TypedDict):
    """A subscription that stays as it is, and why."""
    subscription_id: str
    reason: str

class Movements(TypedDict):
    """How monthly recurring revenue moved in `period`, a month or local day; minor units of `currency`."""
    period: str
    currency: str
    opening: int
    new: int
    reactivation: int
    expansion: int
    contraction: int
    churn: int
    closing: int
    customers: int

NotificationCause = Literal['bounced', 'by_hand', 'complained', 'unsubscribed']

NotificationKind = Literal['account_blocked', 'account_settled', 'card_expiring', 'credit_applied', 'credit_note', 'invoice_copy', 'invoice_corrected', 'invoice_created', 'payment_confirmation', 'payment_failed', 'payment_method_needed', 'payment_reminder', 'payment_warning', 'receipt', 'trial_ending', 'welcome_back']

NotificationScope = Literal['all', 'optional']

NotificationStatus = Literal['BOUNCED', 'FAILED', 'PENDING', 'SENT', 'SKIPPED']

class OneOffInputRequest(TypedDict):
    """What POST takes: an invoice of its own, at once."""
    account_id: str
    lines: list[SaleInputRequest]
    coupon: NotRequired[str | None]
    preview: NotRequired[bool]
    metadata: NotRequired[dict[str, Any]]

OverdueStatus = Literal['BLOCKED', 'CURRENT', 'WARNING']

class PaginatedAccountList(TypedDict):
    data: list[Account]
    has_more: bool
    next_cursor: str | None

class PaginatedApiKeyList(TypedDict):
    data: list[ApiKey]
    has_more: bool
    next_cursor: str | None

class PaginatedBillingRunList(TypedDict):
    data: list[BillingRun]
    has_more: bool
    next_cursor: str | None

class PaginatedBulkMoveList(TypedDict):
    data: list[BulkMove]
    has_more: bool
    next_cursor: str | None

class PaginatedCouponList(TypedDict):
    data: list[Coupon]
    has_more: bool
    next_cursor: str | None

class PaginatedCreditList(TypedDict):
    data: list[Credit]
    has_more: bool
    next_cursor: str | None

class PaginatedCreditNoteList(TypedDict):
    data: list[CreditNote]
    has_more: bool
    next_cursor: str | None

class PaginatedDisputeList(TypedDict):
    data: list[Dispute]
    has_more: bool
    next_cursor: str | None

class PaginatedDunningStepList(TypedDict):
    data: list[DunningStep]
    has_more: bool
    next_cursor: str | None

class PaginatedEventList(TypedDict):
    data: list[Event]
    has_more: bool
    next_cursor: str | None

class PaginatedInvoiceList(TypedDict):
    data: list[Invoice]
    has_more: bool
    next_cursor: str | None

class PaginatedPaymentList(TypedDict):
    data: list[Payment]
    has_more: bool
    next_cursor: str | None

class PaginatedPaymentMethodList(TypedDict):
    data: list[PaymentMethod]
    has_more: bool
    next_cursor: str | None

class PaginatedPendingItemList(TypedDict):
    data: list[PendingItem]
    has_more: bool
    next_cursor: str | None

class PaginatedPlanList(TypedDict):
    data: list[Plan]
    has_more: bool
    next_cursor: str | None

class PaginatedPlanVersionList(TypedDict):
    data: list[PlanVersion]
    has_more: bool
    next_cursor: str | None

class PaginatedReconciliationDifferenceList(TypedDict):
    data: list[ReconciliationDifference]
    has_more: bool
    next_cursor: str | None

class PaginatedRefundList(TypedDict):
    data: list[Refund]
    has_more: bool
    next_cursor: str | None

class PaginatedRegistrationList(TypedDict):
    data: list[Registration]
    has_more: bool
    next_cursor: str | None

class PaginatedReratedSubscriptionList(TypedDict):
    data: list[ReratedSubscription]
    has_more: bool
    next_cursor: str | None

class PaginatedReratingList(TypedDict):
    data: list[Rerating]
    has_more: bool
    next_cursor: str | None

class PaginatedSubscriptionList(TypedDict):
    data: list[Subscription]
    has_more: bool
    next_cursor: str | None

class PaginatedTaxIdList(TypedDict):
    data: list[TaxId]
    has_more: bool
    next_cursor: str | None

class PaginatedTaxRateList(TypedDict):
    data: list[TaxRate]
    has_more: bool
    next_cursor: str | None

class PaginatedTestClockList(TypedDict):
    data: list[TestClock]
    has_more: bool
    next_cursor: str | None

class PaginatedUsageEventList(TypedDict):
    data: list[UsageEvent]
    has_more: bool
    next_cursor: str | None

class PaginatedWebhookDeliveryList(TypedDict):
    data: list[WebhookDelivery]
    has_more: bool
    next_cursor: str | None

class PaginatedWebhookEndpointList(TypedDict):
    data: list[WebhookEndpoint]
    has_more: bool
    next_cursor: str | None

class PatchedAccountChangeRequest(TypedDict):
    """What PATCH takes."""
    email: NotRequired[str]
    name: NotRequired[str]
    external_key: NotRequired[str | None]
    currency: NotRequired[str]
    timezone: NotRequired[str]
    locale: NotRequired[str]
    country: NotRequired[str]
    address: NotRequired[AddressInputRequest]
    tax_exempt: NotRequired[bool]
    tax_id: NotRequired[str | None]
    net_terms_days: NotRequired[int | None]
    invoice_grouping: NotRequired[Literal['subscription']]
    purchase_order: NotRequired[str | None]
    buyer_reference: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any]]

class PatchedPlanChangeRequest(TypedDict):
    """What PATCH takes: terms, prices and the rest."""
    name: NotRequired[str]
    interval: NotRequired[Literal['day', 'week', 'month', 'year']]
    interval_count: NotRequired[int]
    trial_days: NotRequired[int]
    trial_usage: NotRequired[Literal['free', 'bill']]
    prices: NotRequired[dict[str, int]]
    amount: NotRequired[int]
    currency: NotRequired[str]
    usage_type: NotRequired[str]
    tiers: NotRequired[list[dict[str, Any]]]
    tax_behavior: NotRequired[Literal['exclusive', 'inclusive']]
    tax_code: NotRequired[str]
    commitment: NotRequired[dict[str, int]]
    charges: NotRequired[list[dict[str, Any]]]
    features: NotRequired[dict[str, bool | float | str]]
    active: NotRequired[bool]
    metadata: NotRequired[dict[str, Any]]

class PatchedSubscriptionChangeRequest(TypedDict):
    """What PATCH takes."""
    plan_id: NotRequired[str]
    plan_version: NotRequired[int]
    quantity: NotRequired[int]
    proration_behavior: NotRequired[Literal['always_invoice', 'create_prorations', 'none']]
    effective: NotRequired[Literal['now', 'period_end']]
    metadata: NotRequired[dict[str, Any]]

class PatchedWebhookEndpointChangeRequest(TypedDict):
    """What PATCH takes."""
    name: NotRequired[str]
    url: NotRequired[str]
    event_types: NotRequired[list[str]]
    redact: NotRequired[list[str]]
    concurrency: NotRequired[int]
    owner_email: NotRequired[str]
    metadata: NotRequired[dict[str, Any]]
    status: NotRequired[Literal['ENABLED', 'DISABLED']]
    catch_up: NotRequired[bool]

class PauseInputRequest(TypedDict):
    """Until when; without a date until somebody resumes, or for 90 days."""
    resume_at: NotRequired[str | None]
    preview: NotRequired[bool]

class PayInputRequest(TypedDict):
    """What POST takes: which method to charge; the default when it is left out."""
    payment_method_id: NotRequired[str]

class Payment(TypedDict):
    """One attempt to collect an invoice."""
    id: str
    invoice_id: str
    account_id: str
    amount: int
    carried: int
    amount_refunded: int
    amount_charged_back: int
    currency: str
    status: PaymentStatus
    method: str
    payment_method_id: str | None
    gateway_transaction_id: str | None
    reference: str | None
    failure_code: str | None
    failure_message: str | None
    attempt: int
    origin: PaymentOrigin | None
    next_retry_at: str | None
    action_url: str | None
    action_until: str | None
    created_at: str
    url: str

PaymentDoes = Literal['account', 'full', 'known', 'nothing', 'over', 'part']

PaymentFix = Literal['assign', 'by_hand', 'look_again', 'record', 'take_over']

class PaymentMethod(TypedDict):
    """A way to pay."""
    id: str
    account_id: str
    type: str
    card_brand: str | None
    card_last4: str | None
    card_exp_month: int | None
    card_exp_year: int | None
    is_default: bool
    created_at: str
    url: str

class PaymentMethodInputRequest(TypedDict):
    """What POST takes: the gateway's token, never a card number."""
    payment_method_token: str
    set_as_default: NotRequired[bool]

PaymentOrigin = Literal['invoice', 'method', 'page', 'person', 'retry', 'transfer']

PaymentStatus = Literal['FAILED', 'PENDING', 'SUCCEEDED']

class PendingInputRequest(TypedDict):
    """What POST takes: a line that waits for the account's next invoice."""
    description: str
    quantity: NotRequired[str]
    unit_amount: str
    tax_code: NotRequired[str]
    tax_behavior: NotRequired[Literal['exclusive', 'inclusive']]
    period_start: NotRequired[str | None]
    period_end: NotRequired[str | None]
    account_id: str

class PendingItem(TypedDict):
    """A line that waits for the next invoice of its subscription, or (none) of its account."""
    id: str
    account_id: str
    subscription_id: str | None
    currency: str
    description: str
    quantity: str
    unit_amount: str | None
    amount: int
    invoice_at: str | None
    invoice_id: str | None
    removed_at: str | None
    created_at: str
    url: str

class Plan(TypedDict):
    """What is sold."""
    id: str
    key: str
    name: str
    version: int
    features: dict[str, Any]
    interval: Unit
    interval_count: int
    trial_days: int
    trial_usage: TrialUsage
    prices: dict[str, int]
    tax_behavior: TaxBehavior
    tax_code: str
    commitment: dict[str, int]
    charges: list[Charge]
    active: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str

class PlanInputRequest(TypedDict):
    """What POST takes."""
    name: str
    interval: Literal['day', 'week', 'month', 'year']
    interval_count: NotRequired[int]
    trial_days: NotRequired[int]
    trial_usage: NotRequired[Literal['free', 'bill']]
    prices: NotRequired[dict[str, int]]
    amount: NotRequired[int]
    currency: NotRequired[str]
    usage_type: NotRequired[str]
    tiers: NotRequired[list[dict[str, Any]]]
    tax_behavior: NotRequired[Literal['exclusive', 'inclusive']]
    tax_code: NotRequired[str]
    commitment: NotRequired[dict[str, int]]
    charges: NotRequired[list[dict[str, Any]]]
    features: NotRequired[dict[str, bool | float | str]]
    active: NotRequired[bool]
    metadata: NotRequired[dict[str, Any]]
    key: str

class PlanVersion(TypedDict):
    """The terms of a plan from one change to the next."""
    id: str
    plan_id: str
    version: int
    current: bool
    features: dict[str, Any]
    interval: Unit
    interval_count: int
    trial_days: int
    trial_usage: TrialUsage
    prices: dict[str, int]
    tax_behavior: TaxBehavior
    tax_code: str
    commitment: dict[str, int]
    charges: list[Charge]
    created_at: str
    url: str

class Preview(TypedDict):
    """What would be billed."""
    hash: str
    invoice: PreviewInvoice | None
    invoices: list[PreviewInvoice]
    credit_to_balance: int
    next_invoice: PreviewInvoice | None

class PreviewInvoice(TypedDict):
    """An invoice as it would be; it has no number and no page."""
    id: str
    number: str | None
    account_id: str
    subscription_id: str | None
    kind: InvoiceKind
    status: InvoiceStatus
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    issue_date: str | None
    due_date: str | None
    paid_at: str | None
    voided_at: str | None
    void_reason: str | None
    replaces_id: str | None
    hosted_url: str | None
    bill_to: BillTo | None
    lines: list[PreviewLine]
    tax_breakdown: list[TaxBreakdown]
    requires_review: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str

class PreviewLine(TypedDict):
    """A line as it would be."""
    id: str
    kind: LineKind
    subscription_id: str | None
    plan_version: int | None
    description: str
    period_start: str | None
    period_end: str | None
    quantity: str
    unit_amount: str | None
    amount: int
    discount_amount: int
    tax_rate: str
    tax_amount: int
    breakdown: Any
    estimated: bool

class Problem(TypedDict):
    """A refusal (RFC 9457)."""
    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str
    request_id: str
    errors: NotRequired[list[dict[str, Any]]]

class Ready(TypedDict):
    ready: bool
    database: Literal['connected', 'disconnected']
    redis: Literal['connected', 'disconnected']
    stripe: Literal['reachable', 'unreachable']
    timestamp: str

class ReconciliationDifference(TypedDict):
    """The gateway and our books do not agree about `subject`: the gateway's id of a charge, a payment, or ."""
    id: str
    kind: DifferenceKind
    subject: str
    status: DifferenceStatus
    fix: PaymentFix
    account_id: str | None
    payment_id: str | None
    outside_amount: int
    outside_currency: str
    our_amount: int
    our_currency: str
    reason: str | None
    seen_at: str
    closed_at: str | None
    closed_by: str | None
    created_at: str
    url: str

class RecordedUsageEvent(TypedDict):
    """The event that has this idempotency key."""
    id: str
    subscription_id: str
    metric: str
    quantity: str
    timestamp: str
    received_at: str
    idempotency_key: str
    properties: dict[str, Any]
    voided_at: str | None
    replaced_by_id: str | None
    void_reason: str | None
    url: str
    duplicate: bool

class Recovered(TypedDict):
    """What recovered `cases` invoices: the first payment that succeeded after the failure."""
    origin: str | None
    retry: int | None
    message: str | None
    cases: int
    failed_amount: int
    recovered_amount: int
    median_days: str | None

class Recovery(TypedDict):
    """Invoices whose payment failed for the first time in `month` (local), and what became of them; minor ."""
    month: str
    currency: str
    reason: str | None
    cases: int
    recovered_cases: int
    failed_amount: int
    recovered_amount: int
    rate: str
    rate_within_10_days: str | None
    median_days: str | None
    subscriptions_kept: int
    subscriptions_lost: int
    by: list[Recovered]

class Refund(TypedDict):
    """Money of a payment given back, in minor units."""
    id: str
    payment_id: str
    invoice_id: str
    account_id: str
    credit_note_id: str | None
    amount: int
    currency: str
    status: RefundStatus
    reason: str
    gateway_refund_id: str | None
    failure_code: str | None
    created_at: str
    url: str

class RefundInputRequest(TypedDict):
    """What POST takes: how much, in minor units, or all that is left; and why."""
    amount: NotRequired[int]
    reason: str

RefundStatus = Literal['FAILED', 'PENDING', 'SUCCEEDED']

class Registration(TypedDict):
    """Where the seller is registered, and so charges tax."""
    id: str
    country: str
    tax_id: str | None
    valid_from: str | None
    valid_to: str | None
    created_at: str
    updated_at: str
    url: str

class RegistrationInputRequest(TypedDict):
    """What POST takes."""
    country: str
    tax_id: NotRequired[str]
    valid_from: str
    valid_to: NotRequired[str | None]

class RerateInputRequest(TypedDict):
    """What POST takes: by which version usage was counted, as which it is to be rated, of whom, and which ."""
    plan_id: str
    version: int
    corrected_version: NotRequired[int | None]
    subscription_ids: NotRequired[list[str] | None]
    periods_from: NotRequired[str | None]
    periods_until: NotRequired[str | None]
    reason: str

class RerateLine(TypedDict):
    """One charge of one period: what was billed of it, and what it comes to now."""
    charge: str
    kind: str
    period_start: str
    period_end: str
    before: int
    after: int
    difference: int
    billed_by: list[BilledBy]

RerateStatus = Literal['BILLING', 'FINISHED', 'PREVIEWED', 'PREVIEWING']

class ReratedSubscription(TypedDict):
    """A subscription of a re-rating."""
    id: str
    subscription_id: str
    currency: str
    before: int
    after: int
    difference: int
    total: int
    credited: int
    lines: list[RerateLine]
    error: str | None
    invoice_id: str | None
    previewed_at: str | None
    done_at: str | None

class Rerating(TypedDict):
    """Closed periods rated again."""
    id: str
    plan_id: str
    version: int
    corrected_version: int
    periods_from: str | None
    periods_until: str | None
    reason: str
    status: RerateStatus
    due: int
    previewed: int
    done: int
    failed: int
    hash: str
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str

class ReratingSum(TypedDict):
    """What it comes to in one currency, in minor units."""
    currency: str
    subscriptions: int
    changed: int
    before: int
    after: int
    difference: int
    total: int
    credited: int

class Resend(TypedDict):
    """A wish to have events sent again."""
    id: str
    endpoint_id: str
    scope: WebhookScope
    after: int
    until: int
    sent_again: int
    done_at: str | None
    created_at: str

class ResendInputRequest(TypedDict):
    """From where: `after` a position, or `since` a time."""
    after: NotRequired[int]
    since: NotRequired[str]
    scope: NotRequired[Literal['failed', 'all']]

class ResumeInputRequest(TypedDict):
    """Whether it is only looked at."""
    preview: NotRequired[bool]

class RetriedBillingRun(TypedDict):
    """The run as it stands after a retry, and what came of that."""
    id: str
    status: RunStatus
    dry_run: bool
    test_clock_id: str | None
    at: str
    due: int
    done: int
    periods: int
    invoices: int
    failed: int
    batches: int
    forecasted: int
    forecast_invoices: int
    forecast_stopped: int
    held_because: list[HoldReason]
    approvals_needed: int
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str
    failures: list[RunFailure]
    forecast: list[RunForecast]
    approvals: list[RunApproval]
    retry: Retry

class Retry(TypedDict):
    """What came of a retry, in subscriptions, periods and invoices; `left` are tried by the next run."""
    tried: int
    periods: int
    invoices: int
    failed: int
    left: int

class Revenue(TypedDict):
    """What the books say of `period`, a month or a day of each account's own time zone, in minor units of ."""
    period: str
    currency: str
    invoiced: int
    tax: int
    credit_notes: int
    written_off: int
    collected: int
    refunded: int
    charged_back: int
    recognised: int
    deferred: int
    receivable: int

class RotateApiKeyInputRequest(TypedDict):
    """How long the old key goes on; when the new one ends, if not when the old one would have."""
    overlap_hours: NotRequired[int]
    expires_at: NotRequired[str]

class RotateInputRequest(TypedDict):
    """How long the secrets before go on signing beside the new one."""
    overlap_hours: NotRequired[int]

class RunApproval(TypedDict):
    """Who let a held run go on: user:ID or api_key:ID."""
    actor: str
    created_at: str

class RunFailure(TypedDict):
    """A subscription that the run could not bill."""
    subscription_id: str
    account_id: str
    reason: str
    resolved: bool
    created_at: str

class RunForecast(TypedDict):
    """What a run comes to in one currency: `last` cycle, `next` one, and why they differ; the causes sum t."""
    currency: str
    last: int
    next: int
    causes: dict[str, int]

RunStatus = Literal['FINISHED', 'FORECASTING', 'HELD', 'PAUSED', 'RUNNING']

class SaleInputRequest(TypedDict):
    """Something sold."""
    description: str
    quantity: NotRequired[str]
    unit_amount: str
    tax_code: NotRequired[str]
    tax_behavior: NotRequired[Literal['exclusive', 'inclusive']]
    period_start: NotRequired[str | None]
    period_end: NotRequired[str | None]

class ScheduledChange(TypedDict):
    """What is to become of a subscription from the first instant of local date `due_date` on."""
    kind: ChangeKind
    due_date: str
    plan_id: NotRequired[str | None]
    plan_version: NotRequired[int | None]
    quantity: NotRequired[int | None]

class Seller(TypedDict):
    """Who sells, as it stands on every document."""
    legal_name: str
    address: SellerAddress
    country: str | None
    email: str | None
    phone: str | None
    registration: str | None
    bank_name: str | None
    iban: str | None
    bic: str | None
    footer: str | None
    brand_color: str
    accent_color: str
    logo: str | None
    updated_at: str
    url: str

class SellerAddress(TypedDict):
    """Where the seller sits; the country stands beside it."""
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str

class SellerAddressInputRequest(TypedDict):
    """Where the seller sits; the country stands beside it."""
    line1: str
    line2: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    city: str
    region: NotRequired[str | None]

class SellerInputRequest(TypedDict):
    """What PUT takes: the whole profile."""
    legal_name: str
    address: SellerAddressInputRequest
    country: str
    email: NotRequired[str | None | str]
    phone: NotRequired[str | None]
    registration: NotRequired[str | None]
    bank_name: NotRequired[str | None]
    iban: NotRequired[str | None]
    bic: NotRequired[str | None]
    footer: NotRequired[str | None]
    brand_color: NotRequired[str | None]
    accent_color: NotRequired[str | None]
    logo: NotRequired[str | None]

class ShownBillingRun(TypedDict):
    """One run with what it could not bill: the first 100; its forecast, if there is one, and who approved ."""
    id: str
    status: RunStatus
    dry_run: bool
    test_clock_id: str | None
    at: str
    due: int
    done: int
    periods: int
    invoices: int
    failed: int
    batches: int
    forecasted: int
    forecast_invoices: int
    forecast_stopped: int
    held_because: list[HoldReason]
    approvals_needed: int
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str
    failures: list[RunFailure]
    forecast: list[RunForecast]
    approvals: list[RunApproval]

class ShownBulkMove(TypedDict):
    """One move with the first 100 that could not be moved."""
    id: str
    plan_id: str
    from_version: int | None
    to_version: int
    effective: SubscriptionEffective
    proration_behavior: SubscriptionBehavior
    due: int
    moved: int
    refused: int
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str
    refusals: list[MoveRefusal]

class ShownRerating(TypedDict):
    """One re-rating with its sums by currency."""
    id: str
    plan_id: str
    version: int
    corrected_version: int
    periods_from: str | None
    periods_until: str | None
    reason: str
    status: RerateStatus
    due: int
    previewed: int
    done: int
    failed: int
    hash: str
    finished_at: str | None
    created_at: str
    updated_at: str
    url: str
    sums: list[ReratingSum]

class ShownSubscription(TypedDict):
    """One subscription with its newest invoice: the id, or the object with `expand=latest_invoice`; null f."""
    id: str
    external_key: str | None
    account_id: str
    plan_id: str
    plan_version: int
    status: SubscriptionStatus
    quantity: int
    start_date: str
    billing_anchor_date: str
    trial_end: str | None
    current_period_start: str
    current_period_end: str
    next_billing_at: str | None
    cancel_at_period_end: bool
    cancelled_at: str | None
    cancellation_reason: str | None
    paused_at: str | None
    pause_resumes_at: str | None
    scheduled_change: ScheduledChange | None
    ends_on: str | None
    coupons: list[AttachedCoupon]
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str
    latest_invoice: str | Invoice | None

class Statement(TypedDict):
    """Everything between two local dates, both included, in order."""
    account_id: str
    currency: str
    date_from: str
    date_to: str
    opening_open: int
    opening_credit: int
    entries: list[StatementEntry]
    closing_open: int
    closing_credit: int
    url: str

class StatementEntry(TypedDict):
    """One thing that moved the balance: by how much, and where it stood afterwards."""
    kind: str
    date: str
    at: str
    source_type: str
    source_id: str
    invoice_id: str | None
    invoice_number: str | None
    open_change: int
    credit_change: int
    open: int
    credit: int

class StatementInputRequest(TypedDict):
    """What POST takes."""
    name: str
    lines: list[StatementLineInputRequest]
    preview: NotRequired[bool]

class StatementLine(TypedDict):
    """What a line does: pays an invoice in FULL, in PART or OVER it, what an ACCOUNT owes; becomes a task ."""
    line: int
    does: PaymentDoes
    account_id: str | None
    invoice_id: str | None
    invoice_number: str | None
    left: int
    credit: int
    why: str | None

class StatementLineInputRequest(TypedDict):
    """Money that came to our bank account."""
    booked_on: str
    amount: int
    currency: str
    reference: str
    payer: NotRequired[str]
    bank_reference: NotRequired[str]

class Subscription(TypedDict):
    """An account on a plan."""
    id: str
    external_key: str | None
    account_id: str
    plan_id: str
    plan_version: int
    status: SubscriptionStatus
    quantity: int
    start_date: str
    billing_anchor_date: str
    trial_end: str | None
    current_period_start: str
    current_period_end: str
    next_billing_at: str | None
    cancel_at_period_end: bool
    cancelled_at: str | None
    cancellation_reason: str | None
    paused_at: str | None
    pause_resumes_at: str | None
    scheduled_change: ScheduledChange | None
    ends_on: str | None
    coupons: list[AttachedCoupon]
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str

SubscriptionBehavior = Literal['always_invoice', 'create_prorations', 'none']

SubscriptionCause = Literal['discount', 'further', 'lost', 'new', 'one_off', 'price', 'proration', 'quantity', 'stopped', 'tax', 'usage']

class SubscriptionChangeRequest(TypedDict):
    """What PATCH takes."""
    plan_id: NotRequired[str]
    plan_version: NotRequired[int]
    quantity: NotRequired[int]
    proration_behavior: NotRequired[Literal['always_invoice', 'create_prorations', 'none']]
    effective: NotRequired[Literal['now', 'period_end']]
    metadata: NotRequired[dict[str, Any]]

SubscriptionEffective = Literal['now', 'period_end']

class SubscriptionInputRequest(TypedDict):
    """What POST takes."""
    account_id: str
    plan_id: str
    quantity: NotRequired[int]
    trial_days: NotRequired[int]
    start_date: NotRequired[str]
    bill_from: NotRequired[str]
    billing_anchor_date: NotRequired[str]
    ends_on: NotRequired[str | None]
    coupon: NotRequired[str | None]
    external_key: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any]]

SubscriptionStatus = Literal['ACTIVE', 'CANCELLED', 'EXPIRED', 'PAUSED', 'TRIAL']

class Suppression(TypedDict):
    """Why an address gets no mail, or none that it may do without; until it is lifted."""
    id: str
    address: str
    scope: NotificationScope
    cause: NotificationCause
    created_at: str
    lifted_at: str | None

TaxBehavior = Literal['exclusive', 'inclusive']

class TaxBreakdown(TypedDict):
    """The tax of one jurisdiction, rate and category; `reason` says why there is none."""
    jurisdiction: str
    name: str
    rate: str
    category: str
    taxable_amount: int
    amount: int
    reason: str | None

class TaxGroup(TypedDict):
    """All lines of one jurisdiction, rate, category and reason: their tax is rounded once."""
    jurisdiction: str
    rate: str
    category: str
    reason: str | None
    taxable_amount: int
    amount: int

class TaxId(TypedDict):
    """A VAT number of the European Union whose check digits fit, and what VIES last said of it."""
    id: str
    tax_id: str
    country: str
    status: TaxStatus
    name: str | None
    address: str | None
    consultation_number: str | None
    requester: str | None
    request_date: str | None
    checked_at: str | None
    next_check_at: str | None
    error: str | None
    created_at: str
    updated_at: str
    url: str

class TaxIdInputRequest(TypedDict):
    """What POST takes: a VAT number with its country's two letters, however it is spaced."""
    tax_id: str

class TaxRate(TypedDict):
    """A rate in percent, valid from the first day up to, not including, `valid_to`."""
    id: str
    jurisdiction: str
    category: str
    name: str
    rate: str
    valid_from: str | None
    valid_to: str | None
    source: str | None
    created_at: str
    updated_at: str
    url: str

class TaxRateInputRequest(TypedDict):
    """What POST takes."""
    jurisdiction: str
    category: NotRequired[str]
    name: str
    rate: str
    valid_from: str
    valid_to: NotRequired[str | None]
    source: NotRequired[str]

TaxStatus = Literal['INVALID', 'PENDING', 'VALID']

class TestClock(TypedDict):
    """Time that stands still until it is moved."""
    id: str
    name: str
    frozen_time: str
    status: ClockStatus
    target_time: str | None
    progress: TestClockProgress
    error: str | None
    created_at: str
    updated_at: str
    url: str

class TestClockInputRequest(TypedDict):
    """What POST takes."""
    frozen_time: str
    name: NotRequired[str]

class TestClockProgress(TypedDict):
    """How far the last move has come: instants it stopped at, pieces of work done, and what it waits for b."""
    started_from: str | None
    steps: int
    pieces: int
    waiting_for: dict[str, int]

class Threshold(TypedDict):
    """What usage may reach: so much `percent` of the cap, or else of the free units; a quantity; or an amo."""
    percent: str | None
    quantity: str | None
    amount: int | None
    currency: str | None

class ThresholdReached(TypedDict):
    """Usage of a charge has reached a threshold, at the account's time `reached_at`."""
    id: str
    subscription_id: str
    account_id: str
    charge: str
    metric: str
    threshold: Threshold
    limit: str | None
    quantity: str
    amount: int
    currency: str
    since: str
    until: str
    reached_at: str
    url: str

class Tier(TypedDict):
    """Up to and including `up_to`, the last one for ever."""
    up_to: str | None
    unit_price: str
    flat_price: str
    rate_percent: str
    package_size: str | None

class Token(TypedDict):
    """An access token and, of staff, what gets the next one."""
    token_type: str
    access_token: str | None
    expires_in: int
    refresh_token: str | None
    refresh_expires_at: str | None

class TokenInputRequest(TypedDict):
    """What is asked for, by `grant_type`: password (with username, code), refresh_token, or customer (acco."""
    grant_type: Literal['password', 'refresh_token', 'customer']
    username: NotRequired[str]
    password: NotRequired[str]
    code: NotRequired[str | None]
    refresh_token: NotRequired[str]
    account_id: NotRequired[str]
    expires_in: NotRequired[int]

class Transfer(TypedDict):
    """A payment recorded by hand, with all that the money paid: one for each invoice."""
    id: str
    invoice_id: str
    account_id: str
    amount: int
    carried: int
    amount_refunded: int
    amount_charged_back: int
    currency: str
    status: PaymentStatus
    method: str
    payment_method_id: str | None
    gateway_transaction_id: str | None
    reference: str | None
    failure_code: str | None
    failure_message: str | None
    attempt: int
    origin: PaymentOrigin | None
    next_retry_at: str | None
    action_url: str | None
    action_until: str | None
    created_at: str
    url: str
    payments: list[Payment]

class TransferInputRequest(TypedDict):
    """What POST takes: money that came past the gateway, as the bank statement has it."""
    account_id: str
    invoice_id: NotRequired[str | None]
    amount: int
    currency: str
    method: NotRequired[Literal['bank_transfer', 'check', 'cash']]
    reference: str
    received_at: str

class TrialBalance(TypedDict):
    """One ledger account in one currency, in minor units; `balance` = debit - credit."""
    currency: str
    ledger_account: str
    debit: int
    credit: int
    balance: int

TrialUsage = Literal['bill', 'free']

Unit = Literal['day', 'month', 'week', 'year']

class UpcomingInvoice(TypedDict):
    """An invoice that is near."""
    subscription_id: str
    account_id: str
    next_billing_at: str
    url: str

UsageAggregation = Literal['count', 'last', 'max', 'sum', 'unique_count']

class UsageBatch(TypedDict):
    """What became of a batch."""
    accepted: int
    duplicates: int
    rejected: int
    errors: list[UsageError]

class UsageError(TypedDict):
    """Why an event was refused."""
    index: int
    code: str
    detail: str
    hint: str

class UsageEvent(TypedDict):
    """Something that was used."""
    id: str
    subscription_id: str
    metric: str
    quantity: str
    timestamp: str
    received_at: str
    idempotency_key: str
    properties: dict[str, Any]
    voided_at: str | None
    replaced_by_id: str | None
    void_reason: str | None
    url: str

class UsageEventInputRequest(TypedDict):
    """What POST takes."""
    idempotency_key: str
    subscription_id: NotRequired[str | None]
    subscription_external_key: NotRequired[str | None]
    metric: str
    quantity: NotRequired[str]
    timestamp: str
    properties: NotRequired[dict[str, Any] | None]

class UsageReplacementInputRequest(TypedDict):
    """What counts instead, under a key of its own; what is left out stays as it was."""
    idempotency_key: str
    metric: NotRequired[str]
    quantity: NotRequired[str]
    timestamp: NotRequired[str]
    properties: NotRequired[dict[str, Any]]
    reason: NotRequired[str]

class UsageSummary(TypedDict):
    """The events of a local day, metric and group."""
    day: str
    metric: str
    group: dict[str, str | None]
    events: int
    sum: str
    max: str

class UsageTrend(TypedDict):
    """What was used of `metric` in `period`, a month or a day of each account's own time zone."""
    period: str
    metric: str
    events: int
    quantity: str
    subscriptions: int
    accounts: int

class UsageVoidInputRequest(TypedDict):
    """Why."""
    reason: NotRequired[str]

UseKind = Literal['expiry', 'invoice', 'return', 'void']

class VoidInputRequest(TypedDict):
    """Why, what comes in its place, and what becomes of what was paid."""
    reason: str
    replace: NotRequired[bool]
    payment: NotRequired[Literal['credit', 'refund']]
    preview: NotRequired[bool]

class VoidedInvoice(TypedDict):
    """The void invoice with the one in its place; null where nothing is."""
    id: str
    number: str | None
    account_id: str
    subscription_id: str | None
    kind: InvoiceKind
    status: InvoiceStatus
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    issue_date: str | None
    due_date: str | None
    paid_at: str | None
    voided_at: str | None
    void_reason: str | None
    replaces_id: str | None
    hosted_url: str | None
    bill_to: BillTo | None
    lines: list[Line]
    tax_breakdown: list[TaxBreakdown]
    requires_review: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    url: str
    replacement: Invoice | None

class WebhookDelivery(TypedDict):
    """One event to one endpoint."""
    id: int
    endpoint_id: str
    event_id: str
    event_type: str
    sequence: int
    position: int | None
    status: WebhookStatus
    attempt_count: int
    next_attempt_at: str | None
    last_error: str
    delivered_at: str | None
    created_at: str
    attempts: list[Attempt]

class WebhookEndpoint(TypedDict):
    """Who is told of events."""
    id: str
    name: str
    url: str
    event_types: list[str]
    api_version: str
    format: WebhookFormat
    redact: list[str]
    concurrency: int
    owner_email: str
    metadata: dict[str, Any]
    status: EndpointStatus
    disabled_reason: WebhookReason
    disabled_at: str | None
    failing_since: str | None
    spared_until: str | None
    last_sequence: int
    gaps: list[int]
    created_at: str
    updated_at: str

class WebhookEndpointInputRequest(TypedDict):
    """What POST takes."""
    name: NotRequired[str]
    url: str
    event_types: NotRequired[list[str]]
    api_version: NotRequired[str]
    format: NotRequired[Literal['event', 'segment']]
    secret: NotRequired[str]
    redact: NotRequired[list[str]]
    concurrency: NotRequired[int]
    owner_email: NotRequired[str]
    metadata: NotRequired[dict[str, Any]]

class WebhookEvent(TypedDict):
    """An event as an endpoint is sent it."""
    event_id: str
    event_type: str
    created_at: str
    effective_at: str
    position: int | None
    livemode: bool
    api_version: str
    data: dict[str, Any]
    url: str
    sequence: int | None

WebhookFormat = Literal['event', 'segment']

WebhookOutcome = Literal['blocked', 'delivered', 'refused', 'released', 'timeout', 'unreachable']

WebhookReason = Literal['', 'by_hand', 'failing', 'gone']

WebhookScope = Literal['all', 'failed']

WebhookStatus = Literal['DELIVERED', 'FAILED', 'PENDING']

class WriteOffInputRequest(TypedDict):
    """Why."""
    reason: str
