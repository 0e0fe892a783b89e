"""Movements of monthly recurring revenue, and the function that says what an account's is."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import apps.kernel.clock
import apps.kernel.fields
import apps.kernel.ids
from apps.kernel.operations import AppendOnly

# Prices of ACTIVE subscriptions by the month, less coupons that recur: percentages, one after the other, then amounts.
# A coupon of so many periods counts in the last of them too: what it gave to the present period does not use it up.
LEVEL = """
CREATE AGGREGATE analytics_product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
CREATE FUNCTION analytics_mrr(of_account uuid) RETURNS numeric
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(round(
            greatest(price.amount * subscription.quantity::bigint * coalesce(off.factor, 1) - coalesce(off.fixed, 0), 0)
                ::numeric(60, 24)
            * CASE version.interval WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END
            / (12 * version.interval_count), 12)), 0)
        FROM subscriptions_subscription AS subscription
        JOIN accounts_account AS account ON account.id = subscription.account_id
        JOIN plans_planversion AS version ON version.id = subscription.plan_version_id
        JOIN plans_price AS price ON price.plan_version_id = version.id AND price.currency = account.currency
        LEFT JOIN LATERAL (
            SELECT analytics_product(1 - coupon.percent_off * 0.01) AS factor,
                   sum(coupon.amount_off) FILTER (WHERE coupon.currency = account.currency) AS fixed
            FROM coupons_attachment AS held JOIN coupons_coupon AS coupon ON coupon.id = held.coupon_id
            WHERE held.subscription_id = subscription.id AND held.detached_at IS NULL
              AND (coupon.plan_ids = '{}' OR subscription.plan_id = ANY(coupon.plan_ids))
              AND (coupon.duration = 'forever' OR coupon.duration = 'repeating' AND coupon.duration_periods > (
                  SELECT count(*) FROM coupons_couponuse AS used
                  WHERE used.attachment_id = held.id AND used.returned_at IS NULL AND NOT EXISTS (
                      SELECT FROM invoices_line AS line
                      WHERE line.invoice_id = used.invoice_id AND line.subscription_id = subscription.id
                        AND line.kind = 'recurring' AND line.period_start >= subscription.current_period_start)))
        ) AS off ON true
        WHERE subscription.account_id = of_account AND subscription.status = 'ACTIVE'
    );
END
$$;
"""

NO_LEVEL = "DROP FUNCTION analytics_mrr(uuid); DROP AGGREGATE analytics_product(numeric);"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("coupons", "0003_on_sales"),
        ("invoices", "0006_chargeback_reversal"),
        ("plans", "0003_thresholds"),
        ("subscriptions", "0011_notice"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recount",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("hour", models.DateTimeField(unique=True)),
                ("mended", models.PositiveIntegerField()),
            ],
            options={"ordering": ("-id",), "abstract": False},
        ),
        migrations.CreateModel(
            name="MrrMovement",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("sequence", models.PositiveIntegerField()),
                ("currency", apps.kernel.fields.CurrencyField(max_length=3)),
                ("test_clock_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("on", models.DateField(db_column="local_date")),
                ("kind", models.CharField(choices=[("new", "new"), ("reactivation", "reactivation"), ("expansion", "expansion"), ("contraction", "contraction"), ("churn", "churn")], max_length=12)),
                ("amount", models.DecimalField(decimal_places=12, max_digits=38)),
                ("level", models.DecimalField(decimal_places=12, max_digits=38)),
                ("involuntary", models.BooleanField(default=False)),
                ("account", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="mrr_movements", to="accounts.account")),
            ],
            options={
                "ordering": ("-id",),
                "abstract": False,
                "indexes": [models.Index(fields=["test_clock_id", "on"], include=("currency", "kind", "amount", "involuntary"), name="analytics_mrr_on")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "sequence"), name="analytics_mrr_chain"),
                    models.CheckConstraint(
                        condition=Q(kind="new", sequence=1, amount__gt=0, level=F("amount"))
                        | Q(kind="reactivation", sequence__gt=1, amount__gt=0, level=F("amount"))
                        | Q(kind="expansion", sequence__gt=1, amount__gt=0, level__gt=F("amount"))
                        | Q(kind="contraction", sequence__gt=1, amount__lt=0, level__gt=0)
                        | Q(kind="churn", sequence__gt=1, amount__lt=0, level=0),
                        name="analytics_mrr_kind",
                    ),
                    models.CheckConstraint(condition=Q(involuntary=False) | Q(amount__lt=0), name="analytics_mrr_involuntary"),
                ],
            },
        ),
        AppendOnly("analytics_mrrmovement"),
        AppendOnly("analytics_recount"),
        migrations.RunSQL(LEVEL, NO_LEVEL),
    ]
