"""Who comes in by a link, and how often: the decorator of every page here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access import window
from apps.access.addresses import client_address, counted_as
from apps.access.throttling import anonymous_limit
from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.hosted.rules import LINK_LIMIT, ink
from apps.hosted.words import spoken, word
from apps.invoices.document_figures import Figures
from apps.invoices.links import INVOICE, Target, target_of
from apps.invoices.models import Invoice
from apps.invoices.queries import invoices
from apps.invoices.rules import Status
from apps.kernel import clock
from apps.tax.queries import seller

POLICY: dict[str, list[Any]] = {
    "default-src": [NONE],
    "style-src": [SELF, NONCE],
    "img-src": [SELF, "data:"],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}
"""No script at all: these pages are read and used without one."""

FORM_POLICY: dict[str, list[Any]] = POLICY | {
    "script-src": [SELF, "https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": [SELF, "https://api.stripe.com"],
}
"""Of the one page that holds Stripe's form, with what Stripe says that it needs."""


@dataclass(frozen=True)
class Door:
    """What a link opened: an account, and one of its invoices unless it is about the payment method alone."""

    token: str
    target: Target
    account: Account
    invoice: Invoice | None
    figures: Figures

    @property
    def language(self) -> str:
        return spoken(self.figures.locale.language)

    @property
    def path(self) -> str:
        """Of its page; what can be done there lies below it."""
        return f"/pay/{self.token}"

    def say(self, name: str, **facts: object) -> str:
        """A sentence in the customer's language."""
        return word(name, self.language, **facts)


View = Callable[[HttpRequest, Door], HttpResponse]


def opened(*, over: bool = False) -> Callable[[View], Callable[..., HttpResponse]]:
    """A page of whoever holds a good link; `over`: an old one will do.

    404 for what is no link of ours, 410 for an old one, 429 for whoever asks too often: of one address by the minute,
    and by the hour what is done by one link.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, token: str) -> HttpResponse:
            subject = f"page:{counted_as(client_address(request))}"
            outcome = window.count(subject, limit=anonymous_limit(), bucket_seconds=1)
            target = target_of(token, at=clock.wall()) if outcome.passed else None
            if target is not None and request.method == "POST":
                outcome = window.count(f"link:{target.id}", limit=LINK_LIMIT, bucket_seconds=60)
            door = _door(token, target) if target else None
            if not outcome.passed:
                answer = message(request, door, "many_title", "many", status=429)
                answer["Retry-After"] = str(outcome.retry_after)
                return answer
            if door is None:
                return message(request, None, "gone_title", "gone", status=404)
            if door.target.over and not over:
                ask = "over_ask" if door.invoice else "over_reply"
                more = {"button": door.say("over_button"), "action": f"{door.path}/link"} if door.invoice else {}
                return message(request, door, "over_title", "over", ask, status=410, **more)
            return finished(view(request, door))

        return page

    return decorate


def message(
    request: HttpRequest, door: Door | None, title: str, *texts: str, status: int = 200, **more: Any
) -> HttpResponse:
    """A page of a few sentences."""
    language = door.language if door else "en"
    context = {**look(language), "title": word(title, language), "texts": [word(each, language) for each in texts]}
    return finished(render(request, "hosted/message.html", context | more, status=status))


def look(language: str) -> dict[str, Any]:
    """What all these pages have: who sells, in which colours."""
    who = seller()
    return {
        "language": language,
        "seller": who,
        "ink": ink(who.brand_color),
        "skip": word("skip", language),
        "questions": word("questions", language),
    }


def finished(answer: HttpResponse) -> HttpResponse:
    """The headers of all these pages: kept by nobody, found by nobody, with no script unless the page says so."""
    answer.setdefault("Cache-Control", "private, no-store")
    answer.setdefault("X-Robots-Tag", "noindex")
    # To us alone: without it a form would come from nowhere, and Django would not take it.
    answer.setdefault("Referrer-Policy", "same-origin")
    if not hasattr(answer, "_csp_config"):
        answer._csp_config = POLICY  # type: ignore[attr-defined]
    return answer


def _door(token: str, target: Target) -> Door | None:
    if target.kind == INVOICE:
        invoice = invoices().exclude(status=Status.DRAFT).select_related("account").filter(pk=target.id).first()
        if invoice is None:
            return None
        return Door(token, target, invoice.account, invoice, Figures(invoice.account.locale, invoice.currency))
    account = accounts().filter(pk=target.id).first()
    return Door(token, target, account, None, Figures(account.locale, account.currency)) if account else None
