"""What an account's export holds of its VAT number: what VIES said of it, each time that it was asked."""

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import Account
from apps.accounts.registry import section
from apps.tax.models import Consultation
from apps.tax.objects import ConsultationObject, consultation_objects
from apps.tax.queries import consultations_of


def _of(account_id: UUID) -> QuerySet[Consultation]:
    """Of the number that it has now; another's who had it before are the same words about the same company."""
    return consultations_of(Account.objects.filter(pk=account_id).values_list("tax_id", flat=True))


section("tax_id_checks", ConsultationObject, rows=_of, show=consultation_objects)
