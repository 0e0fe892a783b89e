"""The second factor of staff: begun, confirmed by what the device shows, asked for, taken away."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django_otp.oath import TOTP

from apps.access.actions.attempts import attempt, succeeded
from apps.access.models import RecoveryCode, SecondFactor, User
from apps.access.rules import Role
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid
from apps.kernel.transactions import unit_of_work

NAME = "Billing"
"""Under what the device lists it."""
STEP_SECONDS = 30
TOLERANCE = 1
"""Steps before and after this one that are taken too: clocks differ, and people type slowly."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Begun:
    """What a device is shown: the secret as text, and as the address that a QR code holds."""

    secret: str
    address: str


def required(user: User) -> bool:
    """Whether this person may not go on without a second factor."""
    return bool(settings.STAFF_SECOND_FACTOR) and Role.SUPER_ADMIN in user.roles


def begin(user: User, *, at: datetime, actor: Actor) -> Begun:
    """A secret to confirm; the same one until then. One that is confirmed is not shown again."""
    with unit_of_work(actor):
        fresh = secrets.token_bytes(SECRET_BYTES).hex()
        factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret": fresh, "created_at": at})
    if factor.confirmed_at is not None:
        raise _there_already()
    text = b32encode(bytes.fromhex(factor.secret)).decode()
    label = quote(f"{NAME}:{user.get_username()}")
    asked = urlencode({"secret": text, "issuer": NAME, "period": STEP_SECONDS})
    return Begun(text, f"otpauth://totp/{label}?{asked}")


def confirm(user: User, code: str, *, at: datetime, actor: Actor) -> list[str]:
    """The device shows the right code: from now on it is asked for. Returns the recovery codes, this once."""
    attempt(_counted(user), at=at)
    with unit_of_work(actor):
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            raise Conflict("second_factor_not_begun", "No second factor was begun.", hint="Open the page again.")
        if factor.confirmed_at is not None:
            raise _there_already()
        step = _step(factor, code, at)
        if step is None:
            raise _wrong()
        _change(factor, confirmed_at=at, last_step=step)
        User.objects.filter(pk=user.pk).update(second_factor_at=at)
        codes = _new_codes(factor, at)
    succeeded(_counted(user))
    return codes


def check(user: User, code: str, *, at: datetime, actor: Actor) -> None:
    """Take a code of the device, or a recovery code, each once; else a refusal."""
    attempt(_counted(user), at=at)
    with unit_of_work(actor):
        factor = SecondFactor.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
        if factor is None:
            raise _wrong()
        step = _step(factor, code, at)
        if step is not None:
            _change(factor, last_step=step)
        elif not _recovered(factor, code, at):
            raise _wrong()
    succeeded(_counted(user))


def renew_codes(user: User, *, at: datetime, actor: Actor) -> list[str]:
    """New recovery codes; the old ones are worth nothing."""
    with unit_of_work(actor):
        factor = SecondFactor.objects.select_for_update().get(user=user)
        factor.recovery_codes.all().delete()
        return _new_codes(factor, at)


def take_away(user_id: UUID, *, actor: Actor) -> None:
    """Forget a person's second factor: the device and all codes are lost. Whoever needs one enrols anew."""
    with unit_of_work(actor):
        factor = SecondFactor.objects.select_for_update().filter(user_id=user_id).first()
        if factor is not None:
            factor.recovery_codes.all().delete()
            factor.delete()
        User.objects.filter(pk=user_id).update(second_factor_at=None)


def forget_tries(user: User) -> None:
    """Unlock: what was tried under a person's name, and at its second factor, counts no more."""
    succeeded(user.get_username())
    succeeded(_counted(user))


def _step(factor: SecondFactor, code: str, at: datetime) -> int | None:
    """The step whose code this is, newer than all that were used; None if it is none."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    device = TOTP(bytes.fromhex(factor.secret), step=STEP_SECONDS)
    device.time = at.timestamp()
    if not device.verify(int(digits), tolerance=TOLERANCE, min_t=factor.last_step + 1):
        return None
    return int(device.t())


def _recovered(factor: SecondFactor, code: str, at: datetime) -> bool:
    wanted = _digest(factor, code)
    for each in factor.recovery_codes.filter(used_at=None):
        if hmac.compare_digest(each.code_hash, wanted):
            RecoveryCode.objects.filter(pk=each.pk).update(used_at=at)
            return True
    return False


def _new_codes(factor: SecondFactor, at: datetime) -> list[str]:
    codes = ["-".join(_draw(5) for _ in range(3)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, code_hash=_digest(factor, code), created_at=at) for code in codes
    )
    return codes


def _draw(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _digest(factor: SecondFactor, code: str) -> str:
    """Fifteen characters of 31: 74 random bits, which no table holds; and each person's differ."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(f"{factor.pk}:{plain}".encode("utf-8", "surrogatepass")).hexdigest()


def _change(factor: SecondFactor, **fields: object) -> None:
    SecondFactor.objects.filter(pk=factor.pk).update(**fields, version=F("version") + 1, updated_at=clock.wall())


def _counted(user: User) -> str:
    return f"second factor of {user.pk}"


def _wrong() -> Invalid:
    return Invalid(
        "second_factor_wrong",
        "The code is not the one that is shown now, or was used before.",
        hint="Wait for the next code of the device, or use a recovery code. Check that the device's clock is right.",
    )


def _there_already() -> Conflict:
    return Conflict(
        "second_factor_there",
        "There is a second factor already.",
        hint="A Super Admin can take it away on the page of the staff user; then it can be set up anew.",
    )
