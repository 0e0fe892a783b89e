"""manage.py create_staff."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.access.models import User
from apps.access.rules import Role

pytestmark = pytest.mark.django_db


def made(email: str, role: str) -> str:
    out = StringIO()
    call_command("create_staff", email, "--role", role, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("role", Role)
def test_a_random_password_that_signs_in_with_one_role(role: Role) -> None:
    password = made("Ada@Example.com", role.value)
    user = User.objects.get(username="ada@example.com")
    assert user.check_password(password)
    assert len(password) >= 16
    assert (user.roles, user.is_staff, user.is_superuser) == ({role}, True, False)


def test_what_is_refused(settings: Any) -> None:
    assert made("ada@example.com", "support_rep") != made("bob@example.com", "support_rep")
    with pytest.raises(CommandError, match="there already"):
        made("ADA@example.com", "support_rep")
    with pytest.raises(CommandError, match="no e-mail"):
        made("ada", "support_rep")
    with pytest.raises(CommandError, match="invalid choice"):
        made("eve@example.com", "intern")
    settings.BILLING_LIVEMODE = True
    with pytest.raises(CommandError, match="Live"):
        made("eve@example.com", "support_rep")
    assert User.objects.count() == 2
