"""Factur-X, in Germany ZUGFeRD: the PDF that people read with the XML that programs book inside it.

The typesetter attaches the file and makes PDF/A-3. What it cannot say is that the file is a Factur-X one: that stands
in the PDF's metadata, which are written anew behind its end, as PDF lets one change a document.
"""

import re

from apps.invoices.document import documents
from apps.invoices.document_press import press
from apps.invoices.einvoice.rendering import Syntax, render
from apps.invoices.models import Invoice

FILE = "factur-x.xml"
LEVEL = "EN 16931"
SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_SAID = {
    "DocumentType": ("INVOICE", "What the file is"),
    "DocumentFileName": (FILE, "The name of the file"),
    "Version": ("1.0", "The version of its data"),
    "ConformanceLevel": (LEVEL, "The profile of its data"),
}
_METADATA = re.compile(rb"\n(\d+) 0 obj\s<</Length (\d+)/Type/Metadata/Subtype/XML>>\sstream\r?\n")
_END = re.compile(rb"trailer\s<<(.*)>>\sstartxref\s(\d+)\s%%EOF\s*$", re.DOTALL)
_SCHEMAS_END = b"</rdf:Bag></pdfaExtension:schemas>"
_ALL_END = b"</rdf:Description></rdf:RDF>"


def factur_x(invoice: Invoice) -> bytes:
    """The invoice's document with its e-invoice inside. Errors: those of the e-invoice."""
    xml = render(invoice, Syntax.CII)
    document = documents([invoice.pk])[invoice.pk]
    attached = {"name": FILE, "content": xml.decode(), "description": f"Factur-X, {LEVEL}"}
    return declared(press("invoice.typ", {**document.shown, "attached": attached}, day=document.day))


def declared(pdf: bytes) -> bytes:
    """The PDF, whose metadata say that it is Factur-X: the one object is written again, and found before the first."""
    found, end = _METADATA.search(pdf), _END.search(pdf)
    if found is None or end is None:
        raise ValueError("the typesetter writes PDF otherwise than it did")
    number, told = int(found[1]), pdf[found.end() : found.end() + int(found[2])]
    schema, values = _schema().encode(), _values().encode()
    told = told.replace(_SCHEMAS_END, schema + _SCHEMAS_END, 1).replace(_ALL_END, values + _ALL_END, 1)
    if schema not in told or values not in told:
        raise ValueError("the typesetter writes metadata otherwise than it did")
    head = f"\n{number} 0 obj\n<</Length {len(told)}/Type/Metadata/Subtype/XML>>\nstream\n".encode()
    added = head + told + b"\nendstream\nendobj\n"
    table = f"xref\n{number} 1\n{len(pdf) + 1:010} 00000 n\r\ntrailer\n<<".encode()
    last = f"/Prev {int(end[2])}>>\nstartxref\n{len(pdf) + len(added)}\n%%EOF\n".encode()
    return pdf + added + table + end[1] + last


def _values() -> str:
    written = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _SAID.items())
    return f'</rdf:Description><rdf:Description rdf:about="" xmlns:fx="{SPACE}">{written}'


def _schema() -> str:
    """PDF/A wants each name that is not of its own explained."""
    explained = "".join(
        '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
        f"<pdfaProperty:description>{what}</pdfaProperty:description><pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        for name, (_, what) in _SAID.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{explained}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
