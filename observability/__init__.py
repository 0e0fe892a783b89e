"""How the platform is watched: Prometheus, Alertmanager, Grafana, logs, traces, runbooks. No code of the product."""
