"""Rates, registrations and VAT numbers for staff, to read; and who sells, described anew by who may write settings."""

import base64
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from apps.kernel.admin import PartInline, RecordAdmin, allowed
from apps.kernel.columns import NOTHING, column, when
from apps.kernel.errors import DomainError
from apps.tax.actions import PROFILE, describe_seller
from apps.tax.models import Consultation, Registration, Seller, TaxId, TaxRate
from apps.tax.seller_rules import BIC, COLOR, LOGO_BYTES
from apps.tax.vat_rules import read

SETTINGS = "settings"
LABELS = {"line1": "Street", "line2": "Second line", "iban": "IBAN", "bic": "BIC", "country": "Country (DE)"}


@admin.register(TaxRate)
class TaxRateAdmin(RecordAdmin):
    resource = "tax_rates"
    list_display = ("jurisdiction", "category", "name", "rate", "valid", "source")
    search_fields = ("=jurisdiction", "=category")
    ordering = ("jurisdiction", "category", "valid")


@admin.register(Registration)
class RegistrationAdmin(RecordAdmin):
    resource = "tax_rates"
    list_display = ("country", "tax_id", "valid")
    search_fields = ("=country",)


NAME = column("name", lambda row: (row.latest and row.latest.name) or NOTHING)
CHECKED = column("checked_at", lambda row: when(row.latest.created_at if row.latest else None))
PROOF = column("consultation_number", lambda row: (row.latest and row.latest.consultation_number) or NOTHING)


class ConsultationInline(PartInline):
    """Each answer, the newest first."""

    model = Consultation
    fk_name = "about"
    verbose_name_plural = "What VIES said"
    fields = ("created_at", "status", "name", "address", "consultation_number", "requester", "request_date")


@admin.register(TaxId)
class TaxIdAdmin(RecordAdmin):
    resource = "tax_rates"
    list_display = ("number", "status", NAME, PROOF, CHECKED, "next_call_at", "last_error")
    list_filter: Any = ("status", "country")
    list_select_related = ("latest",)
    search_fields = ("number",)
    exact = ()
    search_help_text = "A whole VAT number or id"
    empty_hint = "VAT numbers of accounts come here by themselves, others by POST /v1/tax/ids."
    inlines = (ConsultationInline,)
    fields = (
        "number", "country", "status", CHECKED, NAME, PROOF, "watched", "next_call_at", "calls", "last_error",
        "lease_until", "created_at", "updated_at",
    )  # fmt: skip

    def found_by(self, term: str) -> models.Q:
        number = read(term)
        return super().found_by(term) | models.Q(number=str(number) if number else "")


class SellerForm(forms.ModelForm):
    """What a profile may say, as `describe_seller` takes it. The logo is a file here, a data URL there."""

    logo_file = forms.FileField(
        label="New logo", required=False, widget=UnfoldAdminFileFieldWidget,
        help_text=f"A PNG or SVG picture of at most {LOGO_BYTES // 1024} kB; without one the logo stays as it is.",
    )  # fmt: skip
    without_logo = forms.BooleanField(label="Take the logo off", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    country = forms.RegexField(r"^[A-Z]{2}$", error_messages={"invalid": "Two capitals, such as DE."})
    bic = forms.RegexField(BIC, required=False, error_messages={"invalid": "Eight or eleven capitals and digits."})
    brand_color = forms.RegexField(COLOR, error_messages={"invalid": "A colour such as #1f3a5f."})
    accent_color = forms.RegexField(COLOR, error_messages={"invalid": "A colour such as #5b6b7f."})

    class Meta:
        model = Seller
        fields = [name for name in PROFILE if name != "logo"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        for name, words in LABELS.items():
            if name in self.fields:
                self.fields[name].label = words
        for name, field in self.fields.items():
            if name in PROFILE:
                field.required = field.required or name in ("line1", "city")
                email = isinstance(field, forms.EmailField)
                field.widget = UnfoldAdminEmailInputWidget() if email else UnfoldAdminTextInputWidget()

    def clean_logo_file(self) -> str:
        """The data URL of what was sent, or nothing."""
        sent: UploadedFile | None = self.cleaned_data["logo_file"]
        if sent is None:
            return ""
        if sent.content_type not in ("image/png", "image/svg+xml"):
            raise forms.ValidationError("Choose a PNG or SVG picture.")
        if (sent.size or 0) > LOGO_BYTES:
            raise forms.ValidationError(f"The file has {sent.size:,} bytes; at most {LOGO_BYTES:,} are taken.")
        return f"data:{sent.content_type};base64,{base64.b64encode(sent.read()).decode()}"

    def profile(self, logo: str) -> dict[str, str]:
        """What `describe_seller` takes; `logo` is the one there is."""
        given = self.cleaned_data
        kept = "" if given["without_logo"] else logo
        return {**{name: given[name] for name in self._meta.fields or ()}, "logo": given["logo_file"] or kept}


@admin.register(Seller)
class SellerAdmin(RecordAdmin):
    """One row. Documents that are made from now on show what is said here."""

    resource = "invoices"
    form = SellerForm
    change_form_show_cancel_button = True
    changed_by = SETTINGS
    list_display = ("legal_name", "country", "updated_at")
    about = (
        ("Name and address", ("legal_name", "line1", "line2", "postal_code", "city", "region", "country")),
        ("Contact", ("email", "phone", "registration")),
        ("Bank", ("bank_name", "iban", "bic")),
    )

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        brand: tuple[str, ...] = ("brand_color", "accent_color", "footer", "logo_shown")
        if self.has_change_permission(request, obj):
            brand = (*brand, "logo_file", "without_logo", "seen")
        return [(title, {"fields": names}) for title, names in (*self.about, ("On documents", brand))]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return [name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return ["logo_shown"] if self.has_change_permission(request, obj) else self.get_fields(request, obj)

    @admin.display(description="logo")
    def logo_shown(self, seller: Seller) -> SafeString:
        return format_html('<img class="bo-logo" alt="logo" src="{}">', seller.logo) if seller.logo else NOTHING

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, SETTINGS, "write")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Shown as any record; a form that holds is one call of the action, which has the last word."""
        extra_context = {**(extra_context or {}), "show_save_and_continue": False}
        if request.method != "POST" or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        seller = self.get_object(request, object_id or "")
        form = SellerForm(request.POST, request.FILES, instance=seller)
        if seller is None or not form.is_valid():
            return super().changeform_view(request, object_id, form_url, extra_context)
        logo = Seller.objects.values_list("logo", flat=True).get(pk=seller.pk)
        actor: Any = request.user.actor  # type: ignore[union-attr]
        try:
            describe_seller(profile=form.profile(logo), expected_version=form.cleaned_data["seen"], actor=actor)
        except DomainError as refusal:
            messages.error(request, f"{refusal} {refusal.hint}")
        else:
            messages.success(request, "Documents that are made from now on say so.")
        return HttpResponseRedirect(request.path)
