"""Messages as customers see them, how they are worded in each language, and addresses that get none."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.backoffice.asking.messages import RESET, SAY, SUPPRESSION, Said, shown
from apps.backoffice.asking.question import Asking, Question, ask
from apps.backoffice.pages import Surrounded
from apps.backoffice.tables import Table
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, label, link, when
from apps.notifications.actions.wordings import example, send_example
from apps.notifications.admin import MessageAdmin, SuppressionAdmin, WordingAdmin
from apps.notifications.models import Message, Suppression, Wording
from apps.notifications.queries import wordings
from apps.notifications.rules import Kind
from apps.notifications.words import LANGUAGES

logger = structlog.get_logger(__name__)

WORDS = "admin:notifications_wording_words"


class MessagePage(Surrounded, MessageAdmin):
    """A message with the mail as it looks."""

    list_filter = ("status", "kind", "language", ("account", AutocompleteSelectFilter))

    def tables(self, request: HttpRequest, row: Message) -> Sequence[Table]:
        return (Table("As it looks", ("Mail",), [(shown(row),)]),)


class SuppressionPage(Asking, Surrounded, SuppressionAdmin):
    """An address that gets no mail, and how it does again."""

    questions = SUPPRESSION


class WordingPage(WordingAdmin):
    """What staff have worded, and every message in every language as it is said now."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("words", wrap(self.words), name="notifications_wording_words"),
            path("<str:kind>/<str:language>/say", wrap(self.say), name="notifications_wording_say"),
            path("<str:kind>/<str:language>/reset", wrap(self.reset), name="notifications_wording_reset"),
            path("<str:kind>/<str:language>/try", wrap(self.try_out), name="notifications_wording_try"),
            *super().get_urls(),
        ]

    def words(self, request: HttpRequest) -> TemplateResponse:
        """All of them: the list has those alone that staff have worded."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mine = set(Wording.objects.values_list("kind", "language"))
        said, may = wordings(list(Kind), list(LANGUAGES)), allowed(request, SAY.resource, "write")
        tables = [
            Table(
                kind.value.replace("_", " ").capitalize(),
                ("Language", "Subject", "Words", ""),
                [
                    (name, said[kind, language][0],
                     label("your own", "good") if (kind.value, language) in mine else label("as shipped"),
                     _ways(request, kind, language, own=(kind.value, language) in mine) if may else NOTHING)
                    for language, name in LANGUAGES.items()
                ],
            )
            for kind in Kind
        ]  # fmt: skip
        context = {**self.admin_site.each_context(request), "title": "Words of messages", "tables": tables}
        return TemplateResponse(request, "backoffice/words.html", context)

    def say(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Word it."""
        return self._asked(request, SAY, kind, language)

    def reset(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Back to what is shipped."""
        return self._asked(request, RESET, kind, language)

    def try_out(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Send it with example names to who asks."""
        row = self._row(request, kind, language)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        address = str(getattr(request.user, "email", ""))
        if not address:
            messages.error(request, "You have no e-mail address: a Super Admin can give you one.")
            return redirect(WORDS)
        subject, body = wordings([row.kind], [row.language])[row.kind, row.language]
        try:
            send_example(example(kind=row.kind, language=row.language, subject=subject, body=body, to=address))
        except Exception as error:
            logger.exception("test_mail_failed", kind=row.kind.value)
            messages.error(request, f"The mail server did not take it ({type(error).__name__}).")
        else:
            messages.success(request, f"Sent to {address}, with example names.")
        return redirect(WORDS)

    def _asked(self, request: HttpRequest, question: Question, kind: str, language: str) -> HttpResponse:
        row = self._row(request, kind, language)
        return ask(self.admin_site, request, question, row, back=reverse(WORDS))

    def _row(self, request: HttpRequest, kind: str, language: str) -> Said:
        if not allowed(request, SAY.resource, "write"):
            raise PermissionDenied
        if kind not in {each.value for each in Kind} or language not in LANGUAGES:
            raise Http404
        return Said(Kind(kind), language)


def messages_table(account_id: UUID, number: int) -> Table:
    """What an account was sent, the newest first: one query."""
    rows = Message.objects.filter(account_id=account_id).select_related("invoice").order_by("-pk")[:number]
    return Table(
        "Messages",
        ("Message", "About", "Invoice", "State", "To", "Sent"),
        [
            (link(row, row.subject), row.get_kind_display(), link(row.invoice), label(row.status), row.to,
             when(row.sent_at))
            for row in rows
        ],
        hint="Nothing was written to it yet.",
        more=f"{reverse('admin:notifications_message_changelist')}?account__id__exact={account_id}",
    )  # fmt: skip


def _ways(request: HttpRequest, kind: Kind, language: str, *, own: bool) -> SafeString:
    def to(way: str) -> str:
        return reverse(f"admin:notifications_wording_{way}", args=[kind.value, language])

    change = format_html('<a class="bo-link" href="{}">Change</a>', to("say"))
    back = format_html(' <a class="bo-link" href="{}">As shipped</a>', to("reset")) if own else ""
    test = format_html(
        ' <form method="post" action="{}" class="bo-inline"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="bo-link" type="submit">Send me a test</button></form>',
        to("try"), get_token(request),
    )  # fmt: skip
    return format_html("{}{}{}", change, back, test)


admin.site.unregister([Message, Suppression, Wording])
admin.site.register(Message, MessagePage)
admin.site.register(Suppression, SuppressionPage)
admin.site.register(Wording, WordingPage)
