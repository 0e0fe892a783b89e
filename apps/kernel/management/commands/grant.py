"""`manage.py grant`: give the application's role its rights, as the owner. After every migrate; may be repeated.

Rows of every table in schema public may be read and written; tables that an app declares in its config's
`read_only_tables`, and their partitions, may only be read, the partitions through their parent alone.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

ALL = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""


class Command(BaseCommand):
    help = "Grant the role of DATABASE_URL what the application may do. Runs as DATABASE_OWNER_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default=settings.DATABASE_ROLE, help="the application's role (of DATABASE_URL)")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if not role:
            raise CommandError("DATABASE_URL names no role: write it as postgres://role:password@host/database")
        functions = [name for config in apps.get_app_configs() for name in getattr(config, "granted_functions", ())]
        read_only = [name for config in apps.get_app_configs() for name in getattr(config, "read_only_tables", ())]
        grantee = sql.Identifier(role)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            if cursor.fetchone() == (role,):
                self.stderr.write(f"{role} owns the tables itself: set DATABASE_OWNER_URL to keep two roles apart")
                return
            cursor.execute(sql.SQL(ALL).format(role=grantee))
            for function in functions:
                cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), grantee))
            for table in read_only:
                cursor.execute(
                    "SELECT relid::regclass::text FROM pg_partition_tree(%s::regclass) WHERE level > 0", [table]
                )
                for name in [table, *(row[0] for row in cursor.fetchall())]:
                    cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.SQL(name), grantee))
                cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), grantee))
        self.stderr.write(f"granted {role}; read only: {', '.join(read_only) or 'nothing'}")
