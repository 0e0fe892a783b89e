"""Why is this stuck? Every piece of pending work on one page: how it stands, since when, why, and a button."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import redis
import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from apps.backoffice.tables import Card, Row, Table
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.backlog import LATE, STUCK, Kind, Stand, State, looked_at, registered, stand
from apps.kernel.columns import NOTHING, label, link, when
from apps.kernel.doorbell import ring
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.kernel.schedule import registered as scheduled
from apps.monitoring import signs
from apps.monitoring.doctor import ALIVE_WITHIN

RESOURCE = "pending_work"
OF_EACH, OF_ONE = 5, 100
"""So many pieces are shown of each kind, and of one that is chosen."""
TICK = "tick"
WORDS = {
    State.STOPPED: "needs a person", State.ABANDONED: "worker lost", State.LATE: "late", State.FAILING: "failing",
    State.UNDER_WAY: "under way", State.WAITING: "waiting",
}  # fmt: skip
TONES = {
    State.STOPPED: "bad", State.ABANDONED: "bad", State.LATE: "bad", State.FAILING: "warning",
    State.UNDER_WAY: "under-way", State.WAITING: "quiet",
}  # fmt: skip
COLUMNS = ("Work", "Piece", "State", "", "Why", "Waits", "Tries", "Next try", "Lease until")

logger = structlog.get_logger(__name__)


def stuck_page(site: Any, request: HttpRequest) -> HttpResponse:
    """All kinds with their worst, or `?kind=` with all of its own; as many queries however much there is."""
    if not allowed(request, RESOURCE):
        raise PermissionDenied
    now, kinds = clock.wall(), registered()
    stands = {name: stand(kind, now) for name, kind in kinds.items()}
    chosen = kinds.get(request.GET.get("kind", ""))
    may = allowed(request, RESOURCE, "write")
    token = get_token(request) if may else ""
    if chosen:
        tables = [_pieces(chosen.title, [(chosen, looked_at(chosen, now)[:OF_ONE])], token)]
    else:
        bad = [
            (kind, looked_at(kind, now).filter(backlog_state__lte=State.FAILING)[:OF_EACH]) for kind in kinds.values()
        ]
        tables = [_pieces("Stuck or failing", bad, token), _kinds(kinds, stands, now), _scheduled(now)]
    context = {
        **site.each_context(request),
        "title": "Why is this stuck?",
        "subtitle": None,
        "kinds": kinds.values(),
        "chosen": chosen,
        "cards": _cards(stands),
        "tables": tables,
        "tick": reverse("admin:stuck_tick") if may else "",
    }
    return TemplateResponse(request, "backoffice/stuck.html", context)


def try_now(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Have one piece tried at once, under the name of who presses the button."""
    kind = _asked(request, name)
    if isinstance(kind, HttpResponse):
        return kind
    try:
        row = kind.rows().filter(pk=key).first()
    except (ValueError, ValidationError):
        raise Http404 from None
    if row is None:
        messages.info(request, "It does not wait any more.")
    elif kind.try_now is None or not kind.fits(row):
        messages.error(request, "It waits for a person: open it.")
    else:
        try:
            kind.try_now(row, request.user.actor)  # type: ignore[union-attr]
        except DomainError as refusal:
            messages.error(request, f"{refusal} {refusal.hint}")
        else:
            logger.info("pending_work_tried", kind=name, row_id=str(row.pk))
            messages.success(request, "It is tried now. Look again in a moment.")
    return redirect(_address(name))


def tick(request: HttpRequest) -> HttpResponse:
    """Have a worker do what is due, as the scheduler does every minute."""
    refused = _refused(request)
    if refused is not None:
        return refused
    if ring("schedule.run_due", "billing"):
        messages.success(request, "A worker does what is due now. Look again in a moment.")
    else:
        messages.error(request, "The broker (Redis) does not answer, so no worker hears of it.")
    return redirect(reverse("admin:stuck"))


def silence() -> tuple[bool, str]:
    """Whether the scheduler is silent, and what is known of it."""
    try:
        age = signs.age(signs.BEAT)
    except redis.RedisError:
        return True, "The broker (Redis) does not answer"
    if age is None:
        return True, "No sign of life for a week"
    return age > ALIVE_WITHIN[signs.BEAT], f"Last sign of life {_span(age)} ago"


def _asked(request: HttpRequest, name: str) -> Kind | HttpResponse:
    refused = _refused(request)
    if refused is not None:
        return refused
    kind = registered().get(name)
    if kind is None:
        raise Http404
    return kind


def _refused(request: HttpRequest) -> HttpResponse | None:
    if not allowed(request, RESOURCE, "write"):
        raise PermissionDenied
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def _cards(stands: dict[str, Stand]) -> list[Card]:
    silent, known = silence()
    number = {state: sum(each.number.get(state, 0) for each in stands.values()) for state in State}
    stuck = sum(number[state] for state in STUCK)
    parts = ", ".join(f"{number[state]:,} {WORDS[state]}" for state in STUCK if number[state])
    going = number[State.UNDER_WAY] + number[State.WAITING]
    scheduler = Card(
        "Scheduler", [("Silent" if silent else "Alive", "")], tone="bad" if silent else "good",
        note=f"{known}. Until it is back nothing is billed, retried or sent by itself." if silent else f"{known}.",
    )  # fmt: skip
    return [
        scheduler,
        Card("Stuck", [(f"{stuck:,}", "")], note=f"{parts}." if stuck else "Nothing.", tone="bad" if stuck else "good"),
        Card("Failing", [(f"{number[State.FAILING]:,}", "")], note="Tried again by itself; the reason stands below."),
        Card("On its way", [(f"{going:,}", "")], note=f"{number[State.UNDER_WAY]:,} of it in a worker's hands."),
    ]


def _kinds(kinds: Any, stands: dict[str, Stand], now: datetime) -> Table:
    rows = [_kind(kind, stands[name], now) for name, kind in kinds.items()]
    columns = ("Work", *(WORDS[state].capitalize() for state in State), "Oldest waits")
    return Table("All pending work", columns, rows)


def _kind(kind: Kind, found: Stand, now: datetime) -> Row:
    def number(state: State) -> object:
        return label(f"{found.number[state]:,}", TONES[state]) if found.number.get(state) else NOTHING

    return (_named(kind), *(number(state) for state in State), _age(found.oldest, now))


def _pieces(title: str, found: Sequence[tuple[Kind, Any]], token: str) -> Table:
    pieces = [(kind, row) for kind, rows in found for row in rows]
    pieces.sort(key=lambda each: each[1].backlog_state)
    return Table(title, COLUMNS, [_piece(kind, row, token) for kind, row in pieces], hint="Nothing.")


def _piece(kind: Kind, row: Any, token: str) -> Row:
    state = State(row.backlog_state)
    why = format_html('<div class="bo-why">{}</div>', row.backlog_reason) if row.backlog_reason else NOTHING
    return (
        _named(kind), link(kind.opens(row), kind.called(row)), label(WORDS[state], TONES[state]),
        _button(kind, row, token), why, _age(row.backlog_since, row.backlog_now),
        NOTHING if row.backlog_calls is None else f"{row.backlog_calls:,}", when(row.backlog_next_at),
        when(row.lease_until) if kind.leased else NOTHING,
    )  # fmt: skip


def _named(kind: Kind) -> SafeString:
    return format_html('<a class="bo-link" href="{}">{}</a>', _address(kind.name), kind.title)


def _button(kind: Kind, row: Any, token: str) -> SafeString:
    if not token or kind.try_now is None or not kind.fits(row) or row.backlog_state == State.UNDER_WAY:
        return link(kind.opens(row), "Open")
    return format_html(
        '<form method="post" action="{}" class="bo-inline"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="bo-link" type="submit">{}</button></form>',
        reverse("admin:stuck_try", args=[kind.name, row.pk]), token, kind.button,
    )  # fmt: skip


def _scheduled(now: datetime) -> Table:
    """What the scheduler runs: since when something of it is due, on the wall's time."""
    rows = []
    for work in scheduled():
        since = (work.since or work.due)(now, Scope())
        if since is not None:
            late = now - since > LATE
            rows.append((work.name, label("late", "bad") if late else label("due"), when(since), _age(since, now)))
    return Table("Due with the scheduler", ("Work", "State", "Due since", "Waits"), rows, hint="Nothing is due now.")


def _address(name: str) -> str:
    return f"{reverse('admin:stuck')}?{urlencode({'kind': name})}"


def _age(since: datetime | None, now: datetime) -> object:
    return NOTHING if since is None else _span((now - since).total_seconds())


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    then = clock.wall()
    return timesince(datetime.fromtimestamp(then.timestamp() - seconds, tz=then.tzinfo), then, depth=1)
