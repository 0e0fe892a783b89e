"""What invoices announce."""

from apps.events.declare import DomainEvent


class InvoiceCreated(DomainEvent):
    """An invoice is final: numbered, unchangeable, and owed."""

    type = "invoice.created"


class InvoicePaid(DomainEvent):
    """An invoice's balance came to 0."""

    type = "invoice.paid"


class CreditNoteCreated(DomainEvent):
    """What an invoice charged was taken back in part or in whole."""

    type = "credit_note.created"


class InvoiceVoided(DomainEvent):
    """An invoice counts no more. Its number stays used."""

    type = "invoice.voided"
