"""API keys, idempotent requests, the four roles as groups, and the audit of who may come in."""

import apps.kernel.clock
import apps.kernel.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited

ROLES = ("super_admin", "billing_admin", "support_rep", "finance_viewer")


def make_groups(apps, schema_editor):
    for name in ROLES:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


def drop_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
        ('audit', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('prefix', models.CharField(editable=False, max_length=32, unique=True)),
                ('key_hash', models.CharField(editable=False, max_length=64)),
                ('role', models.CharField(choices=[('super_admin', 'super_admin'), ('billing_admin', 'billing_admin'), ('support_rep', 'support_rep'), ('finance_viewer', 'finance_viewer')], max_length=32)),
                ('livemode', models.BooleanField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('allowed_cidrs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, default=list, size=None)),
                ('rate_limit', models.PositiveIntegerField(default=1000)),
            ],
            options={
                'verbose_name': 'API key',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IdempotentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=255)),
                ('request_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('lease_token', models.UUIDField()),
                ('leased_until', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name='KeyUse',
            fields=[
                ('key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='use', serialize=False, to='access.apikey')),
                ('at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'use of an API key',
            },
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['super_admin', 'billing_admin', 'support_rep', 'finance_viewer'])), name='api_key_role'),
        ),
        migrations.AddIndex(
            model_name='idempotentrequest',
            index=models.Index(fields=['created_at'], name='idempotent_request_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotentrequest',
            constraint=models.UniqueConstraint(fields=('principal', 'key'), name='idempotent_request_once'),
        ),
        migrations.RunPython(make_groups, drop_groups),
        Audited("access_user", exclude=("password",)),
        Audited("access_user_groups"),
        Audited("access_user_user_permissions"),
        Audited("access_apikey", exclude=("key_hash",)),
    ]
