"""Making and revoking keys."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from apps.access import keys
from apps.access.actions import note_use, revoke_api_key
from apps.access.models import ApiKey, KeyUse
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import Invalid, NotFound

Make = Callable[..., tuple[ApiKey, str]]


@pytest.mark.django_db
@pytest.mark.fr("FR-140")
def test_only_the_digest_of_a_key_is_stored(make_key: Make) -> None:
    key, plain = make_key(allowed_cidrs=["192.0.2.0/24"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(access_apikey)::text FROM access_apikey WHERE id = %s", [key.pk])
        row = cursor.fetchone()[0]
    assert keys.digest(plain) in row
    assert plain not in row
    assert plain[len(key.prefix) :] not in row


@pytest.mark.django_db
def test_the_audit_log_knows_who_made_it_but_not_the_digest(make_key: Make) -> None:
    key, plain = make_key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor, after::text FROM audit_entry WHERE table_name = 'access_apikey'")
        [(actor, after)] = cursor.fetchall()
    assert actor == "system:test"
    assert key.prefix in after
    assert keys.digest(plain) not in after


@pytest.mark.django_db
def test_all_that_is_wrong_is_said_at_once(make_key: Make) -> None:
    with pytest.raises(Invalid) as refusal:
        make_key(
            name="", role="intern", rate_limit=-1, expires_at=clock.wall(), allowed_cidrs=["192.0.2.0/24", "10.0.0.1/8"]
        )
    assert {problem.pointer for problem in refusal.value.errors} == {
        "/name", "/role", "/rate_limit", "/expires_at", "/allowed_cidrs/1",
    }  # fmt: skip
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_revoking_twice_keeps_the_first_time(make_key: Make) -> None:
    key, _ = make_key()
    first = revoke_api_key(key.pk, at=clock.wall(), actor=system("test"))
    second = revoke_api_key(key.pk, at=clock.wall() + timedelta(hours=1), actor=system("test"))
    assert first.revoked_at is not None
    assert (second.revoked_at, second.version) == (first.revoked_at, 2)


@pytest.mark.django_db
def test_revoking_an_unknown_key_is_refused() -> None:
    with pytest.raises(NotFound):
        revoke_api_key(uuid4(), at=clock.wall(), actor=system("test"))


def test_noting_a_use_waits_for_nobody(committed_db: str, make_key: Make) -> None:
    key, _ = make_key()
    with psycopg.connect(committed_db) as other:
        other.execute("SELECT 1 FROM access_keyuse WHERE key_id = %s FOR UPDATE", [key.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        note_use(key, at=clock.wall())  # would raise if it waited
        assert KeyUse.objects.get(key=key).at is None
    note_use(key, at=clock.wall())
    assert KeyUse.objects.get(key=key).at is not None
