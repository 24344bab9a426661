"""What this agent answers, in sentences for people who do not read policy.toml."""

from collections.abc import Iterator

from hefed.custodian.policy import ALL_KINDS, Policy, tightened

_RELEASE = {
    "approval": "A result stays here, sealed, until people of {approvals} institutions have signed for its release.",
    "hold": "A result waits here, unread, until somebody lets it go with `approve`.",
    "automatic": "A result that passed the disclosure rules goes to the server at once.",
}


def policy_lines(policy: Policy, *, opens: bool) -> Iterator[str]:
    """``opens``: this agent reads totals; one that only answers with its share knows no deaths and holds no results."""
    if set(policy.kinds) == set(ALL_KINDS):
        yield "Every kind of request is answered."
    else:
        yield f"Only these kinds of requests are answered: {', '.join(policy.kinds)}."
    yield f"A model is trained on {policy.minimum_rows:,} patients or more."
    if opens:
        yield f"There must be {policy.minimum_events:,} deaths or more among them."
    if policy.institutions:
        yield f"Only patients of these hospitals: {', '.join(policy.institutions)}."
    else:
        yield "Patients of every hospital of the study."
    if policy.pools:
        pools = sorted(" with ".join(sorted(pool)) for pool in policy.pools)
        yield f"Only these pools: {'; '.join(pools)}."
    yield f"At most {policy.requests_per_day:,} requests a day (UTC)."
    if opens:
        yield from _results(policy)


def _results(policy: Policy) -> Iterator[str]:
    rules, policy = policy.disclosure, tightened(policy, None)
    yield _RELEASE[policy.release].format(approvals=policy.approvals)
    if policy.agents_must_approve:
        yield f"Besides, the own programs of {policy.agents_must_approve} hospitals must approve each release."
    yield f"Counts from 1 to {rules.small_cell} are hidden; others are rounded to multiples of {rules.round_to}."
    yield (
        f"A hospital's own figures need {rules.min_events} deaths and survivors; each step of a curve "
        f"{rules.curve_events}."
    )
    yield "Where the study asks for more, the stricter number counts."
