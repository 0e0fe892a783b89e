"""The app, as Django registers it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "apps.ledger"
