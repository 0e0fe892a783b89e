"""Filters of lists that know what day it is for the customers looked at."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.accounts.queries import currencies
from apps.clocks.models import TestClock
from apps.invoices.rules import Status
from apps.kernel import clock

CLOCK = "clock"


def clock_of(request: HttpRequest) -> TestClock | None:
    """The test clock that the list is narrowed to; asked once a request."""
    if not hasattr(request, "_bo_clock"):
        chosen = request.GET.get(CLOCK, "")
        request._bo_clock = TestClock.objects.filter(pk=chosen).first() if _is_id(chosen) else None  # type: ignore[attr-defined]
    return request._bo_clock  # type: ignore[attr-defined]


def now(request: HttpRequest) -> datetime:
    """What time it is there."""
    chosen = clock_of(request)
    return chosen.frozen_time if chosen else clock.wall()


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class ClockFilter(admin.SimpleListFilter):
    """Accounts on the wall's time, or on one test clock."""

    title = "clock"
    parameter_name = CLOCK

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        clocks = TestClock.objects.order_by("-pk").values_list("pk", "name")[:20]
        return [("wall", "the wall's"), *((str(pk), name) for pk, name in clocks)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "wall":
            return queryset.filter(account__test_clock__isnull=True)
        chosen = clock_of(request)
        return queryset.filter(account__test_clock=chosen) if chosen else queryset


class CurrencyFilter(admin.SimpleListFilter):
    """One of the accounts' currencies: Django's own filter looks through the whole list for those it has."""

    title = "currency"
    parameter_name = "currency__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in currencies()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(currency=self.value()) if self.value() else queryset


class SpanFilter(admin.SimpleListFilter):
    """A span of time until now."""

    field: ClassVar[str]
    is_date: ClassVar[bool] = False

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "the last day"), ("7", "the last 7 days"), ("30", "the last 30 days"), ("90", "the last 90 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("1", "7", "30", "90"):
            return queryset
        until = now(request)
        since = until - timedelta(days=int(str(self.value())))
        span: tuple[Any, Any] = (since.date(), until.date()) if self.is_date else (since, until)
        return queryset.filter(**{f"{self.field}__gt": span[0], f"{self.field}__lte": span[1]})


class SettledFilter(SpanFilter):
    title = "settled within"
    parameter_name = "settled"
    field = "settled_at"


class BegunFilter(SpanFilter):
    title = "begun within"
    parameter_name = "begun"
    field = "start_date"
    is_date = True


class DueFilter(admin.SimpleListFilter):
    """Open invoices by the day they are due."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", "overdue"), ("late30", "overdue for 30 days"), ("7", "due within 7 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("late", "late30", "7"):
            return queryset
        today = now(request).date()
        spans = {
            "late": Q(due_date__lt=today),
            "late30": Q(due_date__lt=today - timedelta(days=30)),
            "7": Q(due_date__gte=today, due_date__lte=today + timedelta(days=7)),
        }
        return queryset.filter(spans[str(self.value())], status=Status.OPEN)
