"""The app, as Django registers it."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
