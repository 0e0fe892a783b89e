"""What this app counts itself: requests, tasks, the signs of life of workers and beat."""

from prometheus_client import Counter, Gauge, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
"""Every threshold of the service levels is an edge, so no quantile near one is a guess."""

api_requests = Counter("api_requests_total", "Requests answered", ["method", "endpoint", "status"])
api_errors = Counter("api_errors_total", "Requests answered with 5xx", ["endpoint", "type"])
api_request_duration = Histogram(
    "api_request_duration_seconds", "Time to answer a request", ["method", "endpoint"], buckets=BUCKETS
)
celery_task_duration = Histogram("celery_task_duration_seconds", "Time to run a task", ["task"], buckets=BUCKETS)
celery_worker_last_seen = Gauge(
    "celery_worker_last_seen_timestamp_seconds", "Last heartbeat of a worker", multiprocess_mode="max"
)
beat_last_tick = Gauge(
    "beat_last_tick_timestamp_seconds", "Last time beat handed a task to the broker", multiprocess_mode="max"
)
dependency_up = Gauge(
    "dependency_up",
    "Whether it answers over a connection of its own, as the process sees it that sees least",
    ["dependency"],
    multiprocess_mode="livemin",
)
