"""The gauges that web reads: from the queries of the apps below, and from the broker."""

import redis
from django.conf import settings

from apps.dunning import queries as dunning
from apps.events import queries as events
from apps.kernel import clock
from apps.kernel.backlog import registered as kinds_of_work
from apps.kernel.backlog import stand
from apps.kernel.schedule import Scope
from apps.ledger import queries as ledger
from apps.monitoring.collectors import Samples, bounded, register
from apps.payments import reconcile_queries as reconciliation
from apps.subscriptions import queries as subscriptions
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status
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
    """Minor units by which the currencies do not add up to zero, signs ignored."""
    sums: dict[str, int] = {}
    with bounded():
        for row in ledger.trial_balance():
            sums[row.currency] = sums.get(row.currency, 0) + row.balance
    return [([], sum(map(abs, sums.values())))]


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
    with bounded():
        return [([], float(subscriptions.unfinished(Scope()) is not None))]


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
    "billing_run_last_success_timestamp_seconds", "When the last billing run finished", [], billing_run_last_success
)
