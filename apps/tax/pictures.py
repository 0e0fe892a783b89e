"""Whether the typesetter can draw a picture: asked before a logo is kept, so that no document fails for it later."""

import json

import typst

from apps.tax.seller_rules import Logo, refused

_TRIAL = b"#set page(width: 6cm, height: auto); #image(bytes(json(bytes(sys.inputs.logo))), format: sys.inputs.kind)"


def demand_drawable(logo: Logo) -> None:
    """Refuse a picture that cannot be drawn.

    Errors: logo_invalid (422).
    """
    told = {"logo": json.dumps(list(logo.content)), "kind": logo.extension}
    try:
        typst.compile(_TRIAL, format="pdf", sys_inputs=told, ignore_system_fonts=True, font_paths=[])
    except typst.TypstError as error:
        raise refused(
            "logo", "logo_invalid", "The logo cannot be drawn.", f"Export it again as PNG or SVG: {error.message}"[:300]
        ) from error
