"""Every alert. The customer's five come first and keep its names, `for` and severities; where its expression could not
work, `given` holds it and `reason` says why ours differs.

Gauges that web reads from the database are absent from a scrape when it is slow to answer, which is when they matter:
rules look at the last word of a minute, so that one missing scrape does not begin a `for` anew.
"""

from dataclasses import dataclass

from observability.source import recording


@dataclass(frozen=True)
class Alert:
    """One rule. Durations are marked: see `durations`."""

    name: str
    expr: str
    wait: str
    severity: str
    summary: str
    description: str
    given: str = ""
    reason: str = ""
    window: str = ""
    """What the expression looks back over; with `wait` it says how soon the alert must come."""


CUSTOMERS = (
    Alert(
        "ServiceDown",
        'up{job="billing-api"} == 0',
        "<1m>",
        "critical",
        "{{ $labels.instance }} does not answer",
        "Prometheus could not scrape the API for a minute: it is down, or not reachable.",
    ),
    Alert(
        "HighLatency",
        f"{recording.quantile('0.95', 'api_request_duration_seconds', '<5m>')} > 0.5",
        "<5m>",
        "warning",
        "API p95 is {{ $value | humanizeDuration }}",
        "One request in twenty takes longer than 500 ms; the target is 200 ms.",
        given="histogram_quantile(0.95, api_request_duration_seconds_bucket) > 0.5",
        reason="buckets only ever grow, so without rate() this is the p95 since the process began, and without the sum"
        " by (le) one value an endpoint and process, each of few requests",
        window="<5m>",
    ),
    Alert(
        "HighErrorRate",
        f"{recording.errors('<5m>')} > 0.01",
        "<5m>",
        "critical",
        "{{ $value | humanizePercentage }} of requests fail",
        "More than 1 % of requests are answered with 5xx; the target is below 0.1 %.",
        given="rate(api_errors_total[5m]) / rate(api_requests_total[5m]) > 0.01",
        reason="the two have different labels, so the division matches nothing and the alert never fires: sums, guarded"
        " against no traffic and against no error so far",
        window="<5m>",
    ),
    Alert(
        "HighPaymentFailureRate",
        f"{recording.payments('failed', '<15m>')} > 0.05",
        "<15m>",
        "warning",
        "{{ $value | humanizePercentage }} of payments fail at the gateway or here",
        "Attempts that failed for another reason than the issuer's decline are above 5 %.",
        given='rate(payments_attempted_total{status="failed"}[15m]) / rate(payments_attempted_total[15m]) > 0.05',
        reason="the division matches on status, so it compares failed with failed and is 1 for ever: sums, and attempts"
        " that wait for the customer have not ended",
        window="<15m>",
    ),
    Alert(
        "DatabaseConnectionPoolExhausted",
        "db_connection_pool_available == 0",
        "<1m>",
        "critical",
        "No database connection is free on {{ $labels.instance }}",
        "All connections of the web processes' pools have been in use for a minute; requests wait, then get 503.",
    ),
)

SERVICE = (
    Alert(
        "ServiceAbsent",
        'absent(up{job="billing-api"})',
        "<5m>",
        "critical",
        "Prometheus knows no billing-api",
        "Nothing is scraped under that job: a target that has vanished has no `up`, so ServiceDown cannot see it.",
    ),
    Alert(
        "AvailabilityLow",
        "(1 - slo:availability:errors_ratio_rate1h) < 0.995"
        ' or max(slo_error_budget_remaining_ratio{slo="availability"}) < -4',
        "<5m>",
        "critical",
        "Availability is below 99.5 %",
        "Over the last hour, or over 30 days (the budget of 99.9 % spent five times). The target is 99.9 %.",
        window="<1h>",
    ),
    Alert(
        "VeryHighLatency",
        "sli:api_latency:p99_5m > 1",
        "<5m>",
        "critical",
        "API p99 is {{ $value | humanizeDuration }}",
        "One request in a hundred takes longer than a second; the target is 500 ms.",
        window="<5m>",
    ),
    Alert(
        "ErrorRatePage",
        f"{recording.errors('<2m>')} > 0.01",
        "<1m>",
        "critical",
        "{{ $value | humanizePercentage }} of requests fail",
        "The fast page of HighErrorRate: two minutes of more than 1 % 5xx.",
        window="<2m>",
    ),
    Alert(
        "LatencyPage",
        f"{recording.quantile('0.95', 'api_request_duration_seconds', '<2m>')} > 1",
        "<1m>",
        "critical",
        "API p95 is {{ $value | humanizeDuration }}",
        "The fast page of HighLatency: two minutes in which one request in twenty takes longer than a second.",
        window="<2m>",
    ),
    Alert(
        "ErrorBudgetBurnFast",
        "(slo:availability:errors_ratio_rate1h > 14.4 * 0.001 and slo:availability:errors_ratio_rate5m > 14.4 * 0.001)"
        " or (slo:availability:errors_ratio_rate6h > 6 * 0.001 and slo:availability:errors_ratio_rate30m > 6 * 0.001)",
        "<2m>",
        "critical",
        "{{ $value | humanizePercentage }} errors: the error budget burns fast",
        "At this rate 2 % of the month's budget go in an hour, or 5 % in six. Both a long and a short window see it.",
        window="<1h>",
    ),
    Alert(
        "ErrorBudgetBurnSlow",
        "(slo:availability:errors_ratio_rate1d > 3 * 0.001 and slo:availability:errors_ratio_rate2h > 3 * 0.001)"
        " or (slo:availability:errors_ratio_rate3d > 0.001 and slo:availability:errors_ratio_rate6h > 0.001)",
        "<1h>",
        "warning",
        "The error budget is being used up too fast",
        "At this rate 10 % of the month's budget go in a day or three: no page, but a cause to find this week.",
        window="<1d>",
    ),
    Alert(
        "SyntheticProbeFailed",
        "count(min by (region) (last_over_time(synthetic_probe_success[<1m>])) == 0"
        " or time() - max by (region) (last_over_time(synthetic_probe_timestamp_seconds[<1m>])) > <15m!>) >= 2",
        "<2m>",
        "critical",
        "{{ $value }} regions cannot bill a customer",
        "The probe (create, subscribe, invoice, pay, void) failed, or was silent for 15 minutes, in two regions.",
    ),
    Alert(
        "CertificateExpiring",
        "probe_ssl_earliest_cert_expiry - time() < 14 * 86400",
        "<1h>",
        "warning",
        "The certificate of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}",
        "Renewal should have happened 30 days before the end.",
    ),
    Alert(
        "CostAboveTarget",
        "max(last_over_time(infrastructure_cost_dollars[<1m>])) > 1000"
        " and max(last_over_time(infrastructure_cost_dollars[<1m>]))"
        " / (max(last_over_time(active_subscriptions[<1m>])) / 1000) > 100",
        "<1h>",
        "info",
        "The platform costs ${{ $value | humanize }} a month",
        "Above $1,000 a month, and above $100 for 1,000 subscriptions.",
    ),
    Alert(
        "Watchdog",
        "vector(1)",
        "<0s>",
        "info",
        "Alerting works",
        "Always firing. Whoever hears it (a dead-man's switch outside of us) raises the alarm when it stops.",
    ),
)

STORES = (
    Alert(
        "DatabaseDown",
        'max(dependency_up{dependency="database"}) == 0',
        "<1m>",
        "critical",
        "PostgreSQL does not answer",
        "The web processes cannot read one row over a connection of their own. Nothing can be billed.",
    ),
    Alert(
        "RedisDown",
        'max(dependency_up{dependency="redis"}) == 0',
        "<1m>",
        "critical",
        "Redis does not answer",
        "Doorbells are not heard and limits not counted; workers and beat stand still.",
    ),
    Alert(
        "SlowQueries",
        "sli:db_query:p99_5m > 0.1",
        "<5m>",
        "warning",
        "Query p99 is {{ $value | humanizeDuration }}",
        "One query in a hundred takes longer than 100 ms; the target is 50 ms.",
        window="<5m>",
    ),
    Alert(
        "BackupTooOld",
        "time() - max(last_over_time(backup_last_success_timestamp_seconds[<1m>])) > <26h!>"
        " or absent_over_time(backup_last_success_timestamp_seconds[<5m>])",
        "<2m>",
        "critical",
        "The last backup is too old",
        "No backup finished within 26 hours, or none was ever recorded.",
    ),
    Alert(
        "LedgerImbalance",
        "max(last_over_time(ledger_imbalance[<1m>])) > 0",
        "<1m>",
        "critical",
        "The books are off by {{ $value }} minor units",
        "Debits and credits differ, which the database refuses: somebody went round it.",
    ),
    Alert(
        "AuditChainBroken",
        "max(last_over_time(audit_unsealed_age_seconds[<1m>])) > <10m!>",
        "<5m>",
        "critical",
        "The audit log has not been sealed for {{ $value | humanizeDuration }}",
        "The sealer stands still, or has met a row that does not fit the chain.",
    ),
)

WORK = (
    Alert(
        "BeatDown",
        "time() - max(beat_last_tick_timestamp_seconds) > <1m!> or absent(beat_last_tick_timestamp_seconds)",
        "<1m>",
        "critical",
        "Beat does not tick",
        "The scheduler has handed out nothing for a minute (it does every second), or was never seen.",
    ),
    Alert(
        "WorkerDown",
        "time() - max(celery_worker_last_seen_timestamp_seconds) > <1m!>"
        " or absent(celery_worker_last_seen_timestamp_seconds)",
        "<1m>",
        "critical",
        "No worker is alive",
        "The last heartbeat of any worker is older than a minute: invoices, payments and webhooks wait.",
    ),
    Alert(
        "OutboxStalled",
        "max(last_over_time(outbox_oldest_age_seconds[<1m>])) > <1m!>",
        "<2m>",
        "critical",
        "An event has waited for {{ $value | humanizeDuration }}",
        "What was announced is not being told to subscribers: payments, mails and webhooks depend on it.",
    ),
    Alert(
        "QueueBacklog",
        "max by (queue) (last_over_time(celery_queue_depth[<1m>])) > 10000",
        "<10m>",
        "warning",
        "{{ $value }} tasks wait in {{ $labels.queue }}",
        "More work comes in than the workers take.",
    ),
    Alert(
        "BillingRunMissed",
        "max(last_over_time(billing_oldest_due_age_seconds[<1m>])) > <2h!>",
        "<2m>",
        "critical",
        "A subscription has been due for {{ $value | humanizeDuration }}",
        "Runs are hourly: what is due for more than two hours was missed. It is billed, once, by the next run.",
    ),
    Alert(
        "InvoiceGenerationSlow",
        "(max(last_over_time(billing_run_active[<1m>])) == 1) and on () (sli:invoices:rate5m < 50)",
        "<5m>",
        "warning",
        "A run makes fewer than 50 invoices a second",
        "The target is 100 a second, sustained.",
        window="<5m>",
    ),
    Alert(
        "UsageIngestionSlow",
        "(max(last_over_time(usage_backlog_events[<1m>])) > 10000) and on () (sli:usage_events:per_minute_5m < 5000)",
        "<5m>",
        "warning",
        "{{ $value }} usage events wait, and fewer than 5,000 a minute come in",
        "The target is 10,000 a minute.",
        window="<5m>",
    ),
    Alert(
        "DeadLetters",
        "max(last_over_time(dead_letters[<1m>])) > 0",
        "<5m>",
        "warning",
        "{{ $value }} deliveries were given up",
        "Each needs a person: what its subscriber should have done has not happened.",
    ),
)

MONEY = (
    Alert(
        "PaymentSuccessLow",
        "sli:payment_success:ratio_rate15m < 0.95",
        "<15m>",
        "warning",
        "{{ $value | humanizePercentage }} of payments succeed",
        "Of the attempts that ended, declines included. The target is 98 %.",
        window="<15m>",
    ),
    Alert(
        "PaymentGatewayDown",
        f"{recording.stripe_failures('<2m>')} > 0.05",
        "<1m>",
        "critical",
        "{{ $value | humanizePercentage }} of calls to Stripe fail",
        "The fast page of StripeErrors. Payments stay pending and are repeated with the same key.",
        window="<2m>",
    ),
    Alert(
        "StripeErrors",
        "sli:stripe_failures:ratio_rate15m > 0.05",
        "<5m>",
        "warning",
        "{{ $value | humanizePercentage }} of calls to Stripe fail",
        "It is away, limits us, or refuses our key; declined cards do not count.",
        window="<15m>",
    ),
    Alert(
        "StripeSlow",
        f"{recording.quantile('0.95', 'stripe_request_duration_seconds', '<5m>')} > 2.5",
        "<5m>",
        "warning",
        "Stripe's p95 is {{ $value | humanizeDuration }}",
        "Payments take longer; no database transaction waits for them.",
        window="<5m>",
    ),
    Alert(
        "WebhookDeliveryLow",
        "sli:webhook_delivery:ratio_rate1h < 0.95",
        "<1h>",
        "warning",
        "{{ $value | humanizePercentage }} of webhook attempts succeed",
        "The target is 99 % within the hour. One broken endpoint of a customer may be the whole cause.",
        window="<1h>",
    ),
    Alert(
        "ReconciliationDifferences",
        "sum(max by (kind) (last_over_time(reconciliation_differences[<1m>]))) > 0",
        "<1h>",
        "warning",
        "{{ $value }} differences with the gateway are open",
        "Finance has to look at each; amounts of both sides are in the inbox.",
    ),
)

GROUPS: dict[str, tuple[str, tuple[Alert, ...]]] = {
    "billing_platform": ("<30s>", CUSTOMERS),
    "billing_service": ("<15s>", SERVICE),
    "billing_stores": ("<15s>", STORES),
    "billing_work": ("<15s>", WORK),
    "billing_money": ("<15s>", MONEY),
}
ALERTS = tuple(alert for _, alerts in GROUPS.values() for alert in alerts)
