"""manage.py prepare: everything a database needs before the platform runs on it; repeating it changes nothing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

LIBRARY = "djstripe"


class Command(BaseCommand):
    help = "Bring tables, grants and the gateway's webhook endpoint up to date (connects as the owner)."

    def handle(self, *args: Any, **options: Any) -> None:
        _create_library(options["verbosity"])
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("grant")
        call_command("connect_stripe")


def _create_library(verbosity: int) -> None:
    """Make dj-stripe's tables where there are none, as its migrations leave them, in one transaction.

    They make them and then take hundreds of columns away again, one by one, which takes Django two minutes. Where one
    of them was applied, they go on from there; a long test compares what comes out.
    """
    recorder = MigrationRecorder(connection)
    if any(app == LIBRARY for app, _ in recorder.applied_migrations()):
        return
    loader = MigrationLoader(connection)
    own = sorted(key for key in loader.graph.nodes if key[0] == LIBRARY)
    parents = {parent.key for key in own for parent in loader.graph.node_map[key].parents}
    for app, name in sorted(parents - set(own)):
        call_command("migrate", app, name, interactive=False, verbosity=verbosity)
    models = loader.project_state(own).apps.get_models()
    with connection.schema_editor() as editor:
        for model in models:
            if model._meta.app_label == LIBRARY:
                editor.create_model(model)
        for key in own:
            recorder.record_applied(*key)
