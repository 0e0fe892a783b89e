"""`manage.py reencrypt`: bring every encrypted column under the first of ENCRYPTION_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection

from apps.kernel.actors import system
from apps.kernel.encryption import EncryptedField, reencrypted
from apps.kernel.transactions import unit_of_work

BATCH = 500


class Command(BaseCommand):
    help = "Encrypt all encrypted columns anew with the first of ENCRYPTION_KEYS; repeatable, and safe while in use."

    def handle(self, *args: Any, **options: Any) -> None:
        columns = [
            (model._meta.db_table, str(model._meta.pk.column), str(field.column))
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if isinstance(field, EncryptedField)
        ]
        for table, key, column in columns:
            self.stdout.write(f"{table}.{column}: {_renew(table, key, column)} values")


def _renew(table: str, key: str, column: str) -> int:
    """In batches, each in a transaction of its own. Names come from the models, values go as parameters."""
    done, last = 0, None
    names = {name: connection.ops.quote_name(name) for name in (table, key, column)}
    below = f"SELECT {names[key]}, {names[column]} FROM {names[table]}"  # noqa: S608
    order = f"ORDER BY {names[key]} LIMIT {BATCH} FOR UPDATE"
    while True:
        with unit_of_work(system("kernel.reencrypt")), connection.cursor() as cursor:
            where = f"WHERE {names[column]} IS NOT NULL" + (f" AND {names[key]} > %s" if last is not None else "")
            cursor.execute(f"{below} {where} {order}", [last] if last is not None else [])
            rows = cursor.fetchall()
            if not rows:
                return done
            cursor.executemany(
                f"UPDATE {names[table]} SET {names[column]} = %s WHERE {names[key]} = %s",  # noqa: S608
                [(reencrypted(value), pk) for pk, value in rows],
            )
            done, last = done + len(rows), rows[-1][0]
