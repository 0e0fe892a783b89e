"""The app, as Django registers it; it discovers what upper apps contribute to an account."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        autodiscover_modules("account_fields", "account_export")
