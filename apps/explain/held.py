"""Which usage events an invoice holds: those of its metered lines, each by its watermark, and no other."""

from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import QuerySet

from apps.invoices.models import Line
from apps.invoices.rules import LineKind
from apps.plans import queries as plans
from apps.usage.models import UsageEvent
from apps.usage.queries.events import events, held_by
from apps.usage.queries.totals import Asked
from apps.usage.rules.meters import Meter
from apps.usage.rules.watermark import Watermark


def metered_lines(invoice_id: UUID) -> list[Line]:
    """Its lines of usage, in their order."""
    rows = Line.objects.filter(invoice_id=invoice_id, kind=LineKind.USAGE, period_end__isnull=False)
    return list(rows.order_by("position"))


def held(lines: list[Line]) -> QuerySet[UsageEvent]:
    """The events of these lines, each once, those that were voided since too; the charges are one query."""
    charges = plans.charges({UUID(line.source["plan_version_id"]) for line in lines})
    by_key = {(str(version), charge.key): charge for version, own in charges.items() for charge in own}
    found = []
    for line in lines:
        charge = by_key[line.source["plan_version_id"], line.source["charge"]]
        meter = Meter(charge.metric, charge.aggregation, charge.filter)
        asked = Asked(line.subscription_id, meter, line.source["since"], line.period_end)  # type: ignore[arg-type]
        found.append(held_by(Watermark.read(line.source["watermark"]), asked))
    return reduce(or_, found) if found else events().none()
