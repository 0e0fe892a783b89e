"""The app, as Django registers it."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "apps.usage"
    granted_functions = (
        "usage_make_partitions(date, integer)",
        "usage_turn_keys(timestamptz)",
        "usage_drop_partition(text)",
    )
    """Done with the owner's right; the application may call them (`manage.py grant`)."""
