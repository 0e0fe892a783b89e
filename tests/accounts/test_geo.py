"""Where an address is, offline, and what a new account gets of it."""

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import maxminddb
import pytest

from apps.accounts import geo
from apps.accounts.geo import Place, locate
from apps.accounts.models import Account
from apps.rest.countries import COUNTRIES
from tests.accounts.calls import Api

BODY = {"email": "ada@example.com", "name": "Ada"}
# Institutions' own networks, which change hands least: Todai, TU Berlin, ETH, Tunis, RIPE over IPv6.
TOKYO, BERLIN, ZURICH, TUNIS, AMSTERDAM = (
    "133.11.0.1", "130.149.7.201", "129.132.1.1", "41.231.21.8", "2001:67c:2e8:22::c100:68b",
)  # fmt: skip


@pytest.mark.fr("FR-002", "FR-012")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        (TOKYO, Place("JP", "Asia/Tokyo")),
        (BERLIN, Place("DE", "Europe/Berlin")),
        (ZURICH, Place("CH", "Europe/Zurich")),
        (TUNIS, Place("TN", "Africa/Tunis")),
        ("150.101.1.1", Place("AU", "Australia/Sydney")),
        ("200.160.2.3", Place("BR", "America/Sao_Paulo")),
        (AMSTERDAM, Place("NL", "Europe/Amsterdam")),
        (f"::ffff:{TOKYO}", Place("JP", "Asia/Tokyo")),
        (f" {TOKYO} ", Place("JP", "Asia/Tokyo")),
    ],
)
def test_an_address_has_a_country_and_its_capital_s_time(address: str, place: Place) -> None:
    assert locate(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fe80::1%eth0", f"{AMSTERDAM}%eth0", "::ffff:10.0.0.1",
        "203.0.113.5", "2001:db8::1",  # reserved for documents, and yet in the file
        "", "None", "unknown", "1.2.3", "1.2.3.4.5", "300.1.1.1", f"{TOKYO}:80", "133.011.0.1", "٣.1.1.1",
        "\0", "x" * 9999,
    ],
)  # fmt: skip
def test_no_place_for_private_reserved_and_malformed(address: str) -> None:
    assert locate(address) is None


def test_every_country_has_a_time_zone_that_exists() -> None:
    zones = geo.timezones()
    assert sorted(COUNTRIES - zones.keys()) == ["BV", "HM"]  # nobody lives there
    assert set(zones.values()) <= available_timezones()
    assert {country: zones[country] for country in ("US", "GB", "NZ", "CN", "ES", "CA", "RU")} == {
        "US": "America/New_York", "GB": "Europe/London", "NZ": "Pacific/Auckland", "CN": "Asia/Shanghai",
        "ES": "Europe/Madrid", "CA": "America/Toronto", "RU": "Europe/Moscow",
    }  # fmt: skip


def test_codes_that_are_no_country_any_more_are_no_place() -> None:
    """The file knows AN and XK, which no account may name."""
    strange: dict[str, str] = {}
    with maxminddb.open_database(geo.COUNTRY_FILE) as file:
        for network, found in file:
            code = found["country_code"] if isinstance(found, dict) else ""
            if code not in COUNTRIES and network.network_address.is_global:
                strange.setdefault(str(code), str(network.network_address))
            if len(strange) == 2:
                break
    assert set(strange) == {"AN", "XK"}
    assert {locate(address) for address in strange.values()} == {None}


def test_the_file_is_opened_once() -> None:
    locate(TOKYO)
    opened = geo._reader.cache_info().misses
    assert [locate(address) for address in (TOKYO, BERLIN)] == [locate(TOKYO), locate(BERLIN)]
    assert geo._reader.cache_info().misses == opened


@pytest.mark.parametrize("content", [None, b"no database"])
def test_without_a_readable_file_nothing_is_known(monkeypatch: Any, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "countries.mmdb"
    if content:
        file.write_bytes(content)
    monkeypatch.setattr(geo, "COUNTRY_FILE", file)
    geo._reader.cache_clear()
    assert locate(TOKYO) is None
    geo._reader.cache_clear()
    monkeypatch.undo()
    assert locate(TOKYO) == Place("JP", "Asia/Tokyo")


def created(api: Api, body: dict[str, Any], **headers: str) -> tuple[str, str, str]:
    answer = api.post("/accounts", body, **headers)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    return shown["country"], shown["timezone"], shown["currency"]


@pytest.fixture
def abroad(api: Api) -> Api:
    """A caller in Tokyo."""
    api.client.defaults["REMOTE_ADDR"] = TOKYO
    return api


@pytest.mark.fr("FR-002", "FR-012")
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ("JP", "Asia/Tokyo", "USD")),
        ({"country": "FR"}, ("FR", "Asia/Tokyo", "USD")),
        ({"timezone": "UTC"}, ("JP", "UTC", "USD")),
        ({"country": "FR", "timezone": "Europe/Paris"}, ("FR", "Europe/Paris", "USD")),
        ({"currency": "JPY"}, ("JP", "Asia/Tokyo", "JPY")),
    ],
)
def test_an_account_starts_where_its_caller_is(
    abroad: Api, more: dict[str, str], expected: tuple[str, str, str]
) -> None:
    assert created(abroad, {**BODY, **more}) == expected


@pytest.mark.fr("FR-002", "FR-012")
@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, BERLIN, ("JP", "Asia/Tokyo")),  # nobody is trusted: the header is the caller's own tale
        (1, BERLIN, ("DE", "Europe/Berlin")),
        (1, f"{ZURICH}, {BERLIN}", ("DE", "Europe/Berlin")),
        (2, f"{TUNIS}, {ZURICH}, 10.0.0.2", ("CH", "Europe/Zurich")),
        (1, f"[{AMSTERDAM}]:4711", ("NL", "Europe/Amsterdam")),
        (1, "10.1.2.3", ("US", "UTC")),  # a private address behind the proxy: the deployment's defaults
    ],
)
def test_behind_proxies(abroad: Api, settings: Any, hops: int, forwarded: str, expected: tuple[str, str]) -> None:
    settings.TRUSTED_PROXIES = hops
    assert created(abroad, BODY, X_Forwarded_For=forwarded)[:2] == expected


@pytest.mark.fr("FR-002", "FR-012")
def test_an_unknown_address_starts_from_the_deployment(api: Api, settings: Any) -> None:
    settings.BILLING_COUNTRY, settings.BILLING_TIMEZONE = "SE", "Europe/Stockholm"
    assert created(api, BODY) == ("SE", "Europe/Stockholm", "USD")


def test_a_refused_place_stays_refused(abroad: Api) -> None:
    for fault in ({"country": "XX"}, {"timezone": "Mars/Base"}, {"country": None}, {"timezone": ""}):
        assert abroad.post("/accounts", {**BODY, **fault}).status_code == 422
    assert not Account.objects.exists()


def test_a_change_does_not_move_an_account(abroad: Api) -> None:
    made = abroad.post("/accounts", BODY).json()
    abroad.client.defaults["REMOTE_ADDR"] = BERLIN
    changed = abroad.patch(f"/accounts/{made['id']}", {"name": "Eve"}).json()
    assert (changed["country"], changed["timezone"]) == ("JP", "Asia/Tokyo")


def test_a_repeated_request_answers_as_before(abroad: Api) -> None:
    first = abroad.post("/accounts", BODY, Idempotency_Key="one")
    abroad.client.defaults["REMOTE_ADDR"] = BERLIN
    again = abroad.post("/accounts", BODY, Idempotency_Key="one")
    assert (again.content, Account.objects.count()) == (first.content, 1)
