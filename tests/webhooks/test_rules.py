"""Schedules, filters, addresses, signatures and shapes, without a database."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from apps.kernel import matching as patterns
from apps.webhooks.rules import schedule, signature, targets
from apps.webhooks.rules.states import Status
from apps.webhooks.rules.versions import Step, changes, shaped

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TYPES = ["invoice.paid", "invoice.payment_failed", "payment.failed", "account.created", "webhook_endpoint.disabled"]


@pytest.mark.fr("FR-109")
def test_when_it_is_tried_again() -> None:
    waits = [schedule.after_failure(number, NOW, percent=0, wish=None) for number in range(1, 7)]
    assert [wait for _, wait in waits[:5]] == [NOW + timedelta(minutes=each) for each in (5, 10, 30, 60, 120)]
    assert [status for status, _ in waits] == [Status.PENDING] * 5 + [Status.FAILED]
    assert schedule.after_failure(1, NOW, percent=20, wish=None)[1] == NOW + timedelta(minutes=6)
    assert schedule.after_failure(1, NOW, percent=0, wish=timedelta(hours=2))[1] == NOW + timedelta(hours=2)
    assert schedule.after_failure(1, NOW, percent=0, wish=timedelta(days=30))[1] == NOW + timedelta(days=1)
    assert schedule.after_failure(1, NOW, percent=0, wish=timedelta(seconds=1))[1] == NOW + timedelta(minutes=5)


def test_retry_after() -> None:
    assert schedule.wish("120", NOW) == timedelta(minutes=2)
    assert schedule.wish("Sun, 01 Nov 2026 01:00:00 GMT", NOW) == timedelta(hours=1)
    assert schedule.wish("Sun, 01 Nov 2020 01:00:00 GMT", NOW) == timedelta()
    for nonsense in ("", "soon", "-1", "1e9", "9" * 30, "Sun, 99 Nov", "٣"):
        assert schedule.wish(nonsense, NOW) is None, nonsense


def test_pauses_grow_and_end() -> None:
    assert schedule.pause(4, None) is None
    assert [schedule.pause(number, None).seconds for number in range(5, 11)] == [30, 60, 120, 300, 300, 300]  # type: ignore[union-attr]
    assert schedule.pause(1, timedelta(days=9)) == timedelta(hours=1)
    assert not schedule.given_up(NOW - timedelta(days=4), 99, NOW, days=5)
    assert schedule.given_up(NOW - timedelta(days=5), 99, NOW, days=5)
    assert not schedule.given_up(None, 99, NOW, days=5)


@pytest.mark.fr("FR-111")
@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("*", TYPES), ("invoice.*", TYPES[:2]), ("*.failed", ["payment.failed"]), ("invoice.paid", ["invoice.paid"]),
        ("*failed", ["invoice.payment_failed", "payment.failed"]), ("invoice.pai_", []), ("invoice", []),
    ],
)  # fmt: skip
def test_what_a_pattern_takes(pattern: str, taken: list[str]) -> None:
    assert [each for each in TYPES if patterns.matches([pattern], each)] == taken


@given(st.text(alphabet="ab_*.%\\", max_size=12))
def test_like_says_nothing_of_its_own(pattern: str) -> None:
    shown = patterns.like(pattern)
    assert shown.count("%") == pattern.count("*")
    assert "\\" not in shown.replace(r"\_", "")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "192.0.0.1", "198.18.0.1", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254",
        "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_inside_is_not_called(address: str) -> None:
    assert not targets.may_call(ip_address(address), ())


def test_what_is_outside_or_exempt_is() -> None:
    assert targets.may_call(ip_address("93.184.216.34"), ())
    assert targets.may_call(ip_address("2606:2800:220:1:248:1893:25c8:1946"), ())
    exempt = targets.networks(["10.1.0.0/16"])
    assert targets.may_call(ip_address("10.1.2.3"), exempt)
    assert targets.may_call(ip_address("::ffff:10.1.2.3"), exempt)
    assert not targets.may_call(ip_address("10.2.2.3"), exempt)


def test_a_target() -> None:
    found = targets.target("https://Hooks.example.com:8443/a/b?c=d", tls_only=True)
    assert (found.tls, found.host, found.port, found.path) == (True, "hooks.example.com", 8443, "/a/b?c=d")
    assert targets.target("http://x.example", tls_only=False).path == "/"
    with pytest.raises(targets.Refused):
        targets.target("http://x.example", tls_only=True)
    with pytest.raises(targets.Refused):
        targets.target("https://x.example/" + "a" * 2048, tls_only=True)
    with pytest.raises(targets.Refused):
        targets.target("https://x.example/a\r\nHost: y", tls_only=True)


@pytest.mark.fr("FR-110")
@given(st.binary(max_size=200))
def test_the_public_library_verifies_it(body: bytes) -> None:
    secret = signature.new_secret()
    content = b'{"a":"' + body.hex().encode() + b'"}'
    now = int(datetime.now(UTC).timestamp())
    headers = signature.signed(
        [signature.key(signature.new_secret()), signature.key(secret)], message_id="msg_1", timestamp=now, body=content
    )
    assert Webhook(secret).verify(content, dict(headers)) == {"a": body.hex()}


@pytest.mark.fr("FR-115")
def test_an_endpoint_keeps_the_shape_of_its_version() -> None:
    """Two later versions renamed members, one after the other; who came before sees none of it."""

    def renamed(new: str, old: str) -> object:
        def down(data: dict[str, object]) -> dict[str, object]:
            return {old if name == new else name: value for name, value in data.items()}

        return down

    steps = (
        Step("2027-02-01", "invoice.*", 2, renamed("b", "a")),  # type: ignore[arg-type]
        Step("2027-08-01", "invoice.*", 3, renamed("c", "b")),  # type: ignore[arg-type]
    )

    def seen(wanted: str, stored: int = 3, event_type: str = "invoice.paid") -> str:
        data = {{1: "a", 2: "b", 3: "c"}[stored]: 1}
        return next(iter(shaped(data, event_type=event_type, version=stored, wanted=wanted, steps=steps)))

    assert [seen(wanted) for wanted in ("2026-11-01", "2027-02-01", "2027-08-01")] == ["a", "b", "c"]
    assert [seen("2026-11-01", stored) for stored in (1, 2, 3)] == ["a", "a", "a"]
    assert seen("2026-11-01", event_type="payment.failed") == "c"
    assert changes("invoice.paid", "2026-11-01", steps)
    assert not changes("invoice.paid", "2027-08-01", steps)
