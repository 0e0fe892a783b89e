"""Every call to a provider is counted by how it ended."""

from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from apps.kernel.errors import Invalid
from apps.tax import provider
from apps.tax.provider import QuoteRequest
from apps.tax.rules import Quote


class Answering:
    name = "answering"

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]:
        if self.error is not None:
            raise self.error
        return []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "ok"), (Invalid("tax_rate_missing", "None.", hint="Add it."), "refused"), (TimeoutError(), "failed")],
)
def test_a_call_is_counted_by_how_it_ended(error: Exception | None, outcome: str) -> None:
    def counted() -> dict[str, float]:
        return {
            each: REGISTRY.get_sample_value("tax_requests_total", {"provider": "answering", "outcome": each}) or 0.0
            for each in ("ok", "refused", "failed")
        }

    before = counted()
    asked = provider.Counted(Answering(error))
    if error is None:
        assert asked.quote([]) == []
    else:
        with pytest.raises(type(error)):
            asked.quote([])
    after = counted()
    assert {each: after[each] - before[each] for each in after} == {"ok": 0, "refused": 0, "failed": 0} | {outcome: 1}


def test_the_configured_provider_is_counted() -> None:
    labels = {"provider": "rate_table", "outcome": "ok"}
    before = REGISTRY.get_sample_value("tax_requests_total", labels) or 0.0
    assert provider.current().quote([]) == []
    assert REGISTRY.get_sample_value("tax_requests_total", labels) == before + 1
