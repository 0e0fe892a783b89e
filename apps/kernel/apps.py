"""Kernel as a Django app: for its migration (database functions) and to discover due work."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "apps.kernel"

    def ready(self) -> None:
        autodiscover_modules("due")
