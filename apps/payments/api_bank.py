"""POST /v1/bank-statements"""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.payments.actions import bank
from apps.payments.bank_file import MAX_LINES, MAX_TEXT, StatementLine, numbered
from apps.payments.bank_matching import Does, matches
from apps.payments.models import BankLine
from apps.rest import inputs
from apps.rest.objects import ApiObject
from apps.rest.viewsets import ResourceViewSet, operation


class StatementLineInput(inputs.Input):
    """Money that came to our bank account. `bank_reference`: the bank's own id of the line, if it has one."""

    booked_on = inputs.DateField()
    amount = inputs.IntegerField(min_value=1)
    currency = inputs.CurrencyField()
    reference = inputs.CharField(max_length=MAX_TEXT, allow_blank=True)
    payer = inputs.CharField(max_length=MAX_TEXT, allow_blank=True, required=False)
    bank_reference = inputs.CharField(max_length=MAX_TEXT, allow_blank=True, required=False)


class StatementInput(inputs.Input):
    """What POST takes. `preview`: only say what each line would do."""

    name = inputs.CharField(max_length=MAX_TEXT)
    lines = StatementLineInput(many=True, min_length=1, max_length=MAX_LINES)  # type: ignore[call-arg]
    preview = inputs.BooleanField(required=False, default=False)


class StatementLineObject(ApiObject, kw_only=True, frozen=True):
    """What a line does: pays an invoice in FULL, in PART or OVER it, what an ACCOUNT owes; becomes a task (NOTHING, and
    `why`); or was KNOWN before. `left`: still owed then; `credit`: what is too much."""

    line: int
    does: Does
    account_id: UUID | None
    invoice_id: UUID | None
    invoice_number: str | None
    left: int
    credit: int
    why: str | None


class BankStatementObject(ApiObject, kw_only=True, frozen=True):
    """How many lines were recorded, became tasks, or had been there; nothing yet for a preview."""

    recorded: int
    tasks: int
    known: int
    lines: list[StatementLineObject]


class BankStatementViewSet(ResourceViewSet):
    """Lines of a bank statement, which pay the invoices and accounts that they name."""

    resource = "bank_transfers"
    queryset = BankLine.objects.all()
    object_class = BankStatementObject

    @operation(input=StatementInput, output=BankStatementObject)
    def create(self, request: Request) -> Response:
        """Record a statement. A line that was sent before changes nothing, in whatever statement it stands."""
        body = self.parse(StatementInput)
        lines = numbered([
            StatementLine(number=number, **{"payer": "", **line}) for number, line in enumerate(body["lines"], start=1)
        ])  # fmt: skip
        found = [
            StatementLineObject(
                line=each.line.number,
                does=each.does,
                account_id=each.account.pk if each.account else None,
                invoice_id=each.invoice.pk if each.invoice else None,
                invoice_number=each.invoice.number if each.invoice else None,
                left=each.left,
                credit=each.credit,
                why=each.why or None,
            )
            for each in matches(lines)
        ]
        done = bank.BroughtIn() if body["preview"] else bank.bring_in(lines, file=body["name"], actor=self.actor)
        return Response(BankStatementObject(recorded=done.recorded, tasks=done.tasks, known=done.known, lines=found))

    def render(self, rows: Any) -> list[BankStatementObject]:
        return []
