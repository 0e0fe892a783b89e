"""Who is told that an endpoint was disabled."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from apps.access.models import User
from apps.kernel import clock
from apps.webhooks.actions.disable import disable, disable_failing
from apps.webhooks.actions.tell import owners, tell_next
from apps.webhooks.rules.states import Reason
from tests.webhooks.endpoints import ACTOR, endpoint

pytestmark = pytest.mark.django_db


def test_the_owner_else_the_deployments_else_the_super_admins(settings: Any) -> None:
    for name, role, active in (("a", "super_admin", True), ("b", "super_admin", False), ("c", "support_rep", True)):
        user = User.objects.create_user(username=name, email=f"{name}@example.com", is_active=active)
        user.groups.add(Group.objects.get(name=role))
    User.objects.create_superuser(username="root", email="root@example.com", password="x" * 12)
    target = endpoint("http://127.0.0.1:1/")
    assert owners(target) == ["a@example.com", "root@example.com"]
    settings.WEBHOOK_OWNER_EMAIL = "ops@example.com"
    assert owners(target) == ["ops@example.com"]
    target.owner_email = "crm@example.com"
    assert owners(target) == ["crm@example.com"]


def test_nobody_is_told_of_what_somebody_did(settings: Any) -> None:
    target = endpoint("http://127.0.0.1:1/", owner_email="crm@example.com")
    assert disable(target.pk, reason=Reason.BY_HAND, at=clock.wall(), actor=ACTOR)
    assert not disable(target.pk, reason=Reason.BY_HAND, at=clock.wall(), actor=ACTOR), "once"
    disable_failing(target.pk, reason=Reason.GONE, at=clock.wall(), actor=ACTOR)
    assert not tell_next(at=clock.wall(), actor=ACTOR)
    assert mail.outbox == []
