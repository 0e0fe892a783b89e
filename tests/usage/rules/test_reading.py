"""From bytes to events: a fault costs the event it is in, and no other."""

import json
from decimal import Decimal

import pytest

from apps.kernel.errors import Invalid, Malformed, TooLarge
from apps.usage.rules import reading

GOOD = {"idempotency_key": "k", "subscription_id": "s", "metric": "m", "timestamp": "2026-04-01T00:00:00Z"}


def shown(events):
    return [event.code if isinstance(event, Invalid) else event.idempotency_key for event in events]


def test_an_array_of_good_ones():
    (event,) = reading.array(json.dumps([{**GOOD, "properties": {"a": 1.1}}]).encode())
    assert event.properties == {"a": Decimal("1.1")}
    assert reading.array(b"[]") == []


@pytest.mark.fr("FR-072")
@pytest.mark.parametrize(
    "bad",
    [
        '5', 'null', '"x"', '[]', '{"metric": 5}', '{"unknown": 1}', '{"quantity": 1.5}', '{"quantity": true}',
        '{"timestamp": "yesterday"}', '{"timestamp": 1700000000}', '{"timestamp": "2026-02-30T00:00:00Z"}',
        '{"properties": []}', '{"quantity": null}',
    ],
)  # fmt: skip
def test_one_bad_part_costs_itself(bad):
    good = json.dumps(GOOD)
    assert shown(reading.array(f"[{good}, {bad}, {good}]".encode())) == ["k", "event_malformed", "k"]
    assert shown(reading.lines(f"{good}\n{bad}\r\n\n{good}".encode())) == ["k", "event_malformed", "k"]
    with pytest.raises(Invalid) as refused:
        reading.single(bad.encode())
    assert refused.value.code == "event_malformed"


@pytest.mark.parametrize("broken", [b'{"metric": ', b"\xff", b'{"metric": "\\ud800"}', b"[" * 100_000])
def test_a_broken_line_costs_itself_and_a_broken_array_everything(broken):
    good = json.dumps(GOOD).encode()
    assert shown(reading.lines(b"\n".join([good, broken, good]))) == ["k", "event_malformed", "k"]
    with pytest.raises(Malformed) as refused:
        reading.array(b"[" + good + b"," + broken)
    assert refused.value.code == "malformed_json"


@pytest.mark.parametrize("body", [b"{}", b"5", b"", b"null", b'{"events": []}'])
def test_no_array(body):
    with pytest.raises(Malformed):
        reading.array(body)


def test_ten_thousand_and_no_more():
    part, bad = b"{}", b"5"
    assert len(reading.array(b"[" + b",".join([part] * 10_000) + b"]")) == 10_000
    assert len(reading.lines(b"\n".join([part] * 10_000))) == 10_000
    for one in (part, bad):
        with pytest.raises(TooLarge):
            reading.array(b"[" + b",".join([one] * 10_001) + b"]")
        with pytest.raises(TooLarge):
            reading.lines(b"\n".join([one] * 10_001))
    with pytest.raises(TooLarge):
        reading.array(b"[" + b",".join([part] * 700_000) + b"]")
    with pytest.raises(TooLarge):
        reading.lines(b"\n" * 200_000)


def test_a_refusal_repeats_no_value():
    (event,) = reading.array(b'[{"quantity": "1", "metric": {"secret": 4111111111111111}}]')
    assert "4111" not in event.detail
