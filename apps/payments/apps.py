"""The app, as Django registers it."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "apps.payments"
