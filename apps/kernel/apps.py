"""Kernel as a Django app: for its migration (database functions), to read instants fast, and to discover due work."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from apps.kernel.instants import read_compiled


class KernelConfig(AppConfig):
    name = "apps.kernel"

    def ready(self) -> None:
        read_compiled()
        autodiscover_modules("due")
