"""manage.py prepare: the tables that the migrations would have made, dj-stripe's without its detours."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.databases import build, drop, owner_url, with_name

NAME = "billing_step_by_step"
FACTS = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
    " is_nullable, column_default, is_identity, identity_generation FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "rights": "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
    " WHERE table_schema = 'public'",
    "migrations": "SELECT app, name FROM django_migrations",
    "types": "SELECT app_label, model FROM django_content_type",
}


@pytest.fixture
def step_by_step() -> Iterator[str]:
    """A database that every migration was applied to, one after the other."""
    build(NAME, ["migrate"], ["prepare"])
    yield NAME
    drop(NAME)


def _facts(name: str) -> dict[str, list[str]]:
    with psycopg.connect(with_name(owner_url(), name), connect_timeout=5) as connection:
        return {kind: sorted(map(str, connection.execute(asked).fetchall())) for kind, asked in FACTS.items()}


@pytest.mark.long
def test_what_is_made_at_once_is_what_the_migrations_leave(committed_db: str, step_by_step: str) -> None:
    made, migrated = _facts(urlsplit(committed_db).path[1:]), _facts(step_by_step)
    for kind in FACTS:
        assert made[kind] == migrated[kind], kind
    assert sum(each.startswith("('djstripe',") for each in made["migrations"]) >= 3
