"""What is done to alerts, levels, probes, backups and costs."""
