"""The page that imports a bank statement: a file, every fault of it or what each line would do, and one click."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.backoffice.tables import Table
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, amount, label, link, on
from apps.kernel.money import Money
from apps.payments.actions.bank import bring_in
from apps.payments.admin import BankLineAdmin
from apps.payments.bank_file import MAX_BYTES, LineFault, Statement, read
from apps.payments.bank_matching import Does, Match, matches

TONES = {Does.FULL: "good", Does.PART: "under-way", Does.OVER: "warning", Does.ACCOUNT: "good", Does.NOTHING: "bad"}
WORDS = {
    Does.FULL: "pays it in full", Does.PART: "pays a part", Does.OVER: "pays too much",
    Does.ACCOUNT: "oldest due first", Does.NOTHING: "becomes a task", Does.KNOWN: "known already",
}  # fmt: skip
FAULTS = 200


class StatementPage(BankLineAdmin):
    """Lines of bank statements, and the page that brings them in, in the place of Django's form."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, self.resource, "write")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take the file, show what it would do, do it if that is still so."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        name, raw = _given(request)
        statement = read(raw) if raw is not None else None
        found = matches(statement.lines) if statement and not statement.faults else []
        digest = _digest(found)
        context: dict[str, Any] = {}
        if found and "seen" in request.POST:
            if request.POST["seen"] == digest:
                done = bring_in([each.line for each in found], file=name, actor=request.user.actor)  # type: ignore[union-attr]
                messages.success(
                    request, f"{done.recorded} recorded, {done.tasks} became tasks, {done.known} known already."
                )
                return redirect(reverse("admin:payments_bankline_changelist"))
            context["fault"] = "Something has changed since this was shown: nothing was recorded. Look at it again."
        if statement:
            text = (raw or b"").decode("utf-8-sig", "replace")
            context |= {"tables": _tables(statement, found), "text": text, "name": name}
            context |= {"digest": digest, "possible": bool(found)}
        return TemplateResponse(
            request,
            "backoffice/statement.html",
            {**self.admin_site.each_context(request), "title": "Import a bank statement", **context},
        )


def _given(request: HttpRequest) -> tuple[str, bytes | None]:
    """The file's name and content: of the file that is sent, or of the one that was shown."""
    file = request.FILES.get("file")
    if file is not None:
        return str(file.name)[:255], file.read(MAX_BYTES + 1)
    text = request.POST.get("text")
    return request.POST.get("name", "")[:255], text.encode() if text is not None else None


def _digest(found: Sequence[Match]) -> str:
    seen = [(each.line.digest, each.does, each.account and each.account.pk, each.left, each.credit) for each in found]
    return hashlib.sha256(str(seen).encode()).hexdigest()


def _tables(statement: Statement, found: Sequence[Match]) -> list[Table]:
    if statement.faults:
        title = f"{len(statement.faults)} faults: nothing was recorded"
        return [Table(title, ("Line", "Column", "What is wrong"), [_fault(each) for each in statement.faults[:FAULTS]])]
    left_out = f", {statement.left_out} of money that left are left out" if statement.left_out else ""
    return [
        Table(
            f"{len(found)} lines{left_out}",
            ("Line", "Date", "Amount", "Payer", "Reference", "Does", "For", "Still owed then", "To credit"),
            [_row(each) for each in found],
            hint="No line of money that came.",
        )
    ]


def _fault(each: LineFault) -> Sequence[object]:
    return (each.line or NOTHING, each.column or NOTHING, each.reason)


def _row(each: Match) -> Sequence[object]:
    line = each.line
    whose: object = NOTHING
    if each.invoice:
        whose = link(each.invoice)
    elif each.account:
        whose = link(each.account)
    return (
        line.number, on(line.booked_on), amount(line.amount, line.currency), line.payer or NOTHING,
        line.reference or NOTHING, label(WORDS[each.does], TONES.get(each.does, "quiet")), each.why or whose,
        _some(each.left, line.currency), _some(each.credit, line.currency),
    )  # fmt: skip


def _some(value: int, currency: str) -> object:
    return amount(value, Money(0, currency).currency) if value else NOTHING
