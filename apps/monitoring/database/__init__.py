"""PostgreSQL, its queries counted and timed: the ENGINE of settings.DATABASES, after django-prometheus's."""
