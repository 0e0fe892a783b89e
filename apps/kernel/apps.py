"""Kernel as a Django app: its migration (database functions), fast instants, discovery of due and pending work."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules

from apps.kernel.checks import keys_encrypt
from apps.kernel.instants import read_compiled


class KernelConfig(AppConfig):
    name = "apps.kernel"

    def ready(self) -> None:
        read_compiled()
        register(keys_encrypt)
        autodiscover_modules("due", "backlog")
