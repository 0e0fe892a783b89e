"""The gauges that web reads: from the queries of the apps below, and from the broker."""

from collections import Counter
from collections.abc import Mapping
from typing import cast

import redis
from django.conf import settings

from apps.dunning import queries as dunning
from apps.events import queries as events
from apps.kernel import clock
from apps.kernel.backlog import registered as kinds_of_work
from apps.kernel.backlog import stand
from apps.kernel.schedule import Scope
from apps.ledger import queries as ledger
from apps.monitoring import queries
from apps.monitoring.collectors import Samples, bounded, register
from apps.monitoring.rules.levels import budgets
from apps.monitoring.rules.notices import Severity
from apps.payments import reconcile_queries as reconciliation
from apps.subscriptions import queries as subscriptions
from apps.subscriptions import usage_queries
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.runs import WAITING
from apps.webhooks import queries as webhooks

PATIENCE = 0.3
QUEUES = ("events", "billing", "payments", "webhooks", "usage", "bulk")
"""What billing_project.celery declares, which lies above; a test compares them."""


def queue_depth() -> Samples:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        pipeline = client.pipeline(transaction=False)
        for name in QUEUES:
            pipeline.llen(name)
        return [([name], float(depth)) for name, depth in zip(QUEUES, pipeline.execute(), strict=True)]


def outbox_oldest_age() -> Samples:
    with bounded():
        return [([], events.outbox_oldest_age(clock.wall()))]


def dead_letters() -> Samples:
    with bounded():
        return [([], events.dead_letters())]


def ledger_imbalance() -> Samples:
    with bounded():
        return [([], ledger.imbalance())]


def active_subscriptions() -> Samples:
    with bounded():
        return [([], Subscription.objects.filter(status=Status.ACTIVE.value).count())]


def webhook_gaps() -> Samples:
    with bounded():
        return [([], float(webhooks.gaps()))]


def webhook_oldest_age() -> Samples:
    with bounded():
        return [([], webhooks.oldest_due(clock.wall()))]


def stuck_work() -> Samples:
    """Pieces of pending work that do not move by themselves, by kind; 0 of those without."""
    now = clock.wall()
    with bounded():
        return [([name], float(stand(kind, now).stuck)) for name, kind in kinds_of_work().items()]


def billing_run_active() -> Samples:
    """One that waits for a person makes no invoices, and is not slow."""
    with bounded():
        run = subscriptions.unfinished(Scope())
        return [([], float(run is not None and run.status not in WAITING))]


def billing_oldest_due_age() -> Samples:
    """How long the longest due subscription on the wall's clock has waited to be billed; 0 when none is due."""
    now = clock.wall()
    with bounded():
        due = subscriptions.due(now, Scope()).values_list("next_billing_at", flat=True).first()
        return [([], max(0.0, (now - due).total_seconds()) if due else 0.0)]


def usage_backlog() -> Samples:
    """Events that nobody has looked at yet for what they change, up to a limit."""
    with bounded():
        return [([], float(usage_queries.not_looked_at()))]


def cache_hits() -> Samples:
    return [([], float(_keyspace()["keyspace_hits"]))]


def cache_misses() -> Samples:
    return [([], float(_keyspace()["keyspace_misses"]))]


def _keyspace() -> Mapping[str, int]:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        return cast("Mapping[str, int]", client.info("stats"))


def error_budgets() -> Samples:
    with bounded():
        left = budgets(queries.counted(clock.wall()))
    return [([slo], float(share)) for slo, share in left.items()]


def probe_success() -> Samples:
    with bounded():
        return [([each.region], float(each.success)) for each in queries.regions(clock.wall())]


def probe_timestamp() -> Samples:
    with bounded():
        return [([each.region], each.at.timestamp()) for each in queries.regions(clock.wall())]


def last_backup() -> Samples:
    """Absent before the first."""
    with bounded():
        newest = queries.last_backup()
    return [([], newest.timestamp())] if newest else []


def infrastructure_cost() -> Samples:
    """Absent while nobody has entered any."""
    with bounded():
        rows = queries.costs(clock.wall().date())
    return [([], sum(row.monthly_cents for row in rows) / 100)] if rows else []


def alerts_firing() -> Samples:
    with bounded():
        firing = Counter(queries.alerts().filter(resolved_at=None).values_list("severity", flat=True))
    return [([severity.value], float(firing[severity.value])) for severity in Severity]


def billing_run_progress() -> Samples:
    """Absent while no run is under way."""
    with bounded():
        run = subscriptions.unfinished(Scope())
        return [([], min(1.0, (run.done + run.failed) / max(1, run.due)))] if run else []


def billing_run_last_success() -> Samples:
    """Absent before the first. Subscriptions that stopped in it are counted elsewhere: it is a success."""
    with bounded():
        run = subscriptions.last_finished(Scope())
        return [([], run.finished_at.timestamp())] if run and run.finished_at else []


def dunning_accounts() -> Samples:
    with bounded():
        return [([state], float(number)) for state, number in dunning.counts().items()]


def reconciliation_differences() -> Samples:
    with bounded():
        return [([kind], float(number)) for kind, number in reconciliation.open_differences().items()]


register("celery_queue_depth", "Tasks waiting in a queue of the broker", ["queue"], queue_depth)
register("outbox_oldest_age_seconds", "Wait of the most overdue event or delivery", [], outbox_oldest_age)
register("dead_letters", "Deliveries given up, waiting for a person", [], dead_letters)
register("ledger_imbalance", "Minor units by which the books do not balance", [], ledger_imbalance)
register("active_subscriptions", "Subscriptions that are ACTIVE", [], active_subscriptions)
register("dunning_accounts", "Accounts that are warned, blocked, or on hold", ["state"], dunning_accounts)
register(
    "reconciliation_differences",
    "Open tasks about what the gateway and our books do not agree on",
    ["kind"],
    reconciliation_differences,
)
register("webhook_gaps", "Webhooks given up, which their endpoints have not seen", [], webhook_gaps)
register("webhook_oldest_age_seconds", "Wait of the most overdue webhook to a sound endpoint", [], webhook_oldest_age)
register("stuck_work", "Pending work that needs a person, lost its worker, or is late", ["kind"], stuck_work)
register("billing_run_active", "Whether a billing run is under way on the wall clock", [], billing_run_active)
register("billing_run_progress_ratio", "How far the running billing run has come, 0 to 1", [], billing_run_progress)
register(
    "billing_oldest_due_age_seconds", "Wait of the subscription that has been due longest", [], billing_oldest_due_age
)
register("usage_backlog_events", "Usage events not looked at yet, 100,000 at most", [], usage_backlog)
register("redis_cache_hits_total", "Keys found, as the server counts them", [], cache_hits, counter=True)
register("redis_cache_misses_total", "Keys not found, as the server counts them", [], cache_misses, counter=True)
register("slo_error_budget_remaining_ratio", "What is left of 30 days' error budget", ["slo"], error_budgets)
register("synthetic_probe_success", "Whether the last probe could bill a customer", ["region"], probe_success)
register("synthetic_probe_timestamp_seconds", "When the last probe told of itself", ["region"], probe_timestamp)
register("backup_last_success_timestamp_seconds", "When the last backup was finished", [], last_backup)
register("infrastructure_cost_dollars", "What the platform costs a month", [], infrastructure_cost)
register("alerts_firing", "Alerts that fire and are not resolved", ["severity"], alerts_firing)
register(
    "billing_run_last_success_timestamp_seconds", "When the last billing run finished", [], billing_run_last_success
)
