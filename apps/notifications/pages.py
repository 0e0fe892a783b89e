"""The page on which one asks for fewer mails. No login: the link is the key."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as page
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.kernel.actors import system
from apps.notifications.actions.suppress import unsubscribe
from apps.notifications.links import message_of
from apps.notifications.models import Message
from apps.notifications.rules import OPTIONAL
from apps.notifications.words import sentence
from apps.tax.queries import seller

ACTOR = system("notifications.unsubscribe")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def fewer(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, for mail programs look at every link; POST does it: the button here, or one click in a mail program."""
    message = message_of(token)
    if message is None or message.kind not in OPTIONAL:
        return _said(request, message, "link_over", status=404)
    if request.method != "POST":
        return _said(request, message, "unsubscribe_ask", button="unsubscribe_button")
    unsubscribe(message=message, actor=ACTOR)
    return _said(request, message, "unsubscribed")


def _said(
    request: HttpRequest, message: Message | None, text: str, *, button: str = "", status: int = 200
) -> HttpResponse:
    language = message.language if message else "en"
    context = {
        "language": language,
        "seller": seller().legal_name,
        "text": sentence(text, language),
        "button": sentence(button, language) if button else "",
    }
    return _private(page(request, "notifications/page.html", context, status=status))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
