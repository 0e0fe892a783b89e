"""GET /v1/events, and the table of handlers."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIRequestFactory, force_authenticate

from apps.events import registry, sequencer
from apps.events.api import EventViewSet
from tests.events.probes import announce, hear, listening


class Reader:
    is_authenticated = is_active = True

    def may(self, resource: str, right: str) -> bool:
        return (resource, right) == ("events", "read")


def get(action: str, query: str = "", **kwargs: str) -> tuple[int, Any]:
    request = APIRequestFactory().get(f"/v1/events{query}")
    force_authenticate(request, user=Reader())  # type: ignore[arg-type]
    view = EventViewSet.as_view({"get": action}, throttle_classes=[])
    response = view(request, **kwargs).render()  # type: ignore[attr-defined]
    return response.status_code, json.loads(response.content)


@pytest.mark.django_db
def test_a_list_goes_down_the_positions_page_by_page() -> None:
    announce(5)
    sequencer.assign()
    announce(1)
    status, page = get("list", "?limit=3")
    assert status == 200
    assert [event["position"] for event in page["data"]] == [5, 4, 3]
    status, rest = get("list", f"?limit=3&cursor={page['next_cursor']}")
    assert [event["position"] for event in rest["data"]] == [2, 1]
    assert not rest["has_more"]
    assert get("list", "?event_type=invoice.paid")[1]["data"] == []


@pytest.mark.django_db
def test_one_event_is_shown_before_it_has_a_position() -> None:
    [event] = announce()
    status, shown = get("retrieve", id=str(event.pk))
    assert status == 200
    assert shown["event_id"] == str(event.pk)
    assert shown["position"] is None
    assert shown["livemode"] is False
    assert shown["data"] == event.data
    assert get("retrieve", id="none")[0] == 404


def test_the_table_of_handlers() -> None:
    out = StringIO()
    with listening(hear, name="tests.in", inline=True), listening(hear, name="tests.out"):
        call_command("events", stdout=out)
    assert ["probe.done", "1", "tests.in", "tests.out"] in [line.split() for line in out.getvalue().splitlines()]


def test_the_check_names_a_handler_of_nothing() -> None:
    call_command("events", "--check")
    registry.subscribe("probe.vanished", name="tests.deaf")(hear)
    try:
        with pytest.raises(CommandError, match=r"tests.deaf listens to probe.vanished"):
            call_command("events", "--check")
    finally:
        registry.unsubscribe("tests.deaf")
