"""What an account shows of its dunning is what dunning decided, and what was decided follows from something."""

from collections.abc import Sequence

from apps.monitoring.invariants.invariant import Invariant

ACCOUNTS: Sequence[Invariant] = (
    Invariant(
        "overdue_status_is_dunnings",
        "An account shows the state of its standing, and is on hold exactly while a hold lasts.",
        """
        SELECT format('account %%s shows %%s, dunning says %%s', account.id, account.overdue_status,
                      coalesce(standing.status, 'CURRENT'))
        FROM accounts_account AS account LEFT JOIN dunning_standing AS standing ON standing.account_id = account.id
        WHERE account.overdue_status <> coalesce(standing.status, 'CURRENT')
        UNION ALL
        SELECT format('account %%s: dispute_hold is %%s', account.id, account.dispute_hold)
        FROM accounts_account AS account
        LEFT JOIN dunning_hold AS hold ON hold.account_id = account.id AND hold.to_date IS NULL
        WHERE account.dispute_hold <> (hold.id IS NOT NULL)
        """,
    ),
    Invariant(
        "entitlements_are_those_of_subscriptions",
        "What is kept of what an account may use is what its live subscriptions grant.",
        """
        SELECT format('account %%s: %%s is kept', kept.account_id, kept.granted)
        FROM dunning_entitlement AS kept
        WHERE kept.granted <> coalesce((
            SELECT jsonb_agg(version.features ORDER BY subscription.id)
            FROM subscriptions_subscription AS subscription
            JOIN plans_planversion AS version ON version.id = subscription.plan_version_id
            WHERE subscription.account_id = kept.account_id AND subscription.status IN ('TRIAL', 'ACTIVE')
        ), '[]')
        """,
    ),
    Invariant(
        "mrr_is_of_active_subscriptions",
        "The movements of an account come to what its active subscriptions cost a month; those with a coupon of so many"
        " periods within the hour.",
        """
        SELECT format('account %%s: movements come to %%s, the newest says %%s, subscriptions %%s', account.id,
                      moved.sum, moved.level, analytics_mrr(account.id))
        FROM accounts_account AS account
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(movement.amount), 0) AS sum, count(*) AS count, max(movement.sequence) AS newest,
                   coalesce((array_agg(movement.level ORDER BY movement.sequence DESC))[1], 0) AS level
            FROM analytics_mrrmovement AS movement WHERE movement.account_id = account.id
        ) AS moved
        WHERE moved.sum <> moved.level OR moved.newest <> moved.count
           OR moved.level <> analytics_mrr(account.id) AND NOT EXISTS (
               SELECT FROM coupons_attachment AS held JOIN coupons_coupon AS coupon ON coupon.id = held.coupon_id
               WHERE held.account_id = account.id AND coupon.duration = 'repeating')
        """,
    ),
    Invariant(
        "behind_because_of_something_open",
        "An account that is warned or blocked has an open invoice.",
        """
        SELECT format('account %%s is %%s and has nothing open', standing.account_id, standing.status)
        FROM dunning_standing AS standing
        WHERE standing.status <> 'CURRENT' AND NOT EXISTS (
            SELECT 1 FROM invoices_invoice AS invoice
            WHERE invoice.account_id = standing.account_id AND invoice.status = 'OPEN'
        )
        """,
    ),
)
