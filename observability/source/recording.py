"""Recording rules: every service level as a series of its own, and the windows that burn rates look at."""

from dataclasses import dataclass

BURN_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True)
class Recording:
    """One recorded series."""

    record: str
    expr: str


def ratio(part: str, whole: str) -> str:
    """A share of what there is: no series while there is nothing, 0 while no part of it was ever counted."""
    return f"((sum({part}) or vector(0)) / (sum({whole}) > 0))"


def quantile(q: str, histogram: str, window: str, by: str = "") -> str:
    """Of the buckets' rates, summed over everything but the edge (and `by`)."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({histogram}_bucket[{window}])))"


def errors(window: str) -> str:
    return ratio(f"rate(api_errors_total[{window}])", f"rate(api_requests_total[{window}])")


def payments(wanted: str, window: str) -> str:
    """Of the attempts that ended; one that waits for the customer has not."""
    ended = 'status=~"succeeded|declined|failed"'
    return ratio(
        f'rate(payments_attempted_total{{status="{wanted}"}}[{window}])',
        f"rate(payments_attempted_total{{{ended}}}[{window}])",
    )


def webhooks(window: str) -> str:
    return ratio(
        f'rate(webhook_deliveries_total{{outcome="delivered"}}[{window}])',
        f"rate(webhook_deliveries_total[{window}])",
    )


def stripe_failures(window: str) -> str:
    return ratio(
        f'rate(stripe_requests_total{{outcome=~"unavailable|unauthorised"}}[{window}])',
        f"rate(stripe_requests_total[{window}])",
    )


SLIS = (
    Recording("sli:api_errors:ratio_rate5m", errors("<5m>")),
    Recording("sli:api_latency:p50_5m", quantile("0.50", "api_request_duration_seconds", "<5m>")),
    Recording("sli:api_latency:p95_5m", quantile("0.95", "api_request_duration_seconds", "<5m>")),
    Recording("sli:api_latency:p99_5m", quantile("0.99", "api_request_duration_seconds", "<5m>")),
    Recording("sli:db_query:p99_5m", quantile("0.99", "db_query_duration_seconds", "<5m>")),
    Recording("sli:payment_success:ratio_rate15m", payments("succeeded", "<15m>")),
    Recording("sli:invoices:rate5m", "(sum(rate(invoices_generated_total[<5m>])) or vector(0))"),
    Recording(
        "sli:usage_events:per_minute_5m", "(sum(rate(usage_events_ingested_total[<5m>])) or vector(0)) * 60"
    ),
    Recording("sli:webhook_delivery:ratio_rate1h", webhooks("<1h>")),
    Recording("sli:stripe_failures:ratio_rate15m", stripe_failures("<15m>")),
    Recording("sli:probe_success:ratio_1h", "avg(avg_over_time(synthetic_probe_success[<1h>]))"),
)  # fmt: skip

BURN = tuple(Recording(f"slo:availability:errors_ratio_rate{window}", errors(f"<{window}>")) for window in BURN_WINDOWS)
