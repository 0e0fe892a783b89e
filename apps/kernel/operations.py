"""Migration operations: rules that PostgreSQL itself keeps, whoever asks.

`AppendOnly` refuses UPDATE, DELETE and TRUNCATE on a table but for the columns that are named.
"""

from collections.abc import Mapping, Sequence

from django.db.migrations.operations import RunSQL


class AppendOnly(RunSQL):
    """Make `table` append only. Columns in `mutable` may change.

    Uses the function `kernel_refuse_change` that kernel's first migration makes. `unless` is an SQL condition on
    OLD under which any change passes (a draft, say).
    """

    reduces_to_sql = False

    def __init__(self, table: str, *, mutable: Sequence[str] = (), unless: str = "false") -> None:
        self.table, self.mutable, self.unless = table, tuple(mutable), unless
        allowed = ", ".join(mutable)
        forward = f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW WHEN (NOT ({unless})) EXECUTE FUNCTION kernel_refuse_change('{allowed}');
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change('');
        """
        backward = f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
        super().__init__(forward, backward)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        return self.__class__.__name__, [self.table], {"mutable": self.mutable, "unless": self.unless}

    def describe(self) -> str:
        return f"Make {self.table} append only"


class Transitions(RunSQL):
    """Let `column` of `table` move only along `allowed` (state -> next states), whoever asks."""

    reduces_to_sql = False

    def __init__(self, table: str, column: str, allowed: Mapping[str, Sequence[str]]) -> None:
        self.table, self.column = table, column
        self.allowed = {str(state): [str(following) for following in steps] for state, steps in allowed.items()}
        pairs = (
            ", ".join(f"('{state}', '{step}')" for state, steps in self.allowed.items() for step in steps) or "('','')"
        )
        forward = f"""
        CREATE FUNCTION {table}_{column}_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.{column}, NEW.{column}) NOT IN ({pairs}) THEN
                RAISE EXCEPTION '{table}.{column} may not go from % to %', OLD.{column}, NEW.{column}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END
        $$;
        CREATE TRIGGER {table}_{column}_step BEFORE UPDATE OF {column} ON {table}
            FOR EACH ROW WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {table}_{column}_step();
        """
        super().__init__(
            forward, f"DROP TRIGGER {table}_{column}_step ON {table}; DROP FUNCTION {table}_{column}_step();"
        )

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        return self.__class__.__name__, [self.table, self.column, self.allowed], {}

    def describe(self) -> str:
        return f"Let {self.table}.{self.column} move only along its transitions"
