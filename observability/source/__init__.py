"""What the files of Prometheus, Alertmanager and Grafana are generated from; `make observability` writes them."""
