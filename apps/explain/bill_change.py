"""Why a customer's bill is another one than the one before, in their language."""

from collections.abc import Mapping
from decimal import Decimal

from apps.explain import queries
from apps.explain.rules import derive
from apps.explain.rules.change import Cause, Change, changes
from apps.invoices.document_figures import Figures
from apps.invoices.models import Invoice
from apps.invoices.registry import Changes
from apps.invoices.rules import Status

LANGUAGES = ("en", "de", "fr")

_WORDS: Mapping[str, tuple[str, str, str]] = {
    "title": (
        "Why did my bill change?",
        "Warum hat sich meine Rechnung geändert?",
        "Pourquoi ma facture a-t-elle changé ?",
    ),
    "total": (
        "Compared with {number} over {amount}",
        "Verglichen mit {number} über {amount}",
        "Par rapport à {number} de {amount}",
    ),
    "new": ("New: {name}", "Neu: {name}", "Nouveau : {name}"),
    "ended": ("Not billed any more: {name}", "Nicht mehr berechnet: {name}", "N\u2019est plus facturé : {name}"),
    "plan": (
        "Plan: {after} instead of {before}",
        "Tarif: {after} statt {before}",
        "Offre : {after} au lieu de {before}",
    ),
    "price": (
        "Price of {name}: {after} instead of {before}",
        "Preis von {name}: {after} statt {before}",
        "Prix de {name} : {after} au lieu de {before}",
    ),
    "quantity": (
        "Quantity of {name}: {after} instead of {before}",
        "Menge von {name}: {after} statt {before}",
        "Quantité de {name} : {after} au lieu de {before}",
    ),
    "days": (
        "Days of {name}: {after} instead of {before}",
        "Tage von {name}: {after} statt {before}",
        "Jours de {name} : {after} au lieu de {before}",
    ),
    "other_days": ("Other days of {name}", "Andere Tage von {name}", "Autres jours de {name}"),
    "usage": (
        "Usage, {name}: {after} instead of {before}",
        "Verbrauch, {name}: {after} statt {before}",
        "Consommation, {name} : {after} au lieu de {before}",
    ),
    "once": ("Once, on this bill: {name}", "Einmalig auf dieser Rechnung: {name}", "Une seule fois : {name}"),
    "once_before": (
        "Was billed once, on the bill before",
        "War einmalig auf der vorigen Rechnung",
        "Facturé une seule fois, sur la facture précédente",
    ),
    "discount": ("Discounts", "Rabatte", "Remises"),
    "tax": ("Tax", "Steuer", "Taxes"),
}


def why_changed(invoice: Invoice, figures: Figures) -> Changes | None:
    """Cause by cause, from what `explain` derives; None without a bill before, without a change, or in doubt.

    Ten queries. Usage events are not counted again: what was billed of them is what is compared.
    """
    if invoice.status not in (Status.OPEN, Status.PAID):
        return None
    before = queries.previous(invoice)
    if before is None:
        return None
    was, now = map(derive, queries.inputs([before, invoice], counting=False))
    if (was.total, now.total) != (before.total, invoice.total):
        return None  # what cannot be derived is not explained to a customer
    language = figures.locale.language
    rows = [(_said(each, figures, language), _signed(each.amount, figures)) for each in changes(was, now)]
    if not rows:
        return None
    compared = _word("total", language).format(number=before.number, amount=figures.money(before.total))
    return Changes(_word("title", language), [*rows, (compared, _signed(now.total - was.total, figures))])


def _said(change: Change, figures: Figures, language: str) -> str:
    name = "other_days" if change.cause is Cause.DAYS and change.before is None else change.cause.value
    shown = {side: _value(change.cause, getattr(change, side), figures) for side in ("before", "after")}
    return _word(name, language).format(name=change.name, **shown)


def _value(cause: Cause, value: str | Decimal | None, figures: Figures) -> str:
    if not isinstance(value, Decimal):
        return value or ""
    return figures.unit_price(value) if cause is Cause.PRICE else figures.number(value)


def _signed(amount: int, figures: Figures) -> str:
    return f"+{figures.money(amount)}" if amount > 0 else figures.money(amount)


def _word(name: str, language: str) -> str:
    return _WORDS[name][LANGUAGES.index(language) if language in LANGUAGES else 0]
