"""What falls due here: trials that end in three days, and cards that expire this month."""

from datetime import UTC, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register
from apps.kernel.transactions import unit_of_work
from apps.notifications.actions.write import Occasion, announce
from apps.notifications.models import Message
from apps.notifications.rules import Kind
from apps.payments.models import PaymentMethod
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome

ACTOR = system("notifications.due")
BATCH = 500
AHEAD = timedelta(days=3)
"""So long before its end a trial is spoken of; one that is not longer is not."""


def trials(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    """Trials that end within three days of `at`, go on then, and were not spoken of."""
    told = Message.objects.filter(kind=Kind.TRIAL_ENDING, cause_id=OuterRef("pk"))
    ends = ScheduledChange.objects.filter(subscription=OuterRef("pk"), kind=ChangeKind.CANCEL, outcome=Outcome.WAITING)
    rows = Subscription.objects.filter(
        status=Status.TRIAL, trial_end__lte=at + AHEAD, account__test_clock_id=scope.clock_id
    )
    longer = rows.filter(trial_end_date__gt=F("start_date") + AHEAD)
    return longer.exclude(Exists(told)).exclude(Exists(ends)).order_by("trial_end")


def earliest_trial(at: datetime, scope: Scope) -> datetime | None:
    """When the first of them is to be spoken of."""
    end = trials(at, scope).values_list("trial_end", flat=True).first()
    return end - AHEAD if end else None


def run_trials(at: datetime, scope: Scope) -> int:
    """Write their messages."""
    rows = list(trials(at, scope).select_related("plan", "account")[:BATCH])
    with unit_of_work(ACTOR):
        return announce(
            [
                Occasion(
                    kind=Kind.TRIAL_ENDING,
                    account_id=row.account_id,
                    cause_id=row.pk,
                    more={"plan": row.plan.name, "trial_end": row.trial_end_date},
                )
                for row in rows
            ]
        )


def cards(at: datetime, scope: Scope) -> QuerySet[PaymentMethod]:
    """Cards that are charged by themselves, expire in the month of `at` (UTC) or have, and were not spoken of."""
    told = Message.objects.filter(kind=Kind.CARD_EXPIRING, cause_id=OuterRef("pk"))
    rows = PaymentMethod.objects.filter(is_default=True, account__test_clock_id=scope.clock_id)
    over = Q(card_exp_year__lt=at.year) | Q(card_exp_year=at.year, card_exp_month__lte=at.month)
    return rows.filter(over).exclude(Exists(told)).order_by("card_exp_year", "card_exp_month", "id")


def earliest_card(at: datetime, scope: Scope) -> datetime | None:
    """When the month of the first of them began. On the wall's time they are looked for once an hour."""
    if scope.clock_id is None and at.minute:
        return None
    first = cards(at, scope).values_list("card_exp_year", "card_exp_month").first()
    return datetime(first[0], first[1], 1, tzinfo=UTC) if first and first[0] and first[1] else None


def run_cards(at: datetime, scope: Scope) -> int:
    """Write their messages."""
    rows = list(cards(at, scope)[:BATCH])
    with unit_of_work(ACTOR):
        return announce(
            [
                Occasion(
                    kind=Kind.CARD_EXPIRING,
                    account_id=row.account_id,
                    cause_id=row.pk,
                    more={
                        "card": f"{row.card_brand.capitalize()} …{row.card_last4}".strip(),
                        "expires": f"{row.card_exp_month:02}/{row.card_exp_year}",
                    },
                )
                for row in rows
            ]
        )


def pending(scope: Scope) -> int:
    """A message is written in one transaction; whether it is sent, no clock waits for."""
    return 0


TRIALS = register(DueWork(name="notifications.trials", due=earliest_trial, run=run_trials, pending=pending))
CARDS = register(DueWork(name="notifications.cards", due=earliest_card, run=run_cards, pending=pending))
