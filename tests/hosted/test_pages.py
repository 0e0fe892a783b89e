"""An invoice's page: what it says in each state, to whom, and what its buttons do. Real gateway code, real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from apps.access import window
from apps.accounts.models import Account
from apps.hosted.rules import LINK_LIMIT
from apps.invoices.links import account_link, invoice_link
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.monitoring.redaction import processor
from apps.notifications.models import Message
from apps.payments.models import Payment, PaymentMethod
from apps.subscriptions.actions.void import void
from tests.factories.invoices import draft, invoice, payer
from tests.factories.payments import ACTOR, AT, attach, known_method, opened, run_sweep
from tests.factories.subscriptions import make_subscription
from tests.hosted.conftest import Visitor, link, visitor
from tests.hosted.elsewhere import choose, gone
from tests.stripe_sandbox.conftest import Sandbox

pytestmark = pytest.mark.fr("FR-065")


def declined(account: Account, sandbox: Sandbox, outcome: str = "insufficient_funds") -> Invoice:
    """An open invoice whose first charge was declined."""
    card = attach(account)
    sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.gateway_id, "outcome": outcome})
    one = invoice(4900, account=account)
    run_sweep()
    sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.gateway_id, "outcome": "success"})
    return one


def charges(one: Invoice, sandbox: Sandbox) -> int:
    return len(sandbox.charges(invoice_id=str(one.pk)))


def test_what_failed_is_paid_by_a_click(books: str, sandbox: Sandbox) -> None:
    one = declined(payer(), sandbox)
    browser = visitor(one)
    assert "The last try did not go through. The bank says that there was not enough money" in browser.text
    assert "Visa ending in 4242" in browser.text
    assert (browser.press("pay"), browser.answer["Location"]) == (303, browser.url)
    assert browser.follow() == 200
    assert "Your payment of $49.00 is under way" in browser.text
    assert '/pay"' not in browser.text, "what is under way has no button to pay"
    run_sweep()
    browser.open()
    assert "This invoice is settled. Thank you!" in browser.text
    paid = Payment.objects.get(invoice=one, status="SUCCEEDED")
    assert (paid.attempt, paid.origin) == (2, "page")
    assert charges(one, sandbox) == 1


def test_the_page_waits_for_the_charge_a_moment(books: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.hosted.pages.WAIT", 10)
    one = declined(payer(), sandbox)
    browser = visitor(one)

    def worker() -> None:
        try:
            while not Payment.objects.filter(invoice=one, status="PENDING").exists():
                clock.pause(0.05)
            run_sweep()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(worker)
        assert browser.press("pay") == 303
        browser.follow()
        done.result()
    assert "This invoice is settled" in browser.text


@pytest.mark.fr("SC-012")
def test_two_clicks_are_one_charge(books: str, sandbox: Sandbox) -> None:
    """At the same time, and one after the other from the same page: also when the first was declined at once."""
    account = payer()
    one = declined(account, sandbox)
    pages = [visitor(one) for _ in range(4)]

    def click(page: Visitor) -> int:
        try:
            return page.press("pay")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(click, pages)) == [303] * 4
    assert Payment.objects.filter(invoice=one).count() == 2
    card = PaymentMethod.objects.get(account=account)
    sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.gateway_id, "outcome": "do_not_honor"})
    run_sweep()
    again = visitor(one)
    assert again.press("pay", attempt="1") == 303
    assert again.open() == 200
    assert again.press("pay", attempt="nonsense") == 303
    assert Payment.objects.filter(invoice=one).count() == 2
    assert charges(one, sandbox) == 0


@pytest.mark.fr("SC-027")
def test_a_new_card_is_the_default_and_pays(books: str, form: Sandbox) -> None:
    account = payer()
    one = invoice(4900, account=account)
    browser = visitor(one)
    assert "We have no payment method of yours yet." in browser.text
    assert browser.press("method") == 303
    there = browser.answer["Location"]
    assert there.startswith(f"{form.url}/_sandbox/setup?client_secret=seti_")
    back = choose(there, "visa")
    assert browser.open(back) == 303
    assert browser.follow() == 200
    assert "your new payment method is saved" in browser.text
    run_sweep()
    browser.open()
    assert "This invoice is settled" in browser.text
    assert PaymentMethod.objects.get(account=account, is_default=True).card_last4 == "4242"
    assert opened(one).origin == "page"
    assert browser.open(back) == 303, "opened twice it is the same method"
    assert PaymentMethod.objects.filter(account=account, status="ACTIVE").count() == 1
    assert charges(one, form) == 1


def test_another_card_takes_the_place_of_one_that_fails(books: str, form: Sandbox) -> None:
    account = payer()
    one = declined(account, form, "stolen_card")
    browser = visitor(one)
    assert browser.press("method") == 303
    back = choose(browser.answer["Location"], "mastercard")
    assert (browser.open(back), browser.answer["Location"]) == (303, f"{browser.url}?said=saved")
    run_sweep()
    assert Invoice.objects.get(pk=one.pk).status == "PAID"
    assert PaymentMethod.objects.get(account=account, is_default=True).card_brand == "mastercard"
    assert charges(one, form) == 1


def test_a_card_that_is_not_taken(books: str, form: Sandbox) -> None:
    one = invoice(4900, account=payer())
    browser = visitor(one)
    browser.press("method")
    there = browser.answer["Location"]
    assert choose(there, "chargeDeclined", status=402) == "Your card was declined."
    for asked in (f"setup_intent={there.split('client_secret=')[1].split('_secret_')[0]}", "setup_intent=seti_none",
                  "setup_intent=pm_card_visa", ""):  # fmt: skip
        assert browser.open(f"{browser.url}/method/done?{asked}") == 303
        assert browser.answer["Location"].endswith("?said=refused"), asked
    browser.follow()
    assert "was not accepted. Please try another one" in browser.text
    assert not PaymentMethod.objects.filter(status="ACTIVE").exists()


@pytest.mark.fr("FR-003")
def test_nobody_else_s_card_is_taken(books: str, form: Sandbox) -> None:
    """A setup that was begun for one account is refused on the page of another."""
    mine, other = (visitor(invoice(4900, account=payer())) for _ in range(2))
    mine.press("method")
    back = choose(mine.answer["Location"], "visa")
    query = back.partition("?")[2]
    assert other.open(f"{other.url}/method/done?{query}") == 303
    assert other.answer["Location"].endswith("said=refused")
    assert not PaymentMethod.objects.filter(status="ACTIVE").exists()


def test_a_bank_that_wants_its_customer(books: str, form: Sandbox) -> None:
    account = payer()
    one = invoice(4900, account=account)
    browser = visitor(one)
    browser.press("method")
    bank = choose(browser.answer["Location"], "authenticationRequired")
    assert "/_sandbox/authenticate?intent=seti_" in bank
    browser.open(gone(bank))
    run_sweep()
    browser.open()
    payment = opened(one)
    assert "Your bank wants you to confirm the payment of $49.00" in browser.text
    assert f'href="{payment.action_url}"' in browser.text
    assert '/pay"' not in browser.text
    returned = gone(payment.action_url)
    assert returned.startswith(invoice_link(one.pk, at=payment.created_at))
    assert browser.open(returned) == 200
    assert "is under way" in browser.text, "the bank's link is used: it is not shown again"
    Payment.objects.filter(pk=payment.pk).update(next_call_at=clock.wall())
    run_sweep()
    browser.open(returned)
    assert "This invoice is settled" in browser.text
    assert charges(one, form) == 1


@pytest.mark.fr("FR-062")
def test_the_gateway_is_asked_the_same_again(books: str, form: Sandbox) -> None:
    """Killed between the bank's wish and our note of its link: the repeated call has the same address to return to."""
    account = payer()
    card = attach(account)
    strict = form.client().v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": account.gateway_customer.gateway_id}
    )
    PaymentMethod.objects.filter(pk=card.pk).update(gateway_id=strict.id)
    one = invoice(4900, account=account)
    Payment.objects.filter(invoice=one).update(created_at=clock.wall() - timedelta(days=3))
    form.fault(kind="timeout_after", operation="POST /v1/payment_intents/*/confirm", count=1, seconds=0)
    run_sweep()
    assert opened(one).action_url == ""
    Payment.objects.filter(invoice=one).update(next_call_at=clock.wall())
    run_sweep()
    payment = opened(one)
    assert payment.action_url
    intent: Any = form.client().v1.payment_intents.retrieve(str(payment.gateway_transaction_id))
    back = intent.next_action.redirect_to_url.return_url
    assert back == invoice_link(one.pk, at=payment.created_at) != invoice_link(one.pk, at=clock.wall())


def test_the_gateway_is_away(books: str, form: Sandbox, settings: Any) -> None:
    browser = visitor(invoice(4900, account=payer()))
    form.fault(kind="error_before", operation="POST /v1/*", count=9)
    assert browser.press("method") == 303
    assert browser.follow() == 200
    assert "does not answer right now" in browser.text
    settings.STRIPE_SETUP_URL = ""
    browser.press("method")
    browser.follow()
    assert "cannot be changed on this page yet" in browser.text


def test_void_and_its_place(books: str) -> None:
    make_subscription(at=AT)
    one = Invoice.objects.get()
    void(invoice_id=one.pk, reason="wrong <b>price</b>", at=AT, actor=ACTOR)
    other = Invoice.objects.get(replaces=one)
    browser = visitor(one)
    assert "This invoice was cancelled. Please do not pay it." in browser.text
    assert f"See invoice {other.number}" in browser.text
    assert link(other) in browser.text
    assert "wrong" not in browser.text, "why is for the books"
    assert "<form" not in browser.text
    found = browser.client.get(f"{browser.url}/document")
    assert (found["Content-Type"], found.content[:5]) == ("application/pdf", b"%PDF-")


def test_links_that_lead_nowhere(books: str, settings: Any) -> None:
    one = invoice(4900, account=payer())
    good = link(one)
    for broken in (good[:-3] + "AAA", "/pay/none", f"/pay/{'x' * 3000}", "/pay/%00", good.replace("/pay/i", "/pay/a")):
        for path in (broken, f"{broken}/document", f"{broken}/method/done"):
            answer = Client().get(path)
            assert answer.status_code == 404, path
            assert b"This link is not valid" in answer.content
        for path in ("pay", "method", "link"):
            assert Client().post(f"{broken}/{path}").status_code == 404
    unfinished = Invoice.objects.create(
        account=one.account, kind="one_off", currency="USD", subtotal=1, total=1, status="DRAFT"
    )
    assert Client().get(link(unfinished)).status_code == 404
    assert draft(one.account).account_id == one.account_id


def test_an_old_link_is_answered_by_mail(books: str, settings: Any) -> None:
    one = invoice(4900, account=payer(locale="de_DE"))
    old = invoice_link(one.pk, at=clock.wall() - timedelta(days=settings.BILLING_LINK_DAYS + 1))
    browser = Visitor(old[old.index("/pay/") :])
    assert browser.open() == 410
    assert "Dieser Link ist abgelaufen" in browser.text
    assert str(one.number) not in browser.text
    assert "49,00" not in browser.text
    for path in ("document", "method/done"):
        assert browser.client.get(f"{browser.url}/{path}").status_code == 410
    before = Message.objects.count()
    assert browser.press("link") == 200
    assert "Er ist unterwegs" in browser.text
    assert "/pay/" not in browser.text, "who holds an old link is not shown a new one"
    assert Message.objects.count() == before + 1
    assert Message.objects.latest("pk").to == one.account.email
    over = account_link(one.account_id, at=clock.wall() - timedelta(days=settings.BILLING_LINK_DAYS + 1))
    assert Visitor(over[over.index("/pay/") :]).open() == 410


def test_an_account_s_page_renews_its_card(books: str, form: Sandbox) -> None:
    account = payer()
    attach(account)
    url = account_link(account.pk, at=clock.wall())
    browser = Visitor(url[url.index("/pay/") :])
    assert browser.open() == 200
    assert "Visa ending in 4242, valid to 12/" in browser.text
    browser.press("method")
    browser.open(choose(browser.answer["Location"], "mastercard"))
    browser.follow()
    assert "Mastercard ending in 4444" in browser.text
    for path in ("pay", "link"):
        assert Client().post(f"{browser.url}/{path}").status_code in (404, 410)
    assert browser.client.get(f"{browser.url}/document").status_code == 404


def test_forms_come_from_the_page(books: str, sandbox: Sandbox) -> None:
    one = declined(payer(), sandbox)
    stranger = Client(enforce_csrf_checks=True)
    for path in ("pay", "method", "link"):
        assert stranger.post(f"{link(one)}/{path}", {"attempt": "1"}).status_code == 403
        assert stranger.get(f"{link(one)}/{path}").status_code == 405
    assert Payment.objects.filter(invoice=one).count() == 1


def test_limits(books: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a busy machine Redis may answer late, and what is not counted in time passes.
    monkeypatch.setattr(window, "TIMEOUT_SECONDS", 10.0)
    one = invoice(4900, account=payer())
    answers = [Client().post(f"{link(one)}/method").status_code for _ in range(LINK_LIMIT + 1)]
    assert answers == [303] * LINK_LIMIT + [429]
    other = invoice(4900, account=payer())
    assert Client().post(f"{link(other)}/method").status_code == 303, "one link's limit is not another's"
    settings.ANONYMOUS_RATE_LIMIT = 3
    refused = [Client().get("/pay/none", REMOTE_ADDR="203.0.113.9") for _ in range(4)][-1]
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)


def test_headers_and_what_a_log_says(books: str, capfd: Any) -> None:
    one = invoice(4900, account=payer())
    answer = Client().get(link(one))
    logged = "".join(capfd.readouterr())
    assert '"path":"/pay/[redacted]"' in logged
    assert link(one) not in logged
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "stripe.com" not in policy
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin", "a form must say where it comes from, and nobody else hears it"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "<script" not in answer.content.decode()
    token = link(one).removeprefix("/pay/")
    for path in (f"/pay/{token}", f"/pay/{token}/method/done", f"GET /pay/{token}/pay HTTP/1.1"):
        assert token not in str(processor(None, "info", {"event": "request_finished", "path": path}))


def test_stripes_own_form(books: str, sandbox: Sandbox, settings: Any) -> None:
    settings.STRIPE_SETUP_URL, settings.STRIPE_PUBLISHABLE_KEY = "", "pk_test_" + "p" * 24
    one = invoice(4900, account=payer(locale="fr_FR"))
    browser = visitor(one)
    assert browser.press("method") == 200
    policy = browser.answer["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com" in policy
    assert "frame-src https://js.stripe.com" in policy
    assert "unsafe" not in policy
    assert 'src="https://js.stripe.com/v3/"' in browser.text
    assert f'data-key="pk_test_{"p" * 24}"' in browser.text
    assert f"{link(one)}/method/done" in browser.text
    assert "jamais à nous" in browser.text
    assert "stripe.com" not in Client().get(link(one))["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("locale", "lang", "said"),
    [
        ("de_DE", "de", "49,00\xa0$ sind bis 1. Mai 2026 zu zahlen."),
        ("fr_FR", "fr", "49,00\xa0$US à payer avant le 1 mai 2026."),
        ("ja_JP", "en", "$49.00 is due by 2026年5月1日."),
    ],
)
def test_in_the_customer_s_language(books: str, locale: str, lang: str, said: str) -> None:
    account = payer(locale=locale)
    known_method(account)
    one = invoice(4900, account=account)
    Payment.objects.filter(invoice=one).update(
        status="FAILED", failure_code="expired_card", settled_at=AT, next_call_at=None
    )
    text = visitor(one).text
    assert f'<html lang="{lang}">' in text
    assert said in text


def test_names_are_text_and_queries_are_few(books: str, django_assert_max_num_queries: Any) -> None:
    account = payer(name="<script>alert(1)</script>")
    known_method(account)
    one = invoice(4900, account=account, description="<img src=x onerror=alert(1)>")
    with django_assert_max_num_queries(14):
        text = visitor(one).text
    assert "<img src=x" not in text
    assert "<script" not in text
