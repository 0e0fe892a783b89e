"""For each alert a history of series in which it must fire, and one near it in which it must not, for promtool."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from observability.source.rules_files import HEAD

UP = 'up{job="billing-api",instance="a"}'
REQUESTS = 'api_requests_total{method="GET",endpoint="/v1/invoices",status="200",instance="%s"}'
ERRORS = 'api_errors_total{endpoint="/v1/invoices",type="internal_error",instance="%s"}'
BUCKET = 'api_request_duration_seconds_bucket{method="%s",endpoint="/v1/invoices",le="%s"}'
QUERIES = 'db_query_duration_seconds_bucket{alias="default",vendor="postgresql",le="%s"}'
PAYMENTS = 'payments_attempted_total{status="%s"}'
STRIPE = 'stripe_requests_total{operation="payment_intents",outcome="%s"}'
STRIPE_TIME = 'stripe_request_duration_seconds_bucket{operation="payment_intents",le="%s"}'
HOOKS = 'webhook_deliveries_total{outcome="%s"}'
PROBED = 'synthetic_probe_success{region="%s"}'
PROBE_AT = 'synthetic_probe_timestamp_seconds{region="%s"}'
RUN = "billing_run_active"
BACKLOG, INGESTED = "usage_backlog_events", 'usage_events_ingested_total{result="accepted"}'
STEP = 15

Series = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """What is written every 15 s from 0 on, and at which minute the alert fires with the one and not with the other."""

    alert: str
    minute: int
    fires: Series
    silent: Series
    also_silent: tuple[Series, ...] = ()


def steady(value: float, minutes: int) -> str:
    return f"{value:g}x{minutes * 60 // STEP}"


def growing(per_minute: float, minutes: int, start: float = 0) -> str:
    return f"{start:g}+{per_minute * STEP / 60:g}x{minutes * 60 // STEP}"


def moments(minutes: int, behind: float = 0) -> str:
    """A timestamp that follows the clock of the test, which begins at 0."""
    return f"{-behind:g}+{STEP}x{minutes * 60 // STEP}"


def errors(percent: float, minutes: int) -> Series:
    """Two processes, with 6,000 requests a minute each."""
    return {
        series % instance: growing(value, minutes)
        for instance in "ab"
        for series, value in ((REQUESTS, 6000), (ERRORS, 60 * percent))
    }


def shares(series: str, shares_of: Mapping[str, float], minutes: int) -> Series:
    return {series % name: growing(value, minutes) for name, value in shares_of.items()}


def histogram(series: str, slow_share: float, fast: str, slow: str, minutes: int) -> Series:
    """Of 6,000 a minute, this share lies between the two edges, the rest below the first."""
    counts = {fast: 6000 * (1 - slow_share), slow: 6000.0, "+Inf": 6000.0}
    return {series.replace("LE", edge): growing(value, minutes) for edge, value in counts.items()}


API = BUCKET % ("GET", "LE")
NO_TRAFFIC = {REQUESTS % "a": steady(100, 400), ERRORS % "a": steady(5, 400)}

CASES = (
    Case("ServiceDown", 3, {UP: steady(0, 5)}, {UP: steady(1, 5)}, ({UP: "1x6 0x2 1x20"},)),
    Case(
        "HighLatency",
        12,
        histogram(API, 0.06, "0.5", "1", 15),
        histogram(API, 0.04, "0.5", "1", 15),
        # An hour that was slow is over: the buckets still hold it, their rates do not.
        (
            {
                BUCKET % ("GET", "0.5"): growing(6000, 15),
                BUCKET % ("GET", "1"): growing(6000, 15, 900_000),
                BUCKET % ("GET", "+Inf"): growing(6000, 15, 900_000),
            },
        ),
    ),
    Case("HighErrorRate", 12, errors(1.2, 15), errors(0.8, 15), (NO_TRAFFIC,)),
    Case(
        "HighPaymentFailureRate",
        20,
        shares(PAYMENTS, {"succeeded": 90, "failed": 6, "declined": 4}, 22),
        shares(PAYMENTS, {"succeeded": 90, "failed": 4, "declined": 20}, 22),
        ({PAYMENTS % "failed": steady(10, 22), PAYMENTS % "succeeded": steady(10, 22)},),
    ),
    Case(
        "DatabaseConnectionPoolExhausted",
        3,
        {"db_connection_pool_available": steady(0, 5)},
        {"db_connection_pool_available": steady(1, 5)},
    ),
    Case("ServiceAbsent", 6, {'up{job="other"}': steady(1, 8)}, {UP: steady(0, 8)}),
    Case(
        "AvailabilityLow",
        8,
        errors(0.6, 10),
        errors(0.4, 10),
        ({'slo_error_budget_remaining_ratio{slo="availability"}': steady(-3.5, 10)},),
    ),
    Case("VeryHighLatency", 12, histogram(API, 0.02, "1", "2.5", 15), histogram(API, 0.005, "1", "2.5", 15)),
    Case("ErrorRatePage", 4, errors(2, 6), errors(0.9, 6), (NO_TRAFFIC,)),
    Case("LatencyPage", 4, histogram(API, 0.06, "1", "2.5", 6), histogram(API, 0.06, "0.5", "1", 6)),
    Case("ErrorBudgetBurnFast", 5, errors(1.6, 8), errors(0.5, 8), (NO_TRAFFIC,)),
    Case("ErrorBudgetBurnSlow", 65, errors(0.4, 70), errors(0.05, 70)),
    Case(
        "SyntheticProbeFailed",
        5,
        {PROBED % region: steady(value, 8) for region, value in zip("abc", (0, 0, 1), strict=True)},
        {PROBED % region: steady(value, 8) for region, value in zip("abc", (0, 1, 1), strict=True)},
        ({PROBE_AT % region: moments(8, 600) for region in "abc"},),
    ),
    Case(
        "CertificateExpiring",
        62,
        {'probe_ssl_earliest_cert_expiry{instance="a"}': steady(13 * 86400, 64)},
        {'probe_ssl_earliest_cert_expiry{instance="a"}': steady(15 * 86400, 64)},
    ),
    Case(
        "CostAboveTarget",
        62,
        {"infrastructure_cost_dollars": steady(1200, 64), "active_subscriptions": steady(9000, 64)},
        {"infrastructure_cost_dollars": steady(1200, 64), "active_subscriptions": steady(20000, 64)},
        ({"infrastructure_cost_dollars": steady(400, 64), "active_subscriptions": steady(10, 64)},),
    ),
    Case("Watchdog", 1, {UP: steady(1, 2)}, {}),
    Case(
        "DatabaseDown",
        3,
        {'dependency_up{dependency="database"}': steady(0, 5)},
        {
            'dependency_up{dependency="database",instance="a"}': steady(0, 5),
            'dependency_up{dependency="database",instance="b"}': steady(1, 5),
        },
    ),
    Case(
        "RedisDown",
        3,
        {'dependency_up{dependency="redis"}': steady(0, 5)},
        {'dependency_up{dependency="database"}': steady(0, 5), 'dependency_up{dependency="redis"}': steady(1, 5)},
    ),
    Case(
        "SlowQueries",
        12,
        histogram(QUERIES % "LE", 0.02, "0.1", "0.2", 15),
        histogram(QUERIES % "LE", 0.005, "0.1", "0.2", 15),
    ),
    Case(
        "BackupTooOld",
        15,
        {"backup_last_success_timestamp_seconds": steady(-27 * 3600, 20)},
        {"backup_last_success_timestamp_seconds": steady(-20 * 3600, 20)},
    ),
    Case("LedgerImbalance", 3, {"ledger_imbalance": steady(1, 5)}, {"ledger_imbalance": steady(0, 5)}),
    Case(
        "AuditChainBroken",
        8,
        {"audit_unsealed_age_seconds": steady(700, 10)},
        {"audit_unsealed_age_seconds": steady(500, 10)},
    ),
    Case(
        "BeatDown",
        5,
        {"beat_last_tick_timestamp_seconds": steady(0, 8)},
        {"beat_last_tick_timestamp_seconds": moments(8, 5)},
    ),
    Case(
        "WorkerDown",
        5,
        {"celery_worker_last_seen_timestamp_seconds": steady(0, 8)},
        {
            'celery_worker_last_seen_timestamp_seconds{instance="a"}': steady(0, 8),
            'celery_worker_last_seen_timestamp_seconds{instance="b"}': moments(8, 5),
        },
    ),
    Case(
        "OutboxStalled", 5, {"outbox_oldest_age_seconds": steady(90, 8)}, {"outbox_oldest_age_seconds": steady(50, 8)}
    ),
    Case(
        "QueueBacklog",
        15,
        {'celery_queue_depth{queue="billing"}': steady(10001, 20)},
        {'celery_queue_depth{queue="billing"}': steady(9000, 20), 'celery_queue_depth{queue="bulk"}': steady(9000, 20)},
    ),
    Case(
        "BillingRunMissed",
        8,
        {"billing_oldest_due_age_seconds": steady(7300, 10)},
        {"billing_oldest_due_age_seconds": steady(3600, 10)},
    ),
    Case(
        "InvoiceGenerationSlow",
        12,
        {RUN: steady(1, 15), "invoices_generated_total": growing(40 * 60, 15)},
        {RUN: steady(1, 15), "invoices_generated_total": growing(60 * 60, 15)},
        ({RUN: steady(0, 15), "invoices_generated_total": growing(60, 15)},),
    ),
    Case(
        "UsageIngestionSlow",
        12,
        {BACKLOG: steady(20000, 15), INGESTED: growing(4000, 15)},
        {BACKLOG: steady(20000, 15), INGESTED: growing(6000, 15)},
        ({BACKLOG: steady(100, 15), INGESTED: growing(10, 15)},),
    ),
    Case("DeadLetters", 8, {"dead_letters": steady(1, 10)}, {"dead_letters": steady(0, 10)}),
    Case(
        "PaymentSuccessLow",
        20,
        shares(PAYMENTS, {"succeeded": 90, "declined": 10}, 22),
        shares(PAYMENTS, {"succeeded": 97, "declined": 3, "requires_action": 50}, 22),
    ),
    Case(
        "PaymentGatewayDown",
        4,
        shares(STRIPE, {"ok": 90, "unavailable": 10}, 6),
        shares(STRIPE, {"ok": 90, "declined": 40, "unavailable": 2}, 6),
    ),
    Case(
        "StripeErrors",
        8,
        shares(STRIPE, {"ok": 90, "unavailable": 10}, 10),
        shares(STRIPE, {"ok": 90, "declined": 40, "unavailable": 2}, 10),
    ),
    Case(
        "StripeSlow",
        12,
        histogram(STRIPE_TIME % "LE", 0.06, "2.5", "5", 15),
        histogram(STRIPE_TIME % "LE", 0.06, "1", "2.5", 15),
    ),
    Case(
        "WebhookDeliveryLow",
        65,
        shares(HOOKS, {"delivered": 90, "retried": 8, "failed": 2}, 70),
        shares(HOOKS, {"delivered": 97, "retried": 3}, 70),
    ),
    Case(
        "ReconciliationDifferences",
        62,
        {'reconciliation_differences{kind="amount"}': steady(1, 64)},
        {'reconciliation_differences{kind="amount"}': steady(0, 64)},
    ),
)


def promtool_tests(*, hourly: bool) -> str:
    """observability/tests/alerting.yaml; with `hourly` those that need an hour and so take promtool many seconds."""
    lines = [HEAD + "rule_files: [../recording.yaml, ../alerting.yaml]", "evaluation_interval: 15s", "tests:"]
    for case in (case for case in CASES if (case.minute > 30) is hourly):
        lines += _test(case, case.fires, fires=True)
        if case.silent:
            for series in (case.silent, *case.also_silent):
                lines += _test(case, series, fires=False)
    return "\n".join(lines) + "\n"


def _test(case: Case, series: Series, *, fires: bool) -> Iterator[str]:
    yield f"  - name: {case.alert} {'fires' if fires else 'is silent'}"
    yield f"    interval: {STEP}s"
    yield "    input_series:"
    for name, values in series.items():
        yield f"      - series: {json.dumps(name)}"
        yield f"        values: {json.dumps(values)}"
    yield "    promql_expr_test:"
    yield f"      - expr: {json.dumps(expression(case.alert))}"
    yield f"        eval_time: {case.minute}m"
    yield "        exp_samples: " + ('[{labels: "{}", value: 1}]' if fires else "[]")


def expression(alert: str) -> str:
    return f'count(count by (alertname) (ALERTS{{alertname="{alert}",alertstate="firing"}}))'
