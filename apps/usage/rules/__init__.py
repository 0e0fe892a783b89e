"""What an event is, which meter counts it and how its watermark reads. No database."""
