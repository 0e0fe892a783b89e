"""Cells of staff pages: amounts, states, moments, days, ids and structures, each shown the same way everywhere."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.kernel.money import Money

NOTHING = format_html('<span class="bo-quiet">{}</span>', "-")

GOOD, UNDER_WAY, BAD, WARNING, QUIET = "good", "under-way", "bad", "warning", "quiet"
TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("paid", "succeeded", "active", "finished", "sent", "done", "ready", "current", "applied", "valid"), GOOD
    ),
    **dict.fromkeys(
        ("open", "pending", "trial", "running", "advancing", "forecasting", "waiting", "leased"), UNDER_WAY
    ),
    **dict.fromkeys(("failed", "refused", "blocked", "dead", "overdue", "invalid"), BAD),
    **dict.fromkeys(("paused", "warning", "held"), WARNING),
}
"""How good a state is, by its name; any other is quiet."""


def amount(value: int, currency: str) -> SafeString:
    """An amount in minor units as people read it, in figures of one width."""
    money = Money(int(value), currency)
    return format_html('<span class="bo-amount">{}</span>', f"{money.major():,f} {money.currency}")


def label(text: object, tone: str = "") -> SafeString:
    """A state as a coloured label."""
    words = str(text).replace("_", " ").lower()
    return format_html('<span class="bo-label bo-{}">{}</span>', tone or TONES.get(words, QUIET), words)


def when(moment: datetime | None) -> SafeString:
    """An instant; the browser shows it in its own zone and format (backoffice.js), UTC without it and on hover."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(UTC)
    shown = f"{utc.day} {utc:%b %Y, %H:%M}"
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', utc.isoformat(), shown, shown)


def on(day: date | None) -> SafeString:
    """A customer's local day: the same day wherever it is read."""
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), f"{day.day} {day:%b %Y}") if day else NOTHING


def days(period: Any) -> SafeString:
    """The first and the last day of a range."""
    if period is None or period.lower is None:
        return NOTHING
    if period.upper is None:
        return format_html("from {}", on(period.lower))
    return format_html("{} to {}", on(period.lower), on(period.upper - timedelta(days=1)))


def short(identifier: object) -> SafeString:
    """The end of an id, which tells rows apart; the whole on hover."""
    if not identifier:
        return NOTHING
    whole = str(identifier)
    return format_html('<code class="bo-id" title="{}">…{}</code>', whole, whole[-8:])


def structure(value: object) -> SafeString:
    """A JSON value as a small table, never as JSON."""
    if isinstance(value, Mapping):
        kept = [(str(key).replace("_", " "), structure(each)) for key, each in value.items() if each not in ("", None)]
        rows = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", kept)
        return format_html('<table class="bo-structure"><tbody>{}</tbody></table>', rows) if kept else NOTHING
    if isinstance(value, (list, tuple)):
        return format_html_join(", ", "{}", ((structure(each),) for each in value)) if value else NOTHING
    if isinstance(value, bool):
        return format_html("{}", "yes" if value else "no")
    return NOTHING if value in ("", None) else format_html("{}", value)


def page_of(row: models.Model) -> str:
    """The address of a row's page, or nothing if it has none."""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def link(row: models.Model | None, text: object = "") -> SafeString:
    """A row by its name, leading to its page."""
    if row is None:
        return NOTHING
    address, name = page_of(row), str(text or row)
    if not text and _is_id(name):
        name = short(name)
    return format_html('<a class="bo-link" href="{}">{}</a>', address, name) if address else format_html("{}", name)


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def column(name: str, show: Callable[[Any], object], title: str = "") -> Any:
    """A column of a list or a field of a page, as Django's admin takes it."""

    def shown(row: Any) -> object:
        return show(row)

    shown.short_description = title or name.replace("_", " ").removesuffix(" id")  # type: ignore[attr-defined]
    shown.__name__ = f"{name}_shown"
    return shown


def money(field: str, *, beside: str = "", title: str = "") -> Any:
    """A column that shows an amount. `beside` names the relation that holds the currency, if any."""
    return column(
        field, lambda row: amount(getattr(row, field), (getattr(row, beside) if beside else row).currency), title
    )


def decimal(field: str, title: str = "") -> Any:
    """A column that shows a decimal without the zeros at its end."""

    def plain(row: Any) -> object:
        value = getattr(row, field)
        return NOTHING if value is None else format_html('<span class="bo-amount">{}</span>', f"{value.normalize():f}")

    return column(field, plain, title)


@cache
def fitting(model: type[models.Model], name: Any) -> Any:
    """The column that suits a field of `model`; whatever is no such field stays as it is.

    The same each time: Django compares the columns of a form with those that are only read.
    """
    if not isinstance(name, str):
        return name
    field = next((each for each in model._meta.concrete_fields if each.name == name), None)
    show = _show(field) if field is not None else None
    if field is None or show is None:
        return name
    attribute = field.name
    return column(name, lambda row: show(getattr(row, attribute)), str(field.verbose_name))


def _show(field: "models.Field[Any, Any]") -> Callable[[Any], object] | None:
    """How values of this field are shown, if not as Django does."""
    if isinstance(field, models.ForeignKey):
        return link
    if field.choices and any(word in field.name for word in ("status", "outcome")):
        return lambda value: label(value) if value else NOTHING
    for kind, show in _BY_KIND:
        if isinstance(field, kind):
            return show
    return None


_BY_KIND: "tuple[tuple[type[models.Field[Any, Any]], Callable[[Any], object]], ...]" = (
    (models.DateTimeField, when),
    (models.DateField, on),
    (models.UUIDField, short),
    (models.JSONField, structure),
    (DateRangeField, days),
)
