"""Tell the owner of an endpoint by mail that it was disabled: taken, sent with no transaction open, ticked off.

Whoever dies in between has it told again a little later: rather twice than never.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from apps.access.models import User
from apps.access.rules import Role
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.webhooks.models import Endpoint, EndpointState
from apps.webhooks.rules.states import Reason

AGAIN = timedelta(minutes=10)
GIVE_UP_AFTER = 20

_WHY = {
    Reason.FAILING: "It has not taken a single webhook for {days} days.",
    Reason.GONE: "It answered 410, which means that it is gone for good.",
}
_TEXT = """The webhook endpoint {name} was disabled.

{url}

{why} {error}

It is sent nothing any more. Nothing is lost: once it is enabled again, everything it missed is sent to it, in order:

PATCH {base}/v1/webhook-endpoints/{id} with {{"status": "ENABLED"}}
or on its page: {base}/admin/webhooks/endpoint/{id}/change/
"""


def tell_next(*, at: datetime, actor: Actor) -> bool:
    """Tell one owner whose turn it is; whether there was one."""
    state = _taken(at, actor)
    if state is None:
        return False
    endpoint = Endpoint.objects.get(pk=state.endpoint_id)
    to = owners(endpoint)
    try:
        if to:
            EmailMessage(f"Webhook endpoint disabled: {endpoint}"[:200], _text(endpoint), to=to).send()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again later
        structlog.get_logger(__name__).warning(
            "webhook_owner_not_told", endpoint_id=str(endpoint.pk), error=type(error).__name__
        )
        return True
    with unit_of_work(actor):
        EndpointState.objects.filter(pk=endpoint.pk).update(notice_due_at=None)
    return True


def owners(endpoint: Endpoint) -> list[str]:
    """Who is told: the owner it names, else the deployment's, else its Super Admins."""
    if named := endpoint.owner_email or settings.WEBHOOK_OWNER_EMAIL:
        return [named]
    admins = User.objects.filter(is_active=True, groups__name=Role.SUPER_ADMIN) | User.objects.filter(
        is_active=True, is_superuser=True
    )
    return sorted({address for address in admins.values_list("email", flat=True) if address})


def _taken(at: datetime, actor: Actor) -> EndpointState | None:
    with unit_of_work(actor):
        due = EndpointState.objects.select_for_update(skip_locked=True, no_key=True).filter(notice_due_at__lte=at)
        state = due.order_by("notice_due_at").first()
        if state is None:
            return None
        state.notice_calls += 1
        state.notice_due_at = at + AGAIN if state.notice_calls < GIVE_UP_AFTER else None
        state.save(update_fields=["notice_calls", "notice_due_at"])
        return state


def _text(endpoint: Endpoint) -> str:
    last = endpoint.attempts.order_by("-id").first()
    return _TEXT.format(
        name=endpoint.name or endpoint.pk,
        url=endpoint.url,
        why=_WHY.get(Reason(endpoint.disabled_reason), "").format(days=settings.WEBHOOK_DISABLE_AFTER_DAYS),
        error=f"The last thing it said: {last.error or last.response}"[:600] if last else "",
        base=settings.BILLING_URL,
        id=endpoint.pk,
    )
