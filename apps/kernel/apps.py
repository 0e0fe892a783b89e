"""Kernel as a Django app: its migration (database functions), fast instants, discovery of due and pending work."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from apps.kernel.instants import read_compiled


class KernelConfig(AppConfig):
    name = "apps.kernel"

    def ready(self) -> None:
        read_compiled()
        autodiscover_modules("due", "backlog")
