"""/pay/<link>: read an invoice, pay it, renew the payment method. The link is the key."""

from urllib.parse import quote

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from apps.clocks.queries import now_for
from apps.hosted.doors import FORM_POLICY, POLICY, Door, look, message, opened
from apps.hosted.metrics import hosted_actions_total
from apps.hosted.rules import WAIT
from apps.hosted.shown import account_page, confirmable, invoice_page
from apps.invoices.document import file_name
from apps.invoices.document import render as as_pdf
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError, Unavailable
from apps.notifications.actions.write import send_again
from apps.payments import queries as payments
from apps.payments.actions.methods import add
from apps.payments.actions.retry import pay
from apps.payments.actions.setup import begin_setup
from apps.payments.rules import Origin

CUSTOMER = system("hosted.customer")

logger = structlog.get_logger(__name__)


@require_safe
@opened()
def page(request: HttpRequest, door: Door) -> HttpResponse:
    """The invoice and how it stands, or the account's payment method."""
    said = request.GET.get("said", "")
    if door.invoice is None:
        return _shown(request, "hosted/account.html", account_page(door, said=said))
    returned = "redirect_status" in request.GET
    if returned:
        _wait(door, returned=True)
        door.invoice.refresh_from_db()
    return _shown(request, "hosted/invoice.html", invoice_page(door, door.invoice, said=said, returned=returned))


@require_safe
@opened()
def document(request: HttpRequest, door: Door) -> HttpResponse:
    """The invoice as PDF."""
    if door.invoice is None:
        return message(request, None, "gone_title", "gone", status=404)
    answer = HttpResponse(as_pdf(door.invoice.pk), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(door.invoice)}"'
    return answer


@require_POST
@opened()
def pay_now(request: HttpRequest, door: Door) -> HttpResponse:
    """Collect it now, by the method that the account has: what the API and staff do.

    The form says how often it was tried when it was shown, so that a second click is not a second try.
    """
    if door.invoice is None:
        return message(request, None, "gone_title", "gone", status=404)
    invoice = door.invoice
    tried = payments.attempts([invoice.pk]).get(invoice.pk, 0)
    outcome = "repeated"
    if request.POST.get("attempt") == str(tried):
        try:
            pay(invoice_id=invoice.pk, origin=Origin.PAGE, at=now_for(door.account), actor=CUSTOMER)
            outcome = "opened"
        except DomainError as refusal:
            outcome = refusal.code  # paid or under way by now, or nothing to pay with: the page says which
    _count("pay", outcome, door)
    _wait(door)
    return _to(door.path)


@require_POST
@opened()
def method(request: HttpRequest, door: Door) -> HttpResponse:
    """On to where a payment method is given: the gateway's page, or its form on ours."""
    if not (settings.STRIPE_SETUP_URL or settings.STRIPE_PUBLISHABLE_KEY):
        return _to(f"{door.path}?said=not_here")
    try:
        setup = begin_setup(account_id=door.account.pk, actor=CUSTOMER)
    except Unavailable:
        _count("method", "unavailable", door)
        return _to(f"{door.path}?said=away")
    back = f"{settings.BILLING_URL}{door.path}/method/done"
    if settings.STRIPE_SETUP_URL:
        return _to(f"{settings.STRIPE_SETUP_URL}?client_secret={quote(setup.secret)}&return_url={quote(back, safe='')}")
    context = {
        **look(door.language),
        **{name: door.say(f"form_{name}") for name in ("title", "note", "button", "script")},
        "back": back,
        "back_words": door.say("form_back"),
        "path": door.path,
        "key": settings.STRIPE_PUBLISHABLE_KEY,
        "secret": setup.secret,
    }
    answer = render(request, "hosted/method.html", context)
    answer._csp_config = FORM_POLICY  # type: ignore[attr-defined]
    return answer


@require_safe
@opened()
def method_done(request: HttpRequest, door: Door) -> HttpResponse:
    """Back from there: the method is the default from now on, and what is open is collected with it.

    Opened twice it is the same method. What was not finished there is refused here, for the gateway is asked.
    """
    token = request.GET.get("setup_intent", "")
    said = "refused"
    if token.startswith("seti_"):
        try:
            add(
                account_id=door.account.pk,
                token=token,
                set_as_default=True,
                origin=Origin.PAGE,
                at=now_for(door.account),
                actor=CUSTOMER,
            )
            said = "saved"
        except Unavailable:
            said = "away"
        except DomainError as refusal:
            logger.info("hosted_method_refused", code=refusal.code, account_id=str(door.account.pk))
    _count("method", said, door)
    _wait(door)
    return _to(f"{door.path}?said={said}")


@require_POST
@opened(over=True)
def link(request: HttpRequest, door: Door) -> HttpResponse:
    """A new link for an old one, by mail to the address we have: who found an old link gets nothing."""
    if door.invoice is not None:
        try:
            send_again(invoice_id=door.invoice.pk, actor=CUSTOMER)
        except DomainError:
            return message(request, door, "over_title", "void", status=410)
        _count("link", "sent", door)
        return message(request, door, "over_title", "sent")
    return message(request, door, "over_title", "over_reply", status=410)


def _wait(door: Door, *, returned: bool = False) -> None:
    """Until the charge that is under way has ended, or its customer is to confirm it; for a moment at most."""
    until = clock.monotonic() + WAIT
    while door.invoice is not None and clock.monotonic() < until:
        going = payments.under_way(door.invoice.pk)
        if going is None or (confirmable(going, now_for(door.account)) and not returned):
            return
        clock.pause(WAIT / 20)


def _shown(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    answer = render(request, template, context)
    if settings.STRIPE_SETUP_URL:
        # The button leads there, and browsers look at where a form ends up.
        origin = "/".join(settings.STRIPE_SETUP_URL.split("/")[:3])
        answer._csp_config = POLICY | {"form-action": [*POLICY["form-action"], origin]}  # type: ignore[attr-defined]
    return answer


def _to(address: str) -> HttpResponse:
    answer = HttpResponseRedirect(address)
    answer.status_code = 303
    return answer


def _count(action: str, outcome: str, door: Door) -> None:
    hosted_actions_total.labels(action, outcome).inc()
    logger.info("hosted_action", action=action, outcome=outcome, account_id=str(door.account.pk))
