"""alertmanager.yml: who is told what, by environment and severity; and what silences what.

The first matching route that does not go on ends the walk. Everything goes to the platform's own Alert table first.
"""

from dataclasses import dataclass

from observability.source.durations import Scale
from observability.source.rules_files import HEAD

FAST = 'alertname=~"ErrorRatePage|LatencyPage|PaymentGatewayDown|ServiceDown|DatabaseDown|RedisDown"'
CAUSES = (
    # source, what it silences
    ('alertname="ServiceDown"', 'alertname=~"SyntheticProbeFailed|AvailabilityLow"'),
    (
        'alertname="DatabaseDown"',
        'alertname=~"HighErrorRate|HighLatency|VeryHighLatency|DatabaseConnectionPoolExhausted|SlowQueries|'
        'OutboxStalled|ErrorBudgetBurnFast|ErrorBudgetBurnSlow|BillingRunMissed"',
    ),
    ('alertname="RedisDown"', 'alertname=~"BeatDown|WorkerDown|QueueBacklog|OutboxStalled"'),
    ('alertname="PaymentGatewayDown"', 'alertname=~"StripeSlow|PaymentSuccessLow"'),
)
"""A cause that is known silences its effects, for everybody. What the customer named is silenced by a store that is
down alone."""


@dataclass(frozen=True)
class Platform:
    """Where the Alert table is, and the file that holds its token."""

    url: str = "http://billing-api:18080/internal/alerts"
    token_file: str = "/etc/alertmanager/secrets/internal-token"  # noqa: S105 - a path


def config(scale: Scale, platform: Platform, *, people: bool = True) -> str:
    """The file; without `people` (in a drill) the platform alone is told."""
    parts = [HEAD, _top(), _route(scale, people=people), _inhibitions(), _receivers(platform, people=people)]
    return "\n".join(part for part in parts if part)


def _top() -> str:
    return "global:\n  resolve_timeout: 5m\ntemplates: [templates/*.tmpl]"


def _matchers(text: str) -> str:
    return "[" + ", ".join(f"'{each}'" for each in text.split(",")) + "]"


def _route(scale: Scale, *, people: bool) -> str:
    lines = [
        "route:",
        "  receiver: platform",
        "  group_by: [alertname]",
        f"  group_wait: {scale.text('<10s>')}",
        f"  group_interval: {scale.text('<1m>')}",
        f"  repeat_interval: {scale.text('<4h>')}",
        "  routes:",
        "    # The platform's own table hears of everything; then the walk goes on.",
        "    - receiver: platform",
        f"      group_wait: {scale.text('<5s>')}",
        f"      group_interval: {scale.text('<15s>')}",
        "      group_by: ['...']",
        "      continue: true",
    ]
    if people:
        lines += [
            "    # Heard outside of us every minute: when it stops, alerting itself is down.",
            "    - matchers: ['alertname=\"Watchdog\"']",
            "      receiver: dead-mans-switch",
            "      group_wait: 0s",
            "      group_interval: 1m",
            "      repeat_interval: 1m",
            "    - matchers: ['environment!=\"production\"']",
            "      receiver: staging-chat",
            "    # SC-042: what is down or turned away is paged at once.",
            f"    - matchers: ['severity=\"critical\"', '{FAST}']",
            "      receiver: production-page",
            "      group_wait: 5s",
            "      repeat_interval: 1h",
            "    - matchers: ['severity=\"critical\"']",
            "      receiver: production-page",
            "      group_wait: 10s",
            "      repeat_interval: 1h",
            "    - matchers: ['severity=\"warning\"']",
            "      receiver: production-chat",
            "      group_wait: 30s",
            "    - matchers: ['severity=\"info\"']",
            "      receiver: production-mail",
            "      repeat_interval: 7d",
        ]
    return "\n".join(lines)


def _inhibitions() -> str:
    # The labels that have to be equal: what is down in staging silences nothing in production.
    lines = ["inhibit_rules:"]
    for source, target in CAUSES:
        lines += [
            f"  - source_matchers: {_matchers(source)}",
            f"    target_matchers: {_matchers(target)}",
            "    equal: [environment]",
        ]
    return "\n".join(lines)


def _receivers(platform: Platform, *, people: bool) -> str:
    lines = [
        "receivers:",
        "  - name: platform",
        "    webhook_configs:",
        f"      - url: {platform.url}",
        "        send_resolved: true",
        "        max_alerts: 500",
        "        http_config:",
        "          authorization:",
        f"            credentials_file: {platform.token_file}",
    ]
    if people:
        lines.append(_PEOPLE)
    return "\n".join(lines) + "\n"


_TEXT = """        title: '{{ template "billing.title" . }}'
        text: '{{ template "billing.text" . }}'"""
_PEOPLE = f"""  - name: production-page
    pagerduty_configs:
      - routing_key_file: /etc/alertmanager/secrets/pagerduty-key
        severity: '{{{{ .CommonLabels.severity }}}}'
        description: '{{{{ template "billing.title" . }}}}'
        links:
          - href: '{{{{ (index .Alerts 0).Annotations.runbook_url }}}}'
            text: runbook
    slack_configs:
      - api_url_file: /etc/alertmanager/secrets/slack-url
        channel: '#billing-incidents'
        send_resolved: true
{_TEXT}
  - name: production-chat
    slack_configs:
      - api_url_file: /etc/alertmanager/secrets/slack-url
        channel: '#billing-alerts'
        send_resolved: true
{_TEXT}
  - name: production-mail
    email_configs:
      - to: billing-operators@example.com
        from: alertmanager@example.com
        smarthost: smtp.example.com:587
        auth_username: alertmanager@example.com
        auth_password_file: /etc/alertmanager/secrets/smtp-password
        send_resolved: false
  - name: staging-chat
    slack_configs:
      - api_url_file: /etc/alertmanager/secrets/slack-url
        channel: '#billing-staging'
        send_resolved: true
{_TEXT}
  - name: dead-mans-switch
    webhook_configs:
      - url: https://dead-mans-switch.example.com/billing
        send_resolved: false"""

TEMPLATES = """{{ define "billing.title" -}}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }}
{{- end }}
{{ define "billing.text" -}}
{{ range .Alerts }}{{ .Annotations.summary }}
{{ .Annotations.description }}
Runbook: {{ .Annotations.runbook_url }}
{{ end }}{{ end }}
"""
