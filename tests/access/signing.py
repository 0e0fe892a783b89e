"""Staff with passwords, devices that show codes, and calls of /v1/auth/token."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django_otp.oath import TOTP

from apps.access.actions import second_factor
from apps.access.models import SecondFactor, User
from apps.kernel import clock

PASSWORD = "a made-up password"


def staff(role: str = "billing_admin", name: str = "", **fields: Any) -> User:
    user = User.objects.create_user(username=name or f"{role}@example.com", password=PASSWORD, is_staff=True, **fields)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def shown(user: User, at: datetime) -> str:
    """What the person's device shows at that time."""
    device = TOTP(bytes.fromhex(SecondFactor.objects.get(user=user).secret))
    device.time = at.timestamp()
    return f"{device.token():06}"


def enrolled(user: User, at: datetime | None = None) -> list[str]:
    """The person's recovery codes; its device was confirmed at `at`."""
    then = at or clock.wall()
    second_factor.begin(user, at=then, actor=user.actor)
    return second_factor.confirm(user, shown(user, then), at=then, actor=user.actor)
