"""What is added to the lines of prices and usage: lines that wait for an invoice, and what coupons take off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from apps.coupons import queries as coupons
from apps.coupons.rules import Attached
from apps.invoices import queries as invoices
from apps.invoices.models import Line, PendingItem
from apps.invoices.rules import DraftLine
from apps.subscriptions.models import Subscription


@dataclass
class Pending:
    """Lines that wait for the next invoice of an account, or of one subscription."""

    items: dict[tuple[UUID, UUID | None], list[PendingItem]]
    charged_by: Mapping[UUID, UUID]
    """A line that some of them credit -> its invoice."""

    def take(self, account_id: UUID, subscription_id: UUID | None) -> "Taken":
        """Those of the subscription and those of the account as such; each is taken once."""
        found = [*self.items.pop((account_id, subscription_id), ()), *self.items.pop((account_id, None), ())]
        lines = [item.draft_line() for item in found]
        credited = {UUID(line.source["reverses"]) for line in lines if "reverses" in line.source}
        reduces = {self.charged_by[line_id] for line_id in credited if line_id in self.charged_by}
        return Taken([item.pk for item in found], lines, sorted(reduces, reverse=True))


@dataclass(frozen=True)
class Taken:
    """Waiting lines on their way to an invoice, and the invoices that charged what they credit, newest first."""

    ids: list[UUID]
    lines: list[DraftLine]
    reduces: list[UUID]


@dataclass
class Extras:
    """What is added to the lines of prices and usage: coupons by subscription, and lines that wait."""

    attached: Mapping[UUID, Sequence[Attached]]
    pending: Pending


def extras(subscriptions: Sequence[Subscription]) -> Extras:
    """All that is added to what is billed of these: two queries, one more for either."""
    return Extras(coupons.attached([each.id for each in subscriptions]), waiting(subscriptions))


def waiting(subscriptions: Sequence[Subscription]) -> Pending:
    """What waits for the invoices of these subscriptions."""
    items = invoices.pending({each.account_id for each in subscriptions}, {each.id for each in subscriptions})
    lines = [item.draft_line() for each in items.values() for item in each]
    credited = {UUID(line.source["reverses"]) for line in lines if "reverses" in line.source}
    charged = Line.objects.filter(pk__in=credited).values_list("pk", "invoice_id") if credited else ()
    return Pending(items, dict(charged))


def after(attached: Sequence[Attached], given: Sequence[tuple[UUID, int]]) -> list[Attached]:
    """What coupons can still give once these uses are theirs."""
    used = dict(given)
    left = [_less(each, used[each.id]) if each.id in used else each for each in attached]
    return [each for each in left if each.periods_left != 0 and each.amount_left != 0]


def _less(attached: Attached, amount: int) -> Attached:
    once = attached.duration == "once" and attached.amount_left is not None
    return replace(
        attached,
        periods_left=None if attached.periods_left is None else attached.periods_left - 1,
        amount_left=(attached.amount_left or 0) - amount if once else attached.amount_left,
    )
