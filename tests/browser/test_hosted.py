"""A customer's browser on an invoice's page: on a phone, without scripts, in both colour schemes."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, Route

from apps.invoices.links import account_link, invoice_link
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.payments.models import Payment
from apps.subscriptions.actions.change import change
from apps.subscriptions.due import run
from apps.tax.actions import describe_seller
from tests.factories.accounts import make_account
from tests.factories.payments import attach, run_sweep
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import registered
from tests.payments.conftest import process, sandbox  # noqa: F401 - fixtures
from tests.scenarios.stack import wait_until
from tests.stripe_sandbox.conftest import KEY, Sandbox
from tests.subscriptions.lives import WALL

pytestmark = [pytest.mark.fr("FR-065"), pytest.mark.fr("SC-021")]
PHONE = {"width": 360, "height": 740}

# Every text with what lies behind it: how far apart they are, and what has no name.
CHECK = """() => {
  const part = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const bright = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.matches(".skip") || !element.checkVisibility()) continue;
    const [one, two] = [bright(numbers(getComputedStyle(element).color)), bright(behind(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) found.push(`${element.tagName} ${element.textContent.trim()} ${ratio.toFixed(2)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("h1");
  const levels = [...document.querySelectorAll("h1,h2,h3")].map(element => Number(element.tagName[1]));
  levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) found.push(`heading ${at} skips a level`); });
  for (const element of document.querySelectorAll("a, button, select, input:not([type=hidden]), img")) {
    const name = element.textContent.trim() || element.alt || element.getAttribute("aria-label")
      || (element.labels && element.labels.length);
    if (!name) found.push(`no name: ${element.outerHTML}`);
  }
  for (const element of document.querySelectorAll("button, .button")) {
    if (element.checkVisibility() && element.getBoundingClientRect().height < 44) found.push("small button");
  }
  if (!document.documentElement.lang || !document.title || !document.querySelector("main")) found.push("lang or title");
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) found.push(`scrolls sideways: ${wide} of ${innerWidth}`);
  return found;
}"""


@pytest.fixture
def gateway(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:  # noqa: F811 - the fixture
    """Web, which starts later, has the same sandbox as the test."""
    monkeypatch.setenv("STRIPE_API_BASE", sandbox.url)
    monkeypatch.setenv("STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("STRIPE_SETUP_URL", f"{sandbox.url}/_sandbox/setup")
    return sandbox


@pytest.fixture
def worker(own_server: str, settings: Any) -> Iterator[None]:
    """Collects what the page opens."""
    settings.BILLING_URL = own_server
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            run_sweep(1)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def second_bill(**fields: Any) -> Invoice:
    """The second month of a team that has grown, from a seller with a look of its own."""
    registered("DE")
    profile = {
        "legal_name": "Lovelace Analytics GmbH", "email": "billing@lovelace.example", "bank_name": "Musterbank",
        "iban": "DE89370400440532013000", "brand_color": "#0f766e",
    }  # fmt: skip
    describe_seller(profile=profile, actor=ACTOR)
    plan = make_plan(name="Team", prices={"EUR": 4900})
    account = make_account(country="DE", currency="EUR", name="Ada Byron", **fields)
    made = make_subscription(account=account, plan=plan, at=AT, quantity=3)
    change(subscription_id=made.pk, quantity=5, effective="period_end", at=AT, actor=ACTOR)
    run(datetime(2026, 5, 1, 12, tzinfo=UTC), WALL)
    return Invoice.objects.order_by("-pk")[0]


def path(url: str) -> str:
    return url[url.index("/pay/") :]


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/hosted-{name}.png", full_page=True)


@pytest.mark.fr("SC-027")
@pytest.mark.fr("B-16")
def test_a_phone_without_scripts(gateway: Sandbox, own_server: str, worker: None, browser: Browser) -> None:
    """No card, a new card that its bank wants confirmed, each payment too: read, saved, confirmed, paid."""
    one = second_bill()
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(own_server + path(invoice_link(one.pk, at=clock.wall())))
    assert page.get_by_role("heading", name="Why did my bill change?").is_visible()
    assert "Quantity of Team: 5 instead of 3" in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert download.value.suggested_filename == f"{one.number}.pdf"
    page.get_by_role("button", name="Add a payment method").click()
    page.get_by_label("Card").select_option("authenticationRequired")
    page.get_by_role("button", name="Save this card").click()
    page.wait_for_url("**?said=saved")
    assert "your new payment method is saved" in page.inner_text("main")
    page.get_by_role("link", name="Confirm at your bank").click()
    page.wait_for_url("**redirect_status=*")
    while "settled" not in page.inner_text("main"):
        Payment.objects.filter(status="PENDING").update(next_call_at=clock.wall())
        page.get_by_role("link", name="See how it went").click()
    assert len(gateway.charges(invoice_id=str(one.pk))) == 1


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_it_can_be_read(gateway: Sandbox, own_server: str, worker: None, browser: Browser, scheme: Any) -> None:
    """Contrast, names, headings, sizes: on a phone and on a desk, in each state."""
    account_owner = second_bill(locale="de_DE")
    link = path(invoice_link(account_owner.pk, at=clock.wall()))
    first = Invoice.objects.order_by("pk")[0]
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if "status of 4" not in said.text else None)
    for name, where in (
        ("no-card", link), ("account", path(account_link(account_owner.account_id, at=clock.wall()))),
        ("not-valid", "/pay/none"), ("over", path(invoice_link(first.pk, at=datetime(2020, 1, 1, tzinfo=UTC)))),
    ):  # fmt: skip
        page.goto(own_server + where)
        shoot(page, f"{name}-{scheme}-phone")
        assert page.evaluate(CHECK) == [], name
    attach(account_owner.account)
    page.wait_for_timeout(1500)
    page.goto(own_server + link)
    assert "beglichen" in page.inner_text("main")
    shoot(page, f"paid-{scheme}-phone")
    assert page.evaluate(CHECK) == []
    wide = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme=scheme).new_page()
    card = attach(account_owner.account, "pm_card_chargeCustomerFail", set_as_default=True)
    assert card.is_default
    run(datetime(2026, 6, 1, 12, tzinfo=UTC), WALL)
    third = Invoice.objects.order_by("-pk")[0]
    wide.wait_for_timeout(1500)
    wide.goto(own_server + path(invoice_link(third.pk, at=clock.wall())))
    shoot(wide, f"declined-{scheme}-desk")
    assert wide.evaluate(CHECK) == []
    wide.keyboard.press("Tab")
    assert wide.evaluate("document.activeElement.className") == "skip"
    wide.keyboard.press("Enter")
    wide.keyboard.press("Tab")
    assert wide.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert "Jetzt" in wide.evaluate("document.activeElement.textContent")
    wide.get_by_role("button", name="Jetzt").dblclick()
    wait_until(lambda: Payment.objects.filter(invoice=third, status="FAILED").count() == 2, 10)
    wide.wait_for_timeout(1000)
    assert Payment.objects.filter(invoice=third).count() == 2, "two clicks are one try"
    assert faults == []


STRIPE = """window.Stripe = (key, options) => ({
  elements: given => ({ create: kind => ({
    on: (name, ready) => ready(),
    mount: place => {
      document.querySelector(place).dataset.given = [key, options.locale, given.clientSecret, kind].join(" ");
    },
  }) }),
  confirmSetup: async ({ confirmParams }) => {
    if (!window.asked) { window.asked = true; return { error: { message: "Your card number is incomplete." } }; }
    location.href = `${confirmParams.return_url}?setup_intent=seti_none`;
    return {};
  },
});"""


def test_stripes_form(
    gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, browser: Browser
) -> None:
    """With Stripe's script as it answers: what it is given, an error that stays, and the way back."""
    monkeypatch.setenv("STRIPE_SETUP_URL", "")
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_test_" + "p" * 24)
    own_server = request.getfixturevalue("own_server")
    one = second_bill()
    page = browser.new_context(viewport=PHONE).new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text))

    def script(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=STRIPE)

    page.route("https://js.stripe.com/**", script)
    page.goto(own_server + path(invoice_link(one.pk, at=clock.wall())))
    page.get_by_role("button", name="Add a payment method").click()
    given = str(page.locator("#method-form[data-given]").get_attribute("data-given")).split()
    assert (given[0], given[1], given[3]) == ("pk_test_" + "p" * 24, "en", "payment")
    assert given[2].startswith("seti_")
    shoot(page, "form-phone")
    assert page.evaluate(CHECK) == []
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("alert").inner_text() == "Your card number is incomplete."
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**?said=refused")
    assert "was not accepted" in page.inner_text("main")
    assert faults == []
