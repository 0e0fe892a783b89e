"""The app, as Django registers it."""

from django.apps import AppConfig


class TaxConfig(AppConfig):
    name = "apps.tax"
