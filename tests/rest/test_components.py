"""Names of components: one type each, or no document."""

from enum import StrEnum
from typing import Any

import pytest
from drf_spectacular.plumbing import ComponentRegistry

from apps.invoices.objects import InvoiceObject
from apps.invoices.rules import Kind
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel.periods import Unit
from apps.payments.rules import MethodStatus
from apps.payments.rules import Status as PaymentStatus
from apps.rest.components import NameTaken, claim, component_name, schemas
from apps.rest.objects import ApiObject
from apps.subscriptions.rules.lifecycle import Status as SubscriptionStatus


class BothObject(ApiObject):
    invoice: InvoiceStatus
    payments: list[PaymentStatus]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (InvoiceObject, "Invoice"), (InvoiceStatus, "InvoiceStatus"), (PaymentStatus, "PaymentStatus"),
        (SubscriptionStatus, "SubscriptionStatus"), (MethodStatus, "MethodStatus"), (Kind, "InvoiceKind"),
        (Unit, "Unit"),
    ],
)  # fmt: skip
def test_a_component_is_named_after_its_noun(kind: Any, name: str) -> None:
    assert component_name(kind) == name


def test_types_of_one_name_inside_one_object_are_told_apart() -> None:
    found = schemas(BothObject)
    assert set(found) == {BothObject, InvoiceStatus, PaymentStatus}
    assert found[BothObject]["properties"] == {
        "invoice": {"$ref": "#/components/schemas/InvoiceStatus"},
        "payments": {"type": "array", "items": {"$ref": "#/components/schemas/PaymentStatus"}},
    }
    assert set(found[PaymentStatus]["enum"]) == set(PaymentStatus)


def test_two_types_of_one_name_end_the_generation() -> None:
    other = StrEnum("InvoiceStatus", ["OPEN"])
    registry = ComponentRegistry()
    for _ in range(2):
        claim(registry, component_name(InvoiceStatus), InvoiceStatus)
    with pytest.raises(NameTaken, match="InvoiceStatus in the document"):
        claim(registry, component_name(other), other)
