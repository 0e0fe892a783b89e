"""The app, as Django registers it."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "apps.invoices"
