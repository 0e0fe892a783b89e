"""The app, as Django registers it: offers the rate table as a provider."""

from importlib import import_module

from django.apps import AppConfig


class TaxConfig(AppConfig):
    name = "apps.tax"

    def ready(self) -> None:
        provider, rate_table = import_module("apps.tax.provider"), import_module("apps.tax.rate_table")
        provider.register(rate_table.RateTable())
