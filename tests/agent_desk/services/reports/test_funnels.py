"""The funnel: drops add up, the worst is named, campaigns are compared within what they have."""

from __future__ import annotations

from agent_desk.services.reports.funnels import StatusColumn, funnel, merged, outcomes
from agent_desk.store.reports.figures import FunnelCounts

CONTACT, VALID = StatusColumn("contact", "接触"), StatusColumn("valid", "有効コール")
PROMISED = StatusColumn("payment_date", "支払日設定")
THROUGH, MEETING = StatusColumn("gatekeeper", "受付突破"), StatusColumn("meeting", "アポ")
REFUSED = StatusColumn("refused", "拒否", leaves=True)

DEBTS = FunnelCounts(200, 80, 70, {"contact": 60, "valid": 20, "payment_date": 15})
SALES = FunnelCounts(100, 50, 50, {"gatekeeper": 25, "contact": 20, "meeting": 4, "refused": 9})
WAYS = {1: [CONTACT, VALID, PROMISED], 2: [THROUGH, CONTACT, MEETING, REFUSED]}
BOTH = FunnelCounts(
    attempts=300,
    answered=130,
    bridged=120,
    codes={"contact": 80, "valid": 20, "payment_date": 15, "gatekeeper": 25, "meeting": 4},
    by_campaign={1: DEBTS, 2: SALES},
)


def alone(counts: FunnelCounts, campaign_id: int) -> FunnelCounts:
    return FunnelCounts(
        counts.attempts, counts.answered, counts.bridged, counts.codes, {campaign_id: counts}
    )


def test_b11_the_drop_at_each_step_is_told_and_the_worst_one_marked() -> None:
    steps = funnel(alone(DEBTS, 1), {1: WAYS[1]})
    assert [(step.code, step.count, step.lost) for step in steps] == [
        ("attempts", 200, None),
        ("answered", 80, 120),
        ("bridged", 70, 10),
        ("contact", 60, 10),
        ("valid", 20, 40),
        ("payment_date", 15, 5),
    ]
    assert [step.code for step in steps if step.worst] == ["valid"]
    lost = sum(step.lost or 0 for step in steps)
    assert steps[0].count - lost == steps[-1].count, "what is lost adds up"


def test_b12_a_sales_funnel_has_the_gatekeeper_before_the_contact() -> None:
    steps = funnel(alone(SALES, 2), {2: WAYS[2]})
    assert [step.code for step in steps[3:]] == ["gatekeeper", "contact", "meeting"]
    assert [step.rate_prev for step in steps[3:]] == [0.5, 0.8, 0.2]
    assert [step.code for step in steps if step.worst] == ["meeting"]
    (left,) = outcomes(alone(SALES, 2), {2: WAYS[2]})
    assert (left.code, left.count, left.rate_first) == ("refused", 9, 0.09)


def test_a_step_of_one_campaign_is_compared_within_it_when_all_are_shown_together() -> None:
    steps = {step.code: step for step in funnel(BOTH, WAYS)}
    assert steps["meeting"].rate_prev == 4 / 20, "of those the sales campaign reached"
    assert steps["meeting"].rate_first == 4 / 100
    assert steps["valid"].rate_prev == 20 / 60
    assert steps["contact"].rate_prev == (60 + 20) / (70 + 25)
    assert all(step.rate_prev is not None for step in list(steps.values())[1:])


def test_codes_of_several_campaigns_stand_in_their_own_orders() -> None:
    together = [each.code for each in merged(list(WAYS.values()))]
    assert together == ["gatekeeper", "contact", "meeting", "refused", "valid", "payment_date"]


def test_nobody_lost_is_nowhere_worst() -> None:
    perfect = FunnelCounts(3, 3, 3, {"contact": 3})
    assert not any(step.worst for step in funnel(alone(perfect, 1), {1: [CONTACT]}))
    nothing = FunnelCounts(0, 0, 0, {})
    steps = funnel(alone(nothing, 1), {1: [CONTACT]})
    assert [(step.rate_prev, step.worst) for step in steps] == [(None, False)] * 4
