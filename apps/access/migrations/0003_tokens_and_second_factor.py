"""How staff sign in: signing keys, sign-ins with their refresh tokens, failed tries, second factors."""

import apps.kernel.clock
import apps.kernel.encryption
import apps.kernel.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.audit.operations import Audited


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kid', models.CharField(max_length=32, unique=True)),
                ('public', models.JSONField()),
                ('private', apps.kernel.encryption.EncryptedField(blank=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='user',
            name='second_factor_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='second factor since'),
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('secret', apps.kernel.encryption.EncryptedField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('last_step', models.BigIntegerField(default=0)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='second_factor', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('auth_hash', models.CharField(max_length=64)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_because', models.CharField(blank=True, choices=[('signed_out', 'signed_out'), ('token_reused', 'token_reused'), ('revoked', 'revoked')], max_length=32)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('sign_in', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='access.signin')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignInAttempts',
            fields=[
                ('subject', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'sign-in attempts',
                'indexes': [models.Index(fields=['last_at'], name='access_attempts_age')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('code_hash', models.CharField(max_length=64)),
                ('used_at', models.DateTimeField(null=True)),
                ('factor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to='access.secondfactor')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('factor', 'code_hash'), name='access_recoverycode_once')],
            },
        ),
        migrations.AddIndex(
            model_name='signin',
            index=models.Index(fields=['expires_at'], name='access_signin_age'),
        ),
        Audited("access_signingkey", exclude=("private",)),
        Audited("access_signin", exclude=("auth_hash",)),
        Audited("access_secondfactor", exclude=("secret",)),
        Audited("access_recoverycode", exclude=("code_hash",)),
    ]
