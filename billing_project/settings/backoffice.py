"""How staff's pages look: unfold's settings. Everything is served from here."""

from billing_project.settings.environment import LIVE

FORMAT_MODULE_PATH = "billing_project.formats"

_BLUE = ("239 246 255", "219 234 254", "191 219 254", "147 197 253", "96 165 250", "59 130 246", "37 99 235",
         "29 78 216", "30 64 175", "30 58 138", "23 37 84")  # fmt: skip
_WEIGHTS = ("50", *(str(weight) for weight in range(100, 1000, 100)), "950")

UNFOLD = {
    "SITE_TITLE": "Billing",
    "SITE_HEADER": "Billing",
    "SITE_SUBHEADER": "Back office",
    "SITE_SYMBOL": "receipt_long",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/favicon.svg"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": None if LIVE else ["Test mode", "info"],
    "STYLES": ["/static/backoffice.css"],
    "SCRIPTS": ["/static/backoffice.js"],
    "COLORS": {"primary": dict(zip(_WEIGHTS, _BLUE, strict=True))},
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "apps.backoffice.navigation.sidebar",
    },
}
