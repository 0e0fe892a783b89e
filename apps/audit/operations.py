"""Migration operation `Audited`: PostgreSQL logs every change of a table, also those made outside the ORM.

One statement trigger per verb hands the changed rows (transition tables) to `audit_record()`, so a bulk write costs
one INSERT .. SELECT. Put the operation after the table's creation, in a migration that depends on audit's first.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

_TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}


class Audited(RunSQL):
    """Log every INSERT, UPDATE, DELETE and TRUNCATE of `table` in audit_entry.

    `exclude`: columns whose values are secrets; a change of one is logged, its value as "[redacted]".
    `key`: the primary key's column, written as the entry's row_id.
    """

    reduces_to_sql = False

    def __init__(self, table: str, exclude: Sequence[str] = (), *, key: str = "id") -> None:
        self.table, self.exclude, self.key = table, tuple(exclude), key
        arguments = ", ".join(f"'{argument}'" for argument in (key, *self.exclude))
        forward = "\n".join(
            f"CREATE TRIGGER {table}_audit_{verb.lower()} AFTER {verb} ON {table} {transition}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION audit_record({arguments});"
            for verb, transition in _TRANSITIONS.items()
        )
        backward = "\n".join(f"DROP TRIGGER {table}_audit_{verb.lower()} ON {table};" for verb in _TRANSITIONS)
        super().__init__(forward, backward)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        return self.__class__.__name__, [self.table], {"exclude": self.exclude, "key": self.key}

    def describe(self) -> str:
        return f"Log every change of {self.table}"
