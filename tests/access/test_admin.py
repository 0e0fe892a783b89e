"""Admin pages of staff and keys."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from apps.access.models import ApiKey, User

pytestmark = pytest.mark.django_db

Make = Callable[..., tuple[ApiKey, str]]


def staff(role: str | None, **fields: Any) -> Client:
    user = User.objects.create_user("worker", password="correct horse battery", is_staff=True, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize(
    ("role", "status"),
    [("super_admin", 200), ("billing_admin", 403), ("support_rep", 403), ("finance_viewer", 403), (None, 403)],
)
def test_only_super_admins_see_users_and_keys(role: str | None, status: int) -> None:
    client = staff(role)
    assert client.get("/admin/access/user/").status_code == status
    assert client.get("/admin/access/apikey/").status_code == status


def test_a_super_admin_makes_a_colleague_under_their_own_name() -> None:
    client = staff("super_admin")
    group = Group.objects.get(name="support_rep")
    answer = client.post(
        "/admin/access/user/add/",
        {"username": "newcomer", "email": "n@example.com", "usable_password": "true", "is_staff": "on",
         "password1": "correct horse battery", "password2": "correct horse battery", "groups": [group.pk]},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    made = User.objects.get(username="newcomer")
    assert made.roles == {"support_rep"}
    assert made.may("accounts", "write")
    assert not made.may("plans", "write")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, after->>'password' FROM audit_entry WHERE table_name = 'access_user' AND row_id = %s"
            " ORDER BY id LIMIT 1",
            [str(made.pk)],
        )
        assert cursor.fetchone() == (str(User.objects.get(username="worker").actor), "[redacted]")


def test_the_edit_page_offers_roles_and_no_permissions() -> None:
    client = staff("super_admin")
    page = client.get(f"/admin/access/user/{User.objects.get().pk}/change/").content.decode()
    assert "support_rep" in page
    assert "user_permissions" not in page


def test_a_key_is_shown_without_its_digest(make_key: Make) -> None:
    key, _ = make_key()
    client = staff("super_admin")
    page = client.get(f"/admin/access/apikey/{key.pk}/change/")
    assert page.status_code == 200
    assert key.key_hash not in page.content.decode()


def test_a_superuser_is_a_super_admin_and_the_inactive_are_nobody() -> None:
    boss = User.objects.create_superuser("boss", password="correct horse battery")
    assert boss.may("api_keys", "write")
    boss.is_active = False
    assert not boss.may("api_keys", "read")
    assert str(boss.actor) == f"user:{boss.pk}"
