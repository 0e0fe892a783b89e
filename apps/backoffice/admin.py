"""Pages that cross apps take the place of the apps' own: customer, invoice, payment, subscription, run."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.access.models import ApiKey
from apps.accounts.admin import AccountAdmin
from apps.accounts.models import Account
from apps.backoffice import customer
from apps.backoffice.asking.accounts import CREDIT, CUSTOMER
from apps.backoffice.asking.alerts import ALERT, NEW_COST
from apps.backoffice.asking.dunning import CUSTOMER as DUNNING
from apps.backoffice.asking.invoices import QUESTIONS as INVOICE
from apps.backoffice.asking.payments import REFUND
from apps.backoffice.asking.plans import PLAN, RERATING, rerating_tables
from apps.backoffice.asking.question import Adding, Asking
from apps.backoffice.asking.reconciliation import DIFFERENCE
from apps.backoffice.asking.rest import CLOCK, COUPON, NEW_CLOCK, NEW_COUPON
from apps.backoffice.asking.subscriptions import QUESTIONS as SUBSCRIPTION
from apps.backoffice.asking.vat import NUMBER
from apps.backoffice.exports import Exporting
from apps.backoffice.filters import BegunFilter, ClockFilter, CurrencyFilter, DueFilter, SettledFilter
from apps.backoffice.keys import KeyPage
from apps.backoffice.pages import Button, Surrounded
from apps.backoffice.runs import RunPage
from apps.backoffice.statements import StatementPage
from apps.backoffice.tables import Card, Table
from apps.backoffice.usage import usage_page
from apps.backoffice.words import reason
from apps.clocks.admin import TestClockAdmin
from apps.clocks.models import TestClock
from apps.coupons.admin import CouponAdmin
from apps.coupons.models import Coupon
from apps.credits.admin import GrantAdmin
from apps.credits.models import Grant
from apps.invoices.admin import InvoiceAdmin
from apps.invoices.document import file_name, render
from apps.invoices.einvoice import rendering as einvoice
from apps.invoices.links import invoice_link
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances, with_lines_of
from apps.invoices.rules import Status
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, page_of
from apps.kernel.errors import DomainError
from apps.monitoring.admin import AlertAdmin, InfrastructureCostAdmin
from apps.monitoring.models import Alert, InfrastructureCost
from apps.notifications.actions.write import send_again
from apps.payments.admin import AMOUNT, DifferenceAdmin, PaymentAdmin
from apps.payments.models import BankLine, Difference, Payment
from apps.plans.admin import PlanAdmin
from apps.plans.models import Plan
from apps.subscriptions.admin import ReratingAdmin, StoppedFilter, SubscriptionAdmin
from apps.subscriptions.models import BillingRun, Rerating, Subscription
from apps.tax.admin import TaxIdAdmin
from apps.tax.models import TaxId

admin.site.unregister([
    Account, Invoice, Payment, Subscription, BillingRun, Grant, Coupon, TestClock, Plan, Rerating, Difference, BankLine,
    Alert, InfrastructureCost, ApiKey, TaxId,
])  # fmt: skip

BY_ACCOUNT = ("account", AutocompleteSelectFilter)


@admin.register(Account)
class CustomerAdmin(Exporting, Asking, Surrounded, AccountAdmin):
    """Everything of one customer on one page."""

    questions = (*CUSTOMER, *DUNNING)

    def cards(self, request: HttpRequest, row: Account) -> Sequence[Card]:
        return customer.cards(row)

    def tables(self, request: HttpRequest, row: Account) -> Sequence[Table]:
        return customer.tables(request, row)


@admin.register(Invoice)
class InvoicePage(Asking, Surrounded, InvoiceAdmin):
    """An invoice with what was tried to collect it, and what may be done to it."""

    questions = INVOICE

    list_filter = ("status", CurrencyFilter, DueFilter, BY_ACCOUNT, ClockFilter)

    def get_urls(self) -> list[URLPattern]:
        pdf, xml, again = (self.admin_site.admin_view(each) for each in (self.pdf, self.xml, self.again))
        return [
            path("<uuid:invoice_id>/pdf", pdf, name="invoices_invoice_pdf"),
            path("<uuid:invoice_id>/xml", xml, name="invoices_invoice_xml"),
            path("<uuid:invoice_id>/send-again", again, name="invoices_invoice_send_again"),
            *super().get_urls(),
        ]

    def pdf(self, request: HttpRequest, invoice_id: Any) -> HttpResponse:
        """The document as the customer gets it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        if invoice.status == Status.DRAFT:
            raise Http404
        headers = {"Content-Disposition": f'inline; filename="{file_name(invoice)}"'}
        return HttpResponse(render(invoice.pk), content_type="application/pdf", headers=headers)

    def xml(self, request: HttpRequest, invoice_id: Any) -> HttpResponse:
        """The e-invoice; what it lacks is told on the invoice's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        try:
            content = einvoice.render(invoice)
        except DomainError as refusal:
            lacks = [each.detail for each in refusal.errors] or [refusal.hint]
            messages.error(request, " ".join([str(refusal), *lacks]))
            return redirect(page_of(invoice))
        headers = {"Content-Disposition": f'attachment; filename="{einvoice.file_name(invoice.number or "")}"'}
        return HttpResponse(content, content_type="application/xml", headers=headers)

    def again(self, request: HttpRequest, invoice_id: Any) -> HttpResponse:
        """Send the invoice's mail once more, under the name of who asks."""
        if not allowed(request, self.resource, "write"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        try:
            message = send_again(invoice_id=invoice.pk, actor=request.user.actor)  # type: ignore[union-attr]
        except DomainError as refusal:
            messages.error(request, f"{refusal} {refusal.hint}")
        else:
            messages.success(request, f"The invoice goes to {message.to} again.")
        return redirect(page_of(invoice))

    def buttons(self, request: HttpRequest, row: Invoice) -> Sequence[Button]:
        if row.status == Status.DRAFT:
            return ()
        pdf = Button("PDF", reverse("admin:invoices_invoice_pdf", args=[row.pk]), "picture_as_pdf", new_tab=True)
        xml = Button("XML", reverse("admin:invoices_invoice_xml", args=[row.pk]), "code")
        files = [pdf] if row.status == Status.VOID else [pdf, xml]
        if not allowed(request, self.resource, "write"):
            return files
        again = reverse("admin:invoices_invoice_send_again", args=[row.pk])
        found = [*files, Button("Send again", again, "forward_to_inbox", post=True), *super().buttons(request, row)]
        if allowed(request, "payments.collect", "write"):
            # Whoever has the page can pay on it.
            page = invoice_link(row.pk, at=clock.wall()).removeprefix(settings.BILLING_URL)
            found.insert(len(files), Button("Customer's page", page, "open_in_new", new_tab=True))
        return found

    def tables(self, request: HttpRequest, row: Invoice) -> Sequence[Table]:
        if not allowed(request, "payments"):
            return ()
        payments = Payment.objects.filter(invoice=row).select_related("invoice").order_by("-pk")[: customer.SHOWN]
        return (
            Table(
                "Attempts to collect",
                customer.PAYMENT_COLUMNS,
                customer.payment_rows(payments),
                hint="Nothing was charged for this invoice: nothing was left to pay, or there is no payment method.",
            ),
        )


@admin.register(Payment)
class PaymentPage(Asking, Surrounded, PaymentAdmin):
    """A payment, with why it failed in plain words, and what may be done about it."""

    questions = (REFUND,)

    list_display = ("id", "status", AMOUNT, "account", "invoice", "why", "settled_at", "created_at")
    list_filter = ("status", CurrencyFilter, SettledFilter, BY_ACCOUNT, ClockFilter)

    @admin.display(description="why it failed")
    def why(self, payment: Payment) -> object:
        return reason(payment.failure_code, payment.failure_message) or payment.last_error or NOTHING


@admin.register(Difference)
class DifferencePage(Asking, Surrounded, DifferenceAdmin):
    """What the gateway and our books do not agree on, and what mends it."""

    questions = DIFFERENCE


@admin.register(Subscription)
class SubscriptionPage(Asking, Surrounded, SubscriptionAdmin):
    """A subscription with its newest invoices, and what may be done to it."""

    questions = SUBSCRIPTION

    list_filter = ("status", StoppedFilter, BegunFilter, ("plan", AutocompleteSelectFilter), BY_ACCOUNT, ClockFilter)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.usage)
        return [path("<uuid:pk>/usage", view, name="subscriptions_subscription_usage"), *super().get_urls()]

    def usage(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What was used, with a chart for each charge."""
        return usage_page(self.admin_site, request, pk)

    def buttons(self, request: HttpRequest, row: Subscription) -> Sequence[Button]:
        found = super().buttons(request, row)
        if not allowed(request, "usage") or not row.usage_terms.exists():
            return found
        usage = Button("Usage", reverse("admin:subscriptions_subscription_usage", args=[row.pk]), "bar_chart")
        return (usage, *found)

    def tables(self, request: HttpRequest, row: Subscription) -> Sequence[Table]:
        invoices = with_balances(with_lines_of(Invoice.objects.all(), row.pk)).order_by("-pk")[: customer.SHOWN]
        return (Table("Invoices", customer.INVOICE_COLUMNS, customer.invoice_rows(invoices), hint="Not billed yet."),)


admin.site.register(BillingRun, RunPage)
admin.site.register(BankLine, StatementPage)
admin.site.register(ApiKey, KeyPage)


@admin.register(Plan)
class PlanPage(Asking, PlanAdmin):
    """A plan with its versions, and how subscribers come from one to another."""

    questions = PLAN

    def more_buttons(self, request: HttpRequest, row: Plan) -> Sequence[tuple[str, str, str]]:
        return [(each.text, each.address, each.icon) for each in self.buttons(request, row)]


@admin.register(Rerating)
class ReratingPage(Asking, Surrounded, ReratingAdmin):
    """A re-rating with what it comes to, and how it is billed."""

    questions = RERATING

    def tables(self, request: HttpRequest, row: Rerating) -> Sequence[Table]:
        return rerating_tables(row)


@admin.register(Grant)
class CreditPage(Asking, Surrounded, GrantAdmin):
    """A credit, and how it is taken back."""

    questions = CREDIT


@admin.register(Coupon)
class CouponPage(Adding, Asking, Surrounded, CouponAdmin):
    """A coupon with who has it."""

    adding, questions = NEW_COUPON, COUPON


@admin.register(TestClock)
class ClockPage(Adding, Asking, Surrounded, TestClockAdmin):
    """A test clock with what moves it."""

    __test__ = False

    adding, questions = NEW_CLOCK, CLOCK


@admin.register(TaxId)
class TaxIdPage(Asking, Surrounded, TaxIdAdmin):
    """A VAT number, and what has VIES asked again."""

    questions = NUMBER


@admin.register(Alert)
class AlertPage(Asking, Surrounded, AlertAdmin):
    """An alert, and who looks after it."""

    questions = ALERT


@admin.register(InfrastructureCost)
class CostPage(Adding, Surrounded, InfrastructureCostAdmin):
    """What one thing costs."""

    adding = NEW_COST
