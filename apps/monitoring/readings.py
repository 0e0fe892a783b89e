"""The gauges that web reads: from the queries of the apps below, and from the broker."""

import redis
from django.conf import settings

from apps.events import queries as events
from apps.kernel import clock
from apps.ledger import queries as ledger
from apps.monitoring.collectors import Samples, bounded, register
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status

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


register("celery_queue_depth", "Tasks waiting in a queue of the broker", ["queue"], queue_depth)
register("outbox_oldest_age_seconds", "Wait of the most overdue event or delivery", [], outbox_oldest_age)
register("dead_letters", "Deliveries given up, waiting for a person", [], dead_letters)
register("ledger_imbalance", "Minor units by which the books do not balance", [], ledger_imbalance)
register("active_subscriptions", "Subscriptions that are ACTIVE", [], active_subscriptions)
