"""What staff look for in the log: what people and API keys did, and what one request did.

Rows of system jobs, nearly all of them, are left out of the first, and rows without a correlation of the second.
"""

from django.db import migrations

BY_ACTOR = """
CREATE INDEX audit_entry_actor ON audit_entry (actor text_pattern_ops, id) WHERE actor !~~ 'system:%';
"""
BY_CORRELATION = "CREATE INDEX audit_entry_correlation ON audit_entry (correlation) WHERE correlation <> ''"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(BY_ACTOR, "DROP INDEX audit_entry_actor"),
        migrations.RunSQL(BY_CORRELATION, "DROP INDEX audit_entry_correlation"),
    ]
