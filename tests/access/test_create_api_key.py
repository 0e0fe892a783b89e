"""The command that makes a key."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.access.models import ApiKey

pytestmark = pytest.mark.django_db


def test_it_prints_the_key_alone(api: Any) -> None:
    out = StringIO()
    call_command("create_api_key", role="super_admin", name="check", rate_limit=0, stdout=out)
    plain = out.getvalue().removesuffix("\n")
    assert api("get", "/notes", plain).status_code == 200
    assert ApiKey.objects.get().rate_limit == 0


def test_what_is_wrong_is_said(api: Any) -> None:
    with pytest.raises(CommandError, match="allowed_cidrs/0"):
        call_command("create_api_key", role="super_admin", name="check", allow_cidr=["nonsense"])


def test_an_unknown_role_is_answered_with_those_there_are() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("create_api_key", "--role", "god", "--name", "check")
    assert "super_admin" in str(refused.value)
    assert "Role." not in str(refused.value)
