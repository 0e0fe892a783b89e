"""The app, as Django registers it."""

from django.apps import AppConfig

from apps.accounts.registry import contribute


class PaymentsConfig(AppConfig):
    name = "apps.payments"

    def ready(self) -> None:
        from apps.payments import stripe  # noqa: F401, PLC0415 - registers itself once the app registry is ready
        from apps.payments.queries import default_method_ids  # noqa: PLC0415 - models load after this module

        contribute("default_payment_method_id", default_method_ids, default=None)
