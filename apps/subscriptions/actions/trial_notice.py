"""Announce trials that will end, while there is time to decide."""

from datetime import datetime

from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.subscriptions.events import TrialWillEnd
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.queries import trials_ending

BATCH = 500


def tell_trials(*, at: datetime, scope: Scope, actor: Actor) -> int:
    """Announce those that end within the time of notice, each once; returns how many. Safe side by side."""
    with unit_of_work(actor):
        locked = trials_ending(at, scope).select_for_update(skip_locked=True, no_key=True, of=("self",))
        rows = list(locked.select_related("plan_version")[:BATCH])
        # Not their version: nothing that customers see has changed.
        Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(trial_told_at=at)
        versions = {row.plan_version_id: row.plan_version.version for row in rows}
        publish(
            [
                TrialWillEnd(object=shown, object_id=shown.id, account_id=shown.account_id, effective_at=at)
                for shown in subscription_objects(rows, versions=versions)
            ],
            lane=Lane.RUN,
        )
    return len(rows)
