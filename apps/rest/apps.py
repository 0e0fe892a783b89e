"""The app, as Django registers it."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "apps.rest"
