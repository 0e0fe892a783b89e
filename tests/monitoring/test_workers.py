"""The correlation travels from publisher to task; each task is measured."""

from celery import Celery
from prometheus_client import REGISTRY

from apps.kernel.transactions import correlation
from apps.monitoring import workers


def test_the_publishers_correlation_is_put_on_the_message() -> None:
    given = correlation.set("req-7")
    try:
        headers: dict[str, object] = {"task": "x"}
        workers.carry(headers)
        assert headers == {"task": "x", "correlation": "req-7"}
    finally:
        correlation.reset(given)


def test_nothing_is_put_on_the_message_of_nobody() -> None:
    headers: dict[str, object] = {}
    workers.carry(headers)
    assert headers == {}


def test_a_task_runs_under_the_correlation_it_was_sent_with_and_is_measured() -> None:
    seen: list[str] = []
    app = Celery("own", set_as_current=False)

    @app.task(name="web.seen", bind=True)
    def task(self: object) -> None:
        seen.append(correlation.get())

    for headers in ({"correlation": "req-8"}, {}):
        task.push_request(headers=headers, id="t-1")
        workers.begin(task_id="t-1", task=task)
        task.run()
        workers.finish(task_id="t-1", task=task, state="SUCCESS")
        task.pop_request()
    assert seen == ["req-8", "t-1"]
    assert correlation.get() == ""
    assert REGISTRY.get_sample_value("celery_task_duration_seconds_count", {"task": "web.seen"}) == 2
