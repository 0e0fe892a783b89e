"""The app, as Django registers it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "apps.audit"
    read_only_tables = ("audit_entry",)
    """The application may SELECT these and nothing else (`manage.py grant`)."""
    granted_functions = ("audit_make_partitions(date, integer)", "audit_access(text, text, text, jsonb)")
    """Done with the owner's right; the application may call them (`manage.py grant`)."""
