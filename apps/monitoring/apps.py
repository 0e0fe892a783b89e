"""The app, as Django registers it."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class MonitoringConfig(AppConfig):
    name = "apps.monitoring"

    def ready(self) -> None:
        """Whoever publishes a task needs the application that knows our broker; named only, as it lies above."""
        import_string(getattr(settings, "CELERY_APP", "billing_project.celery.app"))
        # Read only once the models of all apps are there.
        import_module("apps.monitoring.readings")
