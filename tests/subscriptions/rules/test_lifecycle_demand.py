"""Every verb in every state: what is open passes, what is not is refused by its code, and the legal ones named."""

from datetime import timedelta

import pytest

from apps.kernel.errors import Conflict
from apps.subscriptions.rules.lifecycle import NOTICE, OPEN_TO, Status, Verb, demand, verbs_of

pytestmark = pytest.mark.fr("FR-027")

LEGAL = {
    Status.TRIAL: {Verb.CHANGE, Verb.CANCEL, Verb.UNCANCEL},
    Status.ACTIVE: {Verb.CHANGE, Verb.CANCEL, Verb.UNCANCEL, Verb.PAUSE},
    Status.PAUSED: {Verb.CHANGE, Verb.CANCEL, Verb.UNCANCEL, Verb.RESUME},
    Status.CANCELLED: set(),
    Status.EXPIRED: set(),
}
OVER = {Status.CANCELLED: "already_cancelled", Status.EXPIRED: "subscription_expired"}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_in_every_state(verb: Verb, status: Status) -> None:
    assert set(verbs_of(status)) == LEGAL[status]
    if verb in LEGAL[status]:
        demand(verb, status)
        return
    with pytest.raises(Conflict) as refused:
        demand(verb, status)
    assert refused.value.code == OVER.get(status, "transition_illegal")
    if status not in OVER:
        assert refused.value.hint == f"Open to it now: {', '.join(verbs_of(status))}."
        assert " or ".join(OPEN_TO[verb]) in refused.value.detail


def test_what_is_to_come_is_announced_three_days_before() -> None:
    assert timedelta(days=3) == NOTICE
