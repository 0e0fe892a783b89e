"""Amounts, numbers, days and places as a locale writes them. Digits are those of ISO 4217."""

import copy
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern

from apps.kernel.currencies import currency

PLACES = 12
"""How many digits a unit price may have below its currency's minor unit."""


@lru_cache(maxsize=256)
def locale_of(name: str) -> Locale:
    """The locale of that name, else of its language, else English."""
    for candidate in (name, name.replace("_", "-").split("-")[0]):
        try:
            return Locale.parse(candidate.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")


class Figures:
    """How one invoice's figures are written."""

    def __init__(self, locale: str, code: str) -> None:
        self.locale = locale_of(locale)
        self.code = code
        self.digits = currency(code).exponent
        self._money = self._pattern(self.locale.currency_formats["standard"], self.digits, self.digits)

    def money(self, amount: int) -> str:
        """An amount of minor units with its currency."""
        major = self._major(Decimal(amount))
        written = str(self._money.apply(major, self.locale, currency=self.code, currency_digits=False))
        # A currency without a sign of its own stands off its figure.
        return re.sub(r"(?<=[A-Z])(?=\d)", "\u00a0", written)

    def amount(self, amount: int) -> str:
        """The same without the currency, for columns."""
        return self._plain(self._major(Decimal(amount)), self.digits, self.digits)

    def unit_price(self, amount: Decimal) -> str:
        """A price of one, exact, with at least the currency's digits."""
        return self._plain(self._major(amount), self.digits, self.digits + PLACES)

    def number(self, value: Decimal) -> str:
        """A quantity."""
        return self._plain(value, 0, PLACES)

    def percent(self, rate: Decimal) -> str:
        """A rate in percent."""
        pattern = self._pattern(self.locale.percent_formats[None], 0, 4)
        return str(pattern.apply(rate / 100, self.locale))

    def day(self, day: date) -> str:
        """A day in words."""
        return format_date(day, "long", locale=self.locale)

    def days(self, start: date, end: date) -> str:
        """The days from `start` up to, not including, `end`."""
        last = end - timedelta(days=1)
        if last <= start:
            return format_date(start, "medium", locale=self.locale)
        return format_interval(start, last, "yMMMd", locale=self.locale)

    def place(self, code: str) -> str:
        """A country, or a country and its region: DE, US-CA."""
        country, _, region = code.partition("-")
        name = self.locale.territories.get(country, country)
        return f"{name} ({region})" if region else str(name)

    def _major(self, amount: Decimal) -> Decimal:
        return amount.scaleb(-self.digits)

    def _plain(self, value: Decimal, least: int, most: int) -> str:
        return str(self._pattern(self.locale.decimal_formats[None], least, most).apply(value, self.locale))

    @staticmethod
    def _pattern(pattern: NumberPattern, least: int, most: int) -> NumberPattern:
        exact = copy.copy(pattern)
        exact.frac_prec = (least, most)
        return exact


@lru_cache(maxsize=1024)
def figures_of(locale: str, code: str) -> Figures:
    """The same, made once: for many messages in few locales."""
    return Figures(locale, code)
