"""/v1/accounts"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.addresses import client_address
from apps.accounts import actions, queries
from apps.accounts.geo import locate
from apps.accounts.models import Account
from apps.accounts.objects import AccountObject, account_objects
from apps.accounts.registry import EXPANSIONS
from apps.accounts.rules import InvoiceGrouping, OverdueStatus
from apps.clocks.queries import now_by_clock, now_for
from apps.kernel import clock
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class AddressInput(inputs.Input):
    """A postal address, changed as a whole; the country is the account's own field."""

    line1 = inputs.CharField(max_length=255, required=False, allow_blank=True)
    line2 = inputs.CharField(max_length=255, required=False, allow_blank=True)
    city = inputs.CharField(max_length=255, required=False, allow_blank=True)
    region = inputs.CharField(max_length=255, required=False, allow_blank=True)
    postal_code = inputs.CharField(max_length=32, required=False, allow_blank=True)


class LocaleField(inputs.CharField):
    """A locale such as en_US or de."""

    default_error_messages = {"locale_unknown": "Not a locale; use one such as en_US, de_DE or ja."}

    def to_internal_value(self, data: Any) -> str:
        """The locale with an underscore."""
        name = super().to_internal_value(data).replace("-", "_")
        if not re.fullmatch(r"[A-Za-z]{2,3}(_[A-Za-z0-9]{2,8})*", name):
            self.fail("locale_unknown")
        try:
            Locale.parse(name)
        except (ValueError, UnknownLocaleError):
            self.fail("locale_unknown")
        return name


class OptionalField(inputs.CharField):
    """A string that may be missing: null, as answers show it, and the empty string are one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The string, empty when there is none."""
        return super().run_validation("" if data is None else data)


class AccountChange(inputs.Input):
    """What PATCH takes."""

    email = inputs.EmailField()
    name = inputs.CharField(max_length=255)
    external_key = inputs.ExternalKeyField(required=False, allow_null=True)
    currency = inputs.CurrencyField(required=False)
    timezone = inputs.TimezoneField(required=False)
    locale = LocaleField(required=False, max_length=35)
    country = inputs.CountryField(required=False)
    address = AddressInput(required=False)
    tax_exempt = inputs.BooleanField(required=False)
    tax_id = OptionalField(max_length=64)
    net_terms_days = inputs.IntegerField(min_value=0, max_value=365, required=False, allow_null=True)
    invoice_grouping = inputs.ChoiceField(choices=[InvoiceGrouping.SUBSCRIPTION.value], required=False)
    purchase_order = OptionalField(max_length=255)
    buyer_reference = OptionalField(max_length=255)
    metadata = inputs.MetadataField()


class AccountInput(AccountChange):
    """What POST takes: only email and name are needed."""

    test_clock_id = inputs.UUIDField(required=False, allow_null=True)


class DeletedAccount(AccountObject, kw_only=True, frozen=True):
    """An account that is deleted, and where all that is held about it can be had."""

    export_url: str


class AccountFilter(MetadataFilterMixin, ResourceFilterSet):
    id = filters.UUIDFilter()
    deleted = filters.BooleanFilter(method="narrow", label="Those that are deleted, and no others.")
    email = filters.CharFilter(lookup_expr="iexact", label="The whole address, however it is capitalised.")
    external_key = filters.CharFilter()
    currency = filters.CharFilter()
    overdue_status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in OverdueStatus])
    test_clock_id = filters.UUIDFilter(field_name="test_clock_id")

    class Meta:
        model = Account
        fields: list[str] = []

    def narrow(self, rows: QuerySet[Account], name: str, value: bool) -> QuerySet[Account]:  # noqa: FBT001 - a filter's
        """Those that are deleted, or not."""
        return rows.exclude(deleted_at=None) if value else rows.filter(deleted_at=None)


def _of_account(show: Callable[[UUID], Any]) -> Callable[[Account], Any]:
    return lambda account: show(account.pk)


class AccountViewSet(ResourceViewSet):
    """Accounts: who is billed, in one currency for ever, with days counted in their time zone."""

    resource = "accounts"
    queryset = queries.accounts()
    object_class = AccountObject
    filterset_class = AccountFilter
    customer_actions = frozenset({"list", "retrieve"})
    customer_expandable = frozenset({"latest_invoice"})
    account_lookup = "pk"
    expandable = {name: _of_account(show) for name, show in EXPANSIONS.items()}

    def filter_queryset(self, queryset: Any) -> Any:
        """A list is without those that are deleted, unless they are asked for, or one account is."""
        rows = super().filter_queryset(queryset)
        named = self.request.query_params.keys() & {"deleted", "id"}
        return rows if self.action != "list" or named else rows.filter(deleted_at=None)

    def render(self, rows: Any) -> list[AccountObject]:
        return account_objects(rows)

    @operation(input=AccountInput, output=AccountObject, status=201)
    def create(self, request: Request) -> Response:
        """Create an account; email and name are enough.

        Country and time zone start from where the caller's address is, if they are not given and that can be told.
        """
        fields = _located(request, self.parse(AccountInput))
        at = now_by_clock([fields.get("test_clock_id")]).get(fields.get("test_clock_id"), clock.wall())
        return self.created(actions.create(fields=fields, at=at, actor=self.actor))

    @operation(input=AccountChange, output=AccountObject)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change an account; a new time zone counts from the next period, the currency never changes."""
        account = self.get_object()
        changed = actions.update(
            account_id=account.pk,
            changes=self.parse(AccountChange),
            expected_version=self.expected_version(),
            at=now_for(account),
            actor=self.actor,
        )
        return self.ok(changed)

    @operation(output=DeletedAccount)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Delete an account to which nothing is sold any more; refused while anything is not settled.

        It is in no list then. What is held about it stays, and can be exported; its external_key is free.
        """
        account = self.get_object()
        gone = actions.delete(
            account_id=account.pk,
            expected_version=self.expected_version(),
            at=now_for(account),
            actor=self.actor,
        )
        return self.ok(gone, {"export_url": f"/v1/accounts/{gone.pk}/export"})


def _located(request: Request, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with country and time zone of the caller's address where they are missing; the currency never."""
    place = None if {"country", "timezone"} <= fields.keys() else locate(str(client_address(request) or ""))
    if place is None:
        return fields
    guessed = {"country": place.country, "timezone": place.timezone}
    return {name: value for name, value in guessed.items() if value} | fields
