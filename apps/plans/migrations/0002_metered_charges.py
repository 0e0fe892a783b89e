"""Metered charges and the commitment of versions; a version is checked as a whole when it is written."""

import apps.kernel.clock
import apps.kernel.ids
import apps.plans.rules.charges
import django.db.models.deletion
from django.db import migrations, models

from apps.kernel.operations import AppendOnly

# Prices and charges are there before their version, so it can be compared with them, and nothing can come later.
WHOLE = """
CREATE TRIGGER plans_charge_before_version BEFORE INSERT ON plans_charge
    FOR EACH ROW EXECUTE FUNCTION plans_price_before_version();
CREATE FUNCTION plans_version_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sold text[];
BEGIN
    SELECT coalesce(array_agg(currency::text ORDER BY currency::text), '{}') INTO sold
        FROM plans_price WHERE plan_version_id = NEW.id;
    IF EXISTS (
        SELECT 1 FROM plans_charge AS charge WHERE plan_version_id = NEW.id AND sold IS DISTINCT FROM
            (SELECT array_agg(code ORDER BY code) FROM jsonb_object_keys(charge.prices) AS code)
    ) THEN
        RAISE EXCEPTION 'a charge of plan version % has not the currencies of its prices', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM jsonb_each(NEW.commitment) AS least WHERE NOT key = ANY (sold)
            OR value::numeric NOT BETWEEN 1 AND 1000000000000000 OR value::numeric % 1 <> 0
    ) THEN
        RAISE EXCEPTION 'the commitment of plan version % is none in its currencies', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER plans_version_whole BEFORE INSERT ON plans_planversion
    FOR EACH ROW EXECUTE FUNCTION plans_version_whole();
"""

IN_PARTS = """
DROP TRIGGER plans_version_whole ON plans_planversion;
DROP FUNCTION plans_version_whole();
DROP TRIGGER plans_charge_before_version ON plans_charge;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='planversion',
            name='commitment',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name='Charge',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=64)),
                ('metric', models.CharField(max_length=100)),
                ('aggregation', models.CharField(choices=[('sum', 'sum'), ('count', 'count'), ('max', 'max'), ('last', 'last'), ('unique_count', 'unique_count')], max_length=12)),
                ('filter', models.JSONField(blank=True, default=dict)),
                ('group_by', models.JSONField(blank=True, default=list)),
                ('model', models.CharField(choices=[('per_unit', 'per_unit'), ('graduated', 'graduated'), ('volume', 'volume'), ('package', 'package'), ('percentage', 'percentage'), ('graduated_percentage', 'graduated_percentage')], max_length=20)),
                ('package_size', models.DecimalField(decimal_places=12, max_digits=28, null=True)),
                ('cap', models.DecimalField(decimal_places=12, max_digits=28, null=True)),
                ('cap_behavior', models.CharField(choices=[('bill', 'bill'), ('reject', 'reject')], default=apps.plans.rules.charges.CapBehavior['BILL'], max_length=6)),
                ('prices', models.JSONField()),
                ('plan_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='plans.planversion')),
            ],
            options={
                'ordering': ('position',),
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('plan_version', 'key'), name='plans_charge_key'), models.UniqueConstraint(fields=('plan_version', 'position'), name='plans_charge_position'), models.CheckConstraint(condition=models.Q(('aggregation__in', ['sum', 'count', 'max', 'last', 'unique_count'])), name='plans_charge_aggregation'), models.CheckConstraint(condition=models.Q(('model__in', ['per_unit', 'graduated', 'volume', 'package', 'percentage', 'graduated_percentage'])), name='plans_charge_model'), models.CheckConstraint(condition=models.Q(('cap_behavior', 'bill'), models.Q(('cap__isnull', False), ('cap_behavior', 'reject')), _connector='OR'), name='plans_charge_cap'), models.CheckConstraint(condition=models.Q(models.Q(('package_size', None), ('package_size__gt', 0), _connector='OR'), models.Q(('cap', None), ('cap__gt', 0), _connector='OR')), name='plans_charge_positive'), models.CheckConstraint(condition=models.Q(('key', 'recurring'), _negated=True), name='plans_charge_not_recurring')],
            },
        ),
        AppendOnly("plans_charge"),
        migrations.RunSQL(WHOLE, IN_PARTS),
    ]
