"""The words of the invoice document, one table; a language that is not in it reads English."""

from collections.abc import Mapping

LANGUAGES = ("en", "de", "fr", "es", "ja")

_WORDS: Mapping[str, tuple[str, str, str, str, str]] = {
    "invoice": ("Invoice", "Rechnung", "Facture", "Factura", "請求書"),
    "credit_note": ("Credit note", "Gutschrift", "Avoir", "Nota de crédito", "クレジットノート"),
    "credit_note_number": (
        "Credit note number", "Gutschriftnummer", "Numéro d\u2019avoir", "Número de nota de crédito", "番号",
    ),
    "credited": ("{amount} credited", "{amount} gutgeschrieben", "{amount} crédités", "{amount} abonados", "{amount}"),
    "draft": ("Draft", "Entwurf", "Brouillon", "Borrador", "下書き"),
    "void": ("Void", "Storniert", "Annulée", "Anulada", "無効"),
    "bill_to": ("Bill to", "Rechnung an", "Facturé à", "Facturar a", "請求先"),
    "from": ("From", "Von", "De", "De", "発行元"),
    "number": ("Invoice number", "Rechnungsnummer", "Numéro de facture", "Número de factura", "請求書番号"),
    "issued": ("Issue date", "Rechnungsdatum", "Date d\u2019émission", "Fecha de emisión", "発行日"),
    "due": ("Due date", "Fällig am", "Date d\u2019échéance", "Fecha de vencimiento", "支払期限"),
    "purchase_order": ("Purchase order", "Bestellnummer", "Bon de commande", "Orden de compra", "注文番号"),
    "buyer_reference": ("Your reference", "Ihr Zeichen", "Votre référence", "Su referencia", "お客様参照番号"),
    "tax_id": ("Tax ID", "USt-IdNr.", "N° de TVA", "NIF/IVA", "税務番号"),
    "description": ("Description", "Beschreibung", "Désignation", "Descripción", "内容"),
    "quantity": ("Quantity", "Menge", "Quantité", "Cantidad", "数量"),
    "unit_price": ("Unit price", "Einzelpreis", "Prix unitaire", "Precio unitario", "単価"),
    "discount": ("Discount", "Rabatt", "Remise", "Descuento", "割引"),
    "tax_rate": ("Tax", "Steuer", "Taxe", "Impuesto", "税率"),
    "amount": ("Amount", "Betrag", "Montant", "Importe", "金額"),
    "subtotal": ("Subtotal", "Zwischensumme", "Sous-total", "Subtotal", "小計"),
    "tax": ("Tax", "Steuer", "Taxes", "Impuestos", "税額"),
    "total": ("Total", "Gesamtbetrag", "Total", "Total", "合計"),
    "credits": ("Credit applied", "Verrechnetes Guthaben", "Avoir utilisé", "Crédito aplicado", "クレジット充当"),
    "paid": ("Paid", "Bezahlt", "Payé", "Pagado", "支払済み"),
    "adjusted": ("Adjusted", "Berichtigt", "Régularisé", "Ajustado", "調整"),
    "open": ("Amount due", "Offener Betrag", "Montant dû", "Importe pendiente", "お支払い金額"),
    "paid_on": ("Paid on {date}", "Bezahlt am {date}", "Payée le {date}", "Pagada el {date}", "{date} 支払済み"),
    "due_by": (
        "{amount} due by {date}", "{amount} zahlbar bis {date}", "{amount} à payer avant le {date}",
        "{amount} a pagar hasta el {date}", "{date} までに {amount} をお支払いください",
    ),
    "nothing_due": (
        "Nothing to pay", "Kein Betrag offen", "Aucun montant dû", "Nada que pagar", "お支払いは不要です",
    ),
    "not_final": (
        "This is a draft and not a demand for payment.", "Dies ist ein Entwurf und keine Zahlungsaufforderung.",
        "Ceci est un brouillon, aucun paiement n\u2019est demandé.", "Esto es un borrador, no una solicitud de pago.",
        "これは下書きであり、支払請求ではありません。",
    ),
    "tax_table": ("Tax breakdown", "Steueraufschlüsselung", "Détail des taxes", "Desglose de impuestos", "税の内訳"),
    "jurisdiction": ("Jurisdiction", "Steuergebiet", "Juridiction", "Jurisdicción", "管轄"),
    "rate": ("Rate", "Satz", "Taux", "Tipo", "税率"),
    "taxable": ("Net amount", "Nettobetrag", "Montant net", "Base imponible", "対象額"),
    "exempt": (
        "Exempt from tax", "Steuerbefreit", "Exonéré de taxe", "Exento de impuestos", "非課税",
    ),
    "not_registered": (
        "No tax is charged: the seller is not registered for tax there.",
        "Keine Steuer: Der Verkäufer ist dort nicht steuerlich registriert.",
        "Aucune taxe : le vendeur n\u2019y est pas immatriculé.",
        "Sin impuesto: el vendedor no está registrado allí.",
        "販売者は当該地域の課税登録をしていないため、課税されません。",
    ),
    "reverse_charge": (
        "Reverse charge: the recipient accounts for the tax.", "Steuerschuldnerschaft des Leistungsempfängers",
        "Autoliquidation", "Inversión del sujeto pasivo", "リバースチャージ、受領者が税を申告します。",
    ),
    "pay_to": ("Bank transfer", "Überweisung", "Virement bancaire", "Transferencia bancaria", "お振込先"),
    "bank": ("Bank", "Bank", "Banque", "Banco", "銀行"),
    "reference": ("Reference", "Verwendungszweck", "Référence", "Referencia", "振込参照"),
    "notes": ("Notes", "Hinweise", "Remarques", "Notas", "備考"),
    "page": ("Page {page} of {pages}", "Seite {page} von {pages}", "Page {page} sur {pages}",
             "Página {page} de {pages}", "{page} / {pages} ページ"),
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """All words in one language."""
    column = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {name: said[column] for name, said in _WORDS.items()}
