"""Lines of metered usage: what periods have come to by now, less what was billed of them before."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.invoices.models import Line
from apps.invoices.rules import DraftLine, LineKind
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period
from apps.kernel.transactions import copy_rows
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.plans.rules.rating import Kind, Part, Usage
from apps.subscriptions import usage_queries as queries
from apps.subscriptions.actions.portions import Counted, Portion, RatedPeriod, asked_of, counted_by, periods_of
from apps.subscriptions.models import RECURRING, UsageBill
from apps.subscriptions.rules import metering
from apps.subscriptions.rules.metering import Billed, Run, Segment
from apps.subscriptions.usage_queries import NOTHING, Before, RunKey
from apps.tax.rules import AppliedRate
from apps.usage.queries.totals import Total, totals

_BILL = (
    "id", "created_at", "subscription_id", "charge", "since", "revision", "usage", "missing", "usage_line_id",
    "missing_line_id", "events", "watermark",
)  # fmt: skip


@dataclass
class Rated:
    """Lines for the next invoice, the rows that say what they bill, and invoices that charged what is now less."""

    lines: list[DraftLine] = field(default_factory=list)
    bills: list[tuple[object, ...]] = field(default_factory=list)
    reduces: set[UUID] = field(default_factory=set)


def rate(portions: Sequence[Portion], counted: Counted | None = None) -> dict[UUID, Rated]:
    """The lines of each subscription that has any: a fixed number of queries, however many.

    `counted` as `counted_by` finds it. Errors: amount_too_large.
    """
    periods = periods_of(portions, counted_by(portions) if counted is None else counted)
    if not periods:
        return {}
    versions = {segment.version_id for period in periods for segment in period.segments}
    terms, charges = plans.terms(versions), plans.charges(versions)
    counts = [
        (period, run)
        for period in periods
        for run in metering.runs(period.segments, charges, period.portion.account.currency)
    ]
    asked = [asked_of(period.portion, run) for period, run in counts]
    tally = totals(asked) if asked else None
    before = queries.billed_before(
        [each.portion.subscription.pk for each in periods], min(each.segments[0].begins for each in periods)
    )
    writer = _Writer(terms, before, str(tally.watermark) if tally else "")
    sums: dict[tuple[UUID, Period], int] = {}
    for (period, run), found in zip(counts, tally.totals if tally else (), strict=True):
        key = (period.portion.subscription.pk, period.full)
        sums[key] = sums.get(key, 0) + writer.run(period, run, found)
    committed = [each for each in periods if each.portion.settles and not each.is_trial and _commitments(each, terms)]
    if committed:
        recurring = queries.recurring_billed({(each.portion.subscription.pk, each.full): 0 for each in committed})
        for period in committed:
            key = (period.portion.subscription.pk, period.full)
            writer.commitment(period, sums.get(key, 0) + recurring[key] + period.portion.also)
    if before:
        runs = {(period.portion.subscription.pk, *run.key) for period, run in counts}
        standing = {(each.portion.subscription.pk, RECURRING, each.segments[0].begins) for each in committed}
        writer.dropped(periods, runs | standing)
    return writer.rated


def write_bills(rated: Iterable[Rated]) -> None:
    """Record what was billed, in the transaction that issues the lines."""
    copy_rows(UsageBill._meta.db_table, _BILL, [row for each in rated for row in each.bills])


class _Writer:
    """Makes the lines and rows of what is due."""

    def __init__(self, terms: Mapping[UUID, Terms], before: Mapping[RunKey, Before], watermark: str) -> None:
        self.terms, self.before, self.watermark = terms, before, watermark
        self.rated: dict[UUID, Rated] = {}

    def run(self, period: RatedPeriod, run: Run, counted: Sequence[Total]) -> int:
        """What is due of one run; what it has come to in all."""
        currency, (key, since) = period.portion.account.currency, run.key
        past = self.before.get((period.portion.subscription.pk, key, since), NOTHING)
        usages = [Usage(each.quantity, each.events, each.values, tuple(each.group.values())) for each in counted]
        due = metering.due(
            run, usages, currency, None if period.is_trial else period.full, Billed(past.usage, past.missing)
        )
        if not (due.usage or due.minimum):
            return due.total
        segments, charge = [each for each, _ in run.parts], run.charge
        events = sum(each.events for each in counted)
        name = self.terms[segments[-1].version_id].name
        source = {
            "charge": charge.key, "run": key, "model": charge.model.value, "events": events,
            "watermark": self.watermark,
        }  # fmt: skip
        usage_id, missing_id = uuid7() if due.usage else None, uuid7() if due.minimum else None
        into = self._into(period)
        if usage_id:
            if (most := run.maximum(currency, period.full)) is not None:
                source["maximum"] = most
            if charge.prices[currency].by_event:
                source["by_event"] = True
            line = self._line(period, segments, usage_id, LineKind.USAGE, f"{name}: {charge.metric}", due.usage, source)
            quantity = sum((each.quantity for each in counted), Decimal(0))
            breakdown = [told(each) for each in due.parts]
            into.lines.append(_less(replace(line, quantity=quantity, breakdown=breakdown), past, into))
        if missing_id:
            source |= {
                "minimum": run.minimum(currency, period.full), "billed": past.usage + due.usage,
                "billed_before": past.missing,
            }  # fmt: skip
            text = f"{name}: minimum for {charge.metric}"
            into.lines.append(self._line(period, segments, missing_id, LineKind.MINIMUM, text, due.minimum, source))
        self._bill(period, (key, since), past, (due.usage, usage_id), (due.minimum, missing_id), events)
        return due.total

    def commitment(self, period: RatedPeriod, billed: int) -> None:
        """What is missing to the plan's commitment."""
        first, last = period.segments[0], period.segments[-1]
        past = self.before.get((period.portion.subscription.pk, RECURRING, first.begins), NOTHING)
        commitments = _commitments(period, self.terms)
        missing = metering.missing_to_commitment(commitments, period.full, billed=billed, before=past.missing)
        if not missing:
            return
        line_id = uuid7()
        text = f"{self.terms[last.version_id].name}: minimum commitment"
        whole = metering.missing_to_commitment(commitments, period.full, billed=0, before=0)
        source = {
            "charge": RECURRING,
            "run": RECURRING,
            "minimum": whole,
            "billed": billed,
            "billed_before": past.missing,
        }
        self._into(period).lines.append(
            self._line(period, period.segments, line_id, LineKind.MINIMUM, text, missing, source)
        )
        self._bill(period, (RECURRING, first.begins), past, (0, None), (missing, line_id), 0)

    def dropped(self, periods: Sequence[RatedPeriod], known: Set[RunKey]) -> None:
        """What was billed of runs that are none any more, other terms being said for their time, comes to nothing."""
        gone: dict[UUID, list[tuple[str, datetime, Before]]] = {}
        for (subscription_id, key, since), past in self.before.items():
            if (past.usage or past.missing) and (subscription_id, key, since) not in known:
                gone.setdefault(subscription_id, []).append((key, since, past))
        for period in periods if gone else ():
            for key, since, past in gone.get(period.portion.subscription.pk, ()):
                within = period.segments[0].begins <= since < period.segments[-1].ends
                if within and (key != RECURRING or (period.portion.settles and not period.is_trial)):
                    self._drop(period, key, since, past)

    def _drop(self, period: RatedPeriod, key: str, since: datetime, past: Before) -> None:
        usage_id, missing_id = uuid7() if past.usage else None, uuid7() if past.missing else None
        into, name = self._into(period), self.terms[period.segments[-1].version_id].name
        source: dict[str, Any] = {"charge": key, "run": key, "since": since.isoformat(), "dropped": True}
        if usage_id:
            part = Part(Kind.BILLED_BEFORE, Decimal(0), None, Decimal(1), None, -past.usage)
            held = {**source, "events": 0, "watermark": self.watermark}
            line = self._line(period, period.segments, usage_id, LineKind.USAGE, f"{name}: {key}", -past.usage, held)
            into.lines.append(_less(replace(line, quantity=Decimal(0), breakdown=[told(part)]), past, into))
        if missing_id:
            source |= {"minimum": 0, "billed": 0, "billed_before": past.missing}
            text = f"{name}: minimum for {key}"
            into.lines.append(
                self._line(period, period.segments, missing_id, LineKind.MINIMUM, text, -past.missing, source)
            )
        self._bill(period, (key, since), past, (-past.usage, usage_id), (-past.missing, missing_id), 0)

    def _into(self, period: RatedPeriod) -> Rated:
        return self.rated.setdefault(period.portion.subscription.pk, Rated())

    def _line(
        self,
        period: RatedPeriod,
        segments: Sequence[Segment],
        line_id: UUID,
        kind: LineKind,
        description: str,
        amount: int,
        source: Mapping[str, Any],
    ) -> DraftLine:
        days = [each.days for each in segments if each.days]
        terms = self.terms[segments[-1].version_id]
        return DraftLine(
            id=line_id,
            kind=kind,
            description=description,
            amount=amount,
            subscription_id=period.portion.subscription.pk,
            plan_version=terms.version,
            period=Period(days[0].start, days[-1].end) if days else None,
            instants=(segments[0].begins, segments[-1].ends),
            tax_category=terms.tax_code,
            tax_behavior=terms.tax_behavior,
            source={
                "plan_version_id": str(terms.plan_version_id),
                "name": terms.name,
                "full_period": [period.full.start.isoformat(), period.full.end.isoformat()],
                "gross": amount,
                "tax_code": terms.tax_code,
                "since": segments[0].begins.isoformat(),
                **source,
            },
        )

    def _bill(
        self,
        period: RatedPeriod,
        run: tuple[str, datetime],
        past: Before,
        usage: tuple[int, UUID | None],
        missing: tuple[int, UUID | None],
        events: int,
    ) -> None:
        self._into(period).bills.append((
            uuid7(), clock.wall(), period.portion.subscription.pk, *run, past.revision + 1, usage[0], missing[0],
            usage[1], missing[1], events, self.watermark,
        ))  # fmt: skip


def _less(line: DraftLine, past: Before, into: Rated) -> DraftLine:
    """Usage that has come to less is credited as it was charged: its tax, and its discount in proportion."""
    if line.amount >= 0:
        return line
    charged = list(Line.objects.filter(pk__in=past.line_ids).order_by("-pk"))
    if not charged:
        return line
    into.reduces |= {each.invoice_id for each in charged}
    newest = charged[0]
    gross = sum(int(each.source["gross"]) for each in charged)
    off = sum(int(part["amount"]) for each in charged for part in each.source.get("discounts", ()))
    return replace(
        line,
        discount_amount=-metering.discount_back(-line.amount, off=off, charged=gross),
        carried=AppliedRate(
            newest.tax_jurisdiction, newest.tax_name, newest.tax_rate, newest.tax_category, newest.tax_reason
        ),
    )


def _commitments(period: RatedPeriod, terms: Mapping[UUID, Terms]) -> list[tuple[int, Segment]]:
    currency = period.portion.account.currency
    found = [(terms[each.version_id].commitment.get(currency, 0), each) for each in period.segments]
    return found if any(amount for amount, _ in found) else []


def told(part: Part) -> dict[str, Any]:
    """A part of the breakdown as a line keeps it; decimals as text."""
    return {
        "kind": part.kind.value,
        **({"group": list(part.group)} if part.group else {}),
        "above": f"{part.above:f}",
        "up_to": None if part.up_to is None else f"{part.up_to:f}",
        "quantity": f"{part.quantity:f}",
        "unit_price": None if part.price is None else f"{part.price:f}",
        "amount": part.amount,
    }
