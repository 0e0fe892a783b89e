"""What a running platform serves, set against rules, dashboards and documents, both ways."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from apps.monitoring import collectors, exposition
from observability.source.alerts import ALERTS
from observability.source.dashboards import expressions
from observability.source.durations import Scale
from observability.source.recording import BURN, SLIS
from tests.observability.programs import run
from tests.scenarios.conftest import Company
from tests.scenarios.stack import Stack, wait_until

ROOT = Path(__file__).resolve().parents[2]
for path in (*ROOT.glob("apps/*/metrics.py"), ROOT / "apps/monitoring/pool.py"):
    # Whatever a process may declare, also what this one has not needed.
    import_module(f"apps.{path.parent.name}.{path.stem}")
DOCUMENT = ROOT / "docs" / "observability.md"
OF_OTHERS = ("django_", "python_", "process_")
EXPORTERS = {"probe_ssl_earliest_cert_expiry", "up", "ALERTS"}
AWAITED = {"audit_unsealed_age_seconds"}
"""Named by rules and documents, and declared by the part that comes with the sealing of the audit log."""
NAME = re.compile(r"\b([a-z_][a-z0-9_]*)(?=[\[{ )]|$)")
WORDS = {
    "sum", "by", "rate", "max", "min", "count", "avg", "avg_over_time",
    "last_over_time",
    "absent_over_time", "increase", "time", "vector", "absent", "on",
    "or",    "and", "le", "topk", "histogram_quantile", "unless",
}  # fmt: skip


def used() -> set[str]:
    """Series that rules and dashboards ask for, recorded ones left out."""
    scale = Scale()
    asked = [*expressions(), *(scale.text(each.expr) for each in (*ALERTS, *SLIS, *BURN))]
    bare = [
        re.sub(r"\b(?:by|on) ?\([^)]*\)", " ", re.sub(r"\{[^}]*\}|\"[^\"]*\"|\[[^]]*\]", " ", text)) for text in asked
    ]
    recorded = re.compile(r"\b(?:sli|slo):[\w:]+")
    found = {name for text in bare for name in NAME.findall(recorded.sub(" ", text) + " ")}
    return {re.sub(r"_(?:bucket|count|sum)$", "", name) for name in found - WORDS}


def declared() -> set[str]:
    """What our code says that it counts or reads."""
    named = {metric.name + ("_total" if metric.type == "counter" else "") for metric in REGISTRY.collect()}
    named |= {re.sub(r"_(?:created|total)$", "", name) for name in REGISTRY._names_to_collectors}
    named |= {name for name in REGISTRY._names_to_collectors if name.endswith("_total")}
    return named | {each.name for each in collectors.registered()} | {exposition.QUERIES}


def ours() -> set[str]:
    """Names without those of libraries; counters with their ending."""
    counters = {name for name in REGISTRY._names_to_collectors if name.endswith("_total")}
    stems = {name.removesuffix("_total") for name in counters}
    rest = {
        name for name in REGISTRY._names_to_collectors
        if not name.endswith(("_total", "_created", "_bucket", "_count", "_sum")) and name not in stems
    }  # fmt: skip
    found = counters | rest | {each.name for each in collectors.registered()} | {exposition.QUERIES}
    return {name for name in found if not name.startswith(OF_OTHERS)}


def documented() -> set[str]:
    return set(re.findall(r"`([a-z][a-z0-9_]+)(?:\{[a-z,]*\})?`", DOCUMENT.read_text()))


def test_what_rules_and_dashboards_name_is_declared() -> None:
    assert used() - declared() - EXPORTERS - AWAITED == set()
    assert len(used()) > 35


def test_every_metric_of_ours_is_documented() -> None:
    assert ours() - documented() == set()


def test_every_expression_of_a_dashboard_parses(tmp_path: Path) -> None:
    rules = [f"- {{record: 'x:{number}', expr: {text!r}}}" for number, text in enumerate(expressions())]
    text = "groups:\n- name: dashboards\n  rules:\n" + "".join(f"  {rule}\n" for rule in rules)
    (tmp_path / "dashboards.yaml").write_text(text)
    run("promtool", "check", "rules", "dashboards.yaml", cwd=tmp_path)


@pytest.mark.fr("FR-147", "FR-150", "FR-151")
def test_a_running_platform_serves_what_is_named_and_nothing_undocumented(stack: Stack, company: Company) -> None:
    invoice = company.subscribe(company.customer())["latest_invoice"]
    wait_until(lambda: stack.client.get(f"/v1/invoices/{invoice['id']}")["status"] == "PAID")
    expected = {
        "invoices_generated_total", "payments_attempted_total", "api_requests_total", "api_request_duration_seconds",
        "db_query_duration_seconds", "db_connection_pool_size", "db_connection_pool_available",
        "db_connection_pool_waiting", "redis_cache_hits_total", "redis_cache_misses_total", "celery_queue_depth",
        "celery_task_duration_seconds", "billing_run_active", "outbox_oldest_age_seconds", "stripe_requests_total",
        "stripe_request_duration_seconds", "reconciliation_differences", "tax_requests_total", "ledger_imbalance",
        "beat_last_tick_timestamp_seconds", "celery_worker_last_seen_timestamp_seconds", "usage_backlog_events",
        "slo_error_budget_remaining_ratio", "dead_letters", "doorbell_failures_total", "rate_limit_bypassed_total",
        "mrr_dollars", "revenue_per_customer_dollars", "active_subscriptions", "dependency_up",
        "billing_oldest_due_age_seconds",
    }  # fmt: skip

    def served() -> set[str]:
        names = {name.partition("{")[0] for name in stack.numbers()}
        return {re.sub(r"_(?:bucket|count|sum)$", "", name) for name in names if not name.startswith(OF_OTHERS)}

    # What is read is at most 15 s old.
    wait_until(lambda: expected <= served(), 40, 1)
    assert served() - documented() == set()


@pytest.mark.fr("FR-147")
def test_the_exposition_is_what_prometheus_reads(stack: Stack, tmp_path: Path) -> None:
    text = stack.client.send("GET", "/metrics").body
    assert text.endswith(b"\n")
    types = re.findall(rb"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(types) == len(set(types)), "a family is served twice"
