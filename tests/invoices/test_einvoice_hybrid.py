"""Factur-X: a PDF/A-3 whose attachment is the e-invoice, and whose metadata say so."""

import io
from uuid import uuid4

import facturx
import pypdf
import pytest
from lxml import etree

from apps.invoices import document
from apps.invoices.einvoice.hybrid import declared, factur_x
from apps.invoices.einvoice.rendering import Syntax, render
from tests.accounts.calls import Api, faults
from tests.factories.einvoices import bill, plain, reverse_charge, selling, to_the_balance, yen

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [plain, reverse_charge, yen, to_the_balance], ids=lambda make: make.__name__)
def test_the_e_invoice_is_inside(make) -> None:
    one = make()
    made = factur_x(one)
    name, xml = facturx.get_xml_from_pdf(made, check_xsd=True, check_schematron=False)
    assert (name, xml) == ("factur-x.xml", render(one, Syntax.CII))
    read, bare = pypdf.PdfReader(io.BytesIO(made), strict=True), pypdf.PdfReader(io.BytesIO(document.render(one.pk)))
    assert [page.extract_text() for page in read.pages] == [page.extract_text() for page in bare.pages]
    [filed] = read.trailer["/Root"]["/AF"]  # type: ignore[index]
    assert filed.get_object()["/AFRelationship"] == "/Alternative"
    assert filed.get_object()["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"


def test_the_metadata_say_what_it_is() -> None:
    made = factur_x(plain())
    metadata = pypdf.PdfReader(io.BytesIO(made)).trailer["/Root"]["/Metadata"].get_object().get_data()  # type: ignore[index]
    told = etree.fromstring(metadata)
    assert {each.tag.removeprefix(FX): each.text for each in told.iter(f"{FX}*")} == {
        "DocumentType": "INVOICE", "DocumentFileName": "factur-x.xml", "Version": "1.0", "ConformanceLevel": "EN 16931",
    }  # fmt: skip
    names = [each.text for each in told.iter("{http://www.aiim.org/pdfa/ns/property#}name")]
    assert {"DocumentType", "DocumentFileName", "Version", "ConformanceLevel"} <= set(names)
    spaces = [each.text for each in told.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")]
    assert FX.strip("{}") in spaces
    assert [each.text for each in told.iter("{http://www.aiim.org/pdfa/ns/id/}part")] == ["3"]


def test_the_same_bytes_each_time() -> None:
    one = plain()
    assert factur_x(one) == factur_x(one)


def test_what_is_no_document_of_the_typesetters_is_refused() -> None:
    with pytest.raises(ValueError, match="typesetter"):
        declared(b"%PDF-1.7\n")


@pytest.mark.fr("FR-056")
def test_by_the_api() -> None:
    api, one = Api("finance_viewer"), plain()
    path = f"/invoices/{one.pk}/pdf"
    assert api.get(f"{path}?format=pdf").content == api.get(path).content == document.render(one.pk)
    answer = api.get(f"{path}?format=factur-x")
    assert (answer.content, answer.headers["Content-Type"]) == (factur_x(one), "application/pdf")
    assert api.get(f"{path}?format=factur-x", If_None_Match=answer.headers["ETag"]).status_code == 304
    assert api.get(f"{path}?format=zugferd").json()["code"] == "format_unknown"
    assert api.get(f"/invoices/{uuid4()}/pdf?format=factur-x").status_code == 404


def test_what_it_lacks_is_said_and_the_plain_pdf_still_comes() -> None:
    selling(number="")
    api, one = Api(), bill()
    refused = api.get(f"/invoices/{one.pk}/pdf?format=factur-x")
    assert (refused.status_code, faults(refused)) == (409, {("/seller/tax_id", "einvoice_term_missing")})
    assert api.get(f"/invoices/{one.pk}/pdf").status_code == 200
