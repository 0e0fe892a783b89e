"""The app, as Django registers it."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "apps.plans"
