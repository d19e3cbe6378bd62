"""Hints by rules: each with its figures, none on few cases or on what chance explains (A51)."""

from __future__ import annotations

from agent_desk.services.reports.funnels import StatusColumn, funnel
from agent_desk.services.reports.hints import (
    BEST_HOUR,
    NEAR_BOUND,
    OVER_BOUND,
    POOR_LIST,
    SLOW_WRAP_UP,
    WORST_STEP,
    Abandoned,
    Counted,
    Hint,
    WrapUps,
    best_hour,
    near_bounds,
    poor_lists,
    slow_wrap_ups,
    worst_step,
)
from agent_desk.services.reports.making import SECONDS, SHARE
from agent_desk.store.reports.figures import FunnelCounts

WAY = {1: [StatusColumn("contact", "接触"), StatusColumn("valid", "有効コール")]}


def steps(bridged: int, contacts: int, valid: int):
    counts = FunnelCounts(2 * bridged, bridged, bridged, {"contact": contacts, "valid": valid})
    whole = FunnelCounts(2 * bridged, bridged, bridged, counts.codes, {1: counts})
    return funnel(whole, WAY)


def test_a51_the_worst_step_is_told_with_what_the_others_lose() -> None:
    # Half are answered, all of them bridged, 80 of 100 are contacts, 20 of these are valid calls.
    assert worst_step(steps(100, 80, 20)) == [Hint(WORST_STEP, "有効コール", 0.25, 0.8, 80, SHARE)]
    assert worst_step(steps(100, 80, 20), "別名")[0].about == "別名"
    assert (
        worst_step(steps(100, 29, 1))
        == [Hint(WORST_STEP, "有効コール", 1 / 29, 0.5, 29, SHARE)][:0]
    ), "of 29 nothing is said"
    assert worst_step(steps(100, 100, 100)) == [], "nobody is lost"


def test_a51_the_best_hour_is_one_that_is_surely_better() -> None:
    noon, evening = Counted("火 12", 20, 200), Counted("火 18", 90, 300)
    assert best_hour([noon, evening]) == [Hint(BEST_HOUR, "火 18", 0.3, 0.22, 300, SHARE)]
    assert best_hour([noon, Counted("火 18", 3, 5)]) == [], "three of five are no hour to go by"
    alike = [Counted("月 9", 20, 200), Counted("月 10", 22, 200)]
    assert best_hour(alike) == [], "chance explains it"
    assert best_hour([]) == []


def test_a51_a_slow_wrap_up_is_held_against_the_middle_one() -> None:
    people = [WrapUps("佐藤", 30.0, 100), WrapUps("鈴木", 34.0, 90), WrapUps("高橋", 80.0, 120)]
    assert slow_wrap_ups(people) == [Hint(SLOW_WRAP_UP, "高橋", 80.0, 34.0, 120, SECONDS)]
    few = [*people[:2], WrapUps("高橋", 80.0, 29), WrapUps("田中", 32.0, 40)]
    assert slow_wrap_ups(few) == [], "29 wrap-ups are too few to speak of"
    assert slow_wrap_ups(people[1:]) == [], "of two there is no middle"
    quick = [WrapUps("佐藤", 4.0, 90), WrapUps("鈴木", 4.0, 90), WrapUps("高橋", 9.0, 90)]
    assert slow_wrap_ups(quick) == [], "five seconds are not worth a word"


def test_a51_a_list_that_does_not_pay_is_one_that_surely_brings_less() -> None:
    good, poor = Counted("春", 60, 600), Counted("旧名簿", 5, 400)
    (hint,) = poor_lists([good, poor])
    assert hint == Hint(POOR_LIST, "旧名簿", 5 / 400, 65 / 1000, 400, SHARE)
    assert poor_lists([good, Counted("小", 0, 29)]) == [], "none of 29 is no surprise"
    assert poor_lists([good, Counted("似", 35, 400)]) == [], "chance explains it"
    many = [Counted(f"list{n}", n, 1000) for n in range(6)]
    told = poor_lists([Counted("春", 600, 1000), *many])
    assert [each.about for each in told] == ["list0", "list1", "list2"], "the lowest, three at most"


def test_a51_abandonment_is_told_before_the_bound_is_reached() -> None:
    calm, near = Abandoned("静", 1, 1000, 0.03), Abandoned("近", 25, 1000, 0.03)
    over, few = Abandoned("超", 40, 1000, 0.03), Abandoned("少", 5, 29, 0.03)
    told = near_bounds([calm, near, over, few])
    assert told == [
        Hint(OVER_BOUND, "超", 0.04, 0.03, 1000, SHARE),
        Hint(NEAR_BOUND, "近", 0.025, 0.03, 1000, SHARE),
    ]
    assert near_bounds([Abandoned("丁度", 30, 1000, 0.03)])[0].code == NEAR_BOUND
    assert near_bounds([Abandoned("無", 5, 1000, 0.0)]) == []
