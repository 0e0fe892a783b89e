"""prometheus.yml: what is scraped how often, and where alerts go."""

from collections.abc import Sequence
from dataclasses import dataclass

from observability.source.durations import Scale
from observability.source.rules_files import HEAD


@dataclass(frozen=True)
class Targets:
    """Addresses; the defaults are the names of the compose and Kubernetes examples."""

    api: Sequence[str] = ("billing-api:18080",)
    worker: Sequence[str] = ("billing-worker:9100",)
    beat: Sequence[str] = ("billing-beat:9100",)
    alertmanager: Sequence[str] = ("alertmanager:9093",)
    public: Sequence[str] = ("https://billing.example.com/health",)
    environment: str = "production"
    exporters: bool = True
    token_file: str = "/etc/prometheus/secrets/metrics-token"  # noqa: S105 - a path


def config(scale: Scale, targets: Targets) -> str:
    lines = [
        HEAD + "global:",
        # Not more than once a second, however short a drill makes everything else.
        f"  scrape_interval: {'15s' if scale.factor == 1 else f'{max(1.0, 15 / scale.factor):g}s'}",
        f"  scrape_timeout: {'10s' if scale.factor == 1 else f'{max(1.0, 10 / scale.factor):g}s'}",
        f"  evaluation_interval: {scale.text('<15s>')}",
        "  external_labels:",
        f"    environment: {targets.environment}",
        "rule_files: [recording.yaml, alerting.yaml]",
        "alerting:",
        "  alertmanagers:",
        f"    - static_configs: [{{targets: {_list(targets.alertmanager)}}}]",
        "scrape_configs:",
        "  # Every web process. With METRICS_ROLES_DIR web adds up all roles of its machine: leave the next two",
        "  # out then, or everything counts twice.",
        *_job("billing-api", targets.api, targets.token_file),
    ]
    for name, addresses in (("billing-worker", targets.worker), ("billing-beat", targets.beat)):
        lines += _job(name, addresses, "") if addresses else []
    if targets.exporters:
        lines += [
            *_job("postgresql", ["postgres-exporter:9187"], ""),
            *_job("redis", ["redis-exporter:9121"], ""),
            *_blackbox(targets.public),
        ]
    return "\n".join(lines) + "\n"


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _job(name: str, targets: Sequence[str], token_file: str) -> list[str]:
    lines = [f"  - job_name: {name}"]
    if token_file:
        lines.append(f"    authorization: {{credentials_file: {token_file}}}")
    return [*lines, f"    static_configs: [{{targets: {_list(targets)}}}]"]


REGIONS = ("eu-west", "us-east", "ap-southeast")
"""Where a blackbox exporter stands; each is asked to look at the same public addresses."""


def _blackbox(public: Sequence[str]) -> list[str]:
    lines = []
    for region in REGIONS:
        lines += [
            f"  - job_name: blackbox-{region}",
            "    metrics_path: /probe",
            "    params: {module: [billing_health]}",
            f"    static_configs: [{{targets: {_list(public)}, labels: {{region: {region}}}}}]",
            "    relabel_configs:",
            "      - {source_labels: [__address__], target_label: __param_target}",
            "      - {source_labels: [__param_target], target_label: instance}",
            f"      - {{target_label: __address__, replacement: 'blackbox-{region}:9115'}}",
        ]
    return lines
