"""The app, as Django registers it."""

from django.apps import AppConfig
from django.core.checks import register

from apps.notifications.checks import lease_outlives_talk, mail_goes_somewhere


class NotificationsConfig(AppConfig):
    name = "apps.notifications"

    def ready(self) -> None:
        register(mail_goes_somewhere)
        register(lease_outlives_talk)
