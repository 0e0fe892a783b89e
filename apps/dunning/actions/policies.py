"""Policies: made, published as a further version, given to accounts. What they mean for accounts follows at once."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import F

from apps.accounts import queries as accounts
from apps.dunning import queries
from apps.dunning.actions.judge import judge
from apps.dunning.actions.record import publish_steps
from apps.dunning.models import History, Policy, PolicyStep, PolicyVersion, Standing
from apps.dunning.rules import Kind, Terms, problems
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, Invalid, NotFound
from apps.kernel.transactions import unit_of_work

# Each at its own time: an account on a test clock is judged when its clock goes on.
_JUDGE_AGAIN = """
INSERT INTO dunning_watch (account_id, clock_id, next_at)
SELECT account.id, account.test_clock_id, coalesce(clock.frozen_time, %s)
FROM accounts_account AS account
LEFT JOIN clocks_testclock AS clock ON clock.id = account.test_clock_id
LEFT JOIN dunning_standing AS standing ON standing.account_id = account.id
WHERE (standing.policy_id = %s OR (%s AND standing.policy_id IS NULL)) AND (
    standing.status <> 'CURRENT'
    OR EXISTS (SELECT 1 FROM invoices_invoice WHERE account_id = account.id AND status = 'OPEN')
)
ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at
"""


def create(*, name: str, terms: Terms, actor: Actor) -> Policy:
    """Make a policy that nobody has yet. Errors: policy_invalid (422), policy_name_taken (409)."""
    _check(terms)
    with unit_of_work(actor):
        if Policy.objects.filter(name=name).exists():
            raise Conflict("policy_name_taken", f"There is a policy {name!r} already.", hint="Choose another name.")
        policy = Policy.objects.create(name=name)
        _version(policy, 1, terms, actor)
        return policy


def publish(*, policy_id: UUID, terms: Terms, actor: Actor) -> PolicyVersion:
    """Let these terms hold for all who have the policy, from now on: each is judged again.

    Errors: policy_not_found (404), policy_invalid (422), policy_unchanged (409).
    """
    _check(terms)
    with unit_of_work(actor):
        policy = _lock(policy_id)
        now = queries.policies()[0][policy.pk]
        if now.terms == terms:
            raise Conflict("policy_unchanged", "The policy says this already.", hint="Change something first.")
        version = _version(policy, now.version.number + 1, terms, actor)
        Policy.objects.filter(pk=policy.pk).update(version=F("version") + 1, updated_at=clock.wall())
        _judge_again(policy)
        return version


def make_default(*, policy_id: UUID, actor: Actor) -> Policy:
    """Let all who have no policy of their own have this one. Errors: policy_not_found (404)."""
    with unit_of_work(actor):
        policy = _lock(policy_id)
        if not policy.is_default:
            changed = {"version": F("version") + 1, "updated_at": clock.wall()}
            Policy.objects.filter(is_default=True).update(is_default=False, **changed)
            Policy.objects.filter(pk=policy_id).update(is_default=True, **changed)
            policy.refresh_from_db()
            _judge_again(policy)
        return policy


def assign(*, account_ids: Collection[UUID], policy_id: UUID | None, actor: Actor) -> int:
    """Give accounts a policy of their own, or (None) the default; they are judged by it at once.

    Errors: policy_not_found (404).
    """
    with unit_of_work(actor):
        policy = _lock(policy_id) if policy_id else None
        payers = accounts.lock(account_ids)
        standings, at = queries.standings_of(payers), queries.times(payers.values())
        rows = []
        for account_id in payers:
            standing = standings.get(account_id) or Standing(account_id=account_id, version=0)
            if standing.policy_id != policy_id:
                standing.policy, standing.version, standing.updated_at = policy, standing.version + 1, clock.wall()
                rows.append(standing)
        Standing.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["account"],
            update_fields=["policy", "version", "updated_at"],
        )
        publish_steps(
            [
                History(
                    account_id=row.account_id,
                    kind=Kind.POLICY,
                    at=at[row.account_id],
                    status_before=row.status,
                    status_after=row.status,
                    note=policy.name if policy else "the default",
                    actor=str(actor),
                )
                for row in rows
            ]
        )
        judge(at={row.account_id: at[row.account_id] for row in rows}, actor=actor)
        return len(rows)


def _check(terms: Terms) -> None:
    if found := list(problems(terms)):
        raise Invalid("policy_invalid", "The policy is not valid.", hint="Mend what `errors` points at.", errors=found)


def _lock(policy_id: UUID) -> Policy:
    """Policies are locked all together: two who change them take turns."""
    found = {policy.pk: policy for policy in Policy.objects.order_by("pk").select_for_update(no_key=True)}
    if policy_id not in found:
        raise NotFound("policy_not_found", f"There is no policy {policy_id}.", hint="Choose one of those there are.")
    return found[policy_id]


def _version(policy: Policy, number: int, terms: Terms, actor: Actor) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        policy=policy, number=number, on_retries_exhausted=terms.on_retries_exhausted, actor=str(actor)
    )
    PolicyStep.objects.bulk_create(
        PolicyStep(version=version, days=step.days, action=step.action, message=step.message) for step in terms.steps
    )
    return version


def _judge_again(policy: Policy) -> None:
    """Note that all who have this policy are to be looked at now."""
    with connection.cursor() as cursor:
        cursor.execute(_JUDGE_AGAIN, [clock.wall(), policy.pk, policy.is_default])
    ring_after_commit("schedule.run_due", "billing")
