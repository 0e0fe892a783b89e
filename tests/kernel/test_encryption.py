"""Columns that only the application can read."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from apps.kernel.checks import keys_encrypt
from apps.kernel.encryption import Unreadable, decrypt, encrypt, reencrypted
from apps.webhooks.models import EndpointSecret
from tests.webhooks.endpoints import made

ONE, TWO = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_encrypted_is_read_with_any_key_and_written_with_the_first(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [ONE]
    old = encrypt("secret")
    assert (encrypt("secret") == old, "secret" in old) == (False, False)
    settings.ENCRYPTION_KEYS = [TWO, ONE]
    assert decrypt(old) == "secret"
    new = reencrypted(old)
    settings.ENCRYPTION_KEYS = [TWO]
    assert decrypt(new) == "secret"
    for unreadable in (old, "x", ""):
        with pytest.raises(Unreadable):
            decrypt(unreadable)
        with pytest.raises(Unreadable):
            reencrypted(unreadable)


@pytest.mark.django_db
def test_all_columns_are_brought_under_a_new_key(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [ONE]
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    secrets = {made("http://127.0.0.1:1/")[1] for _ in range(3)}
    settings.ENCRYPTION_KEYS = [TWO, ONE]
    out = StringIO()
    call_command("reencrypt", stdout=out)
    assert "webhooks_endpointsecret.secret: 3 values" in out.getvalue()
    settings.ENCRYPTION_KEYS = [TWO]
    assert {row.secret for row in EndpointSecret.objects.all()} == secrets
    with connection.cursor() as cursor:
        cursor.execute("SELECT after::text FROM audit_entry WHERE table_name = 'webhooks_endpointsecret'")
        assert not any(secret in row[0] for row in cursor.fetchall() for secret in secrets if row[0])


def test_live_mode_needs_keys(settings: Any) -> None:
    assert keys_encrypt() == []
    settings.BILLING_LIVEMODE, settings.ENCRYPTION_KEYS = True, []
    assert [error.id for error in keys_encrypt()] == ["kernel.E001"]
    settings.ENCRYPTION_KEYS = ["short"]
    assert [error.id for error in keys_encrypt()] == ["kernel.E002"]
