"""Where a trunk may call to, and what it may spend on a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from softphone.protocol import TrunkChanged, TrunkShare
from softphone.routing.routed_call import NotPlaced
from softphone.routing.toll_guard import (
    JAPAN,
    SAVE_AFTER_S,
    TollGuard,
    TollRules,
    in_e164,
    may_call,
)
from softphone.routing.trunks import Trunks
from softphone.sip.calls.outbound import OutboundInvite
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeTrunk
from tests.softphone.sip.placed_calls import HeardCall

PREMIUM = ("+81990", "+81180", "+81570")
RULES = TollRules("t1", allowed=("+81",), denied=PREMIUM, cap_yen=100, yen_per_minute=20)


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("+819012345678", True),
        ("+819000000001", True),  # a practice customer
        ("0312345678", True),
        ("0120123456", True),  # the called party pays
        ("0990123456", False),
        ("+81990123456", False),
        ("0180123456", False),
        ("0570012345", False),
        ("+12025550100", False),
        ("010 1 202 555 0100", False),
        ("110", False),
        ("119", False),
        ("117", False),
        ("+", False),
        ("", False),
        ("0312345678;phone-context=+1", False),
    ],
)
def test_only_ordinary_numbers_of_japan_are_called(number: str, allowed: bool) -> None:
    assert may_call(RULES, number) is allowed


def test_a_trunk_may_be_opened_for_more_and_a_longer_prefix_decides() -> None:
    rules = TollRules("t1", allowed=("+81", "+1202", "+815701"), denied=("+81570",))
    assert may_call(rules, "+12025550100") and not may_call(rules, "+12125550100")
    assert may_call(rules, "0570123456") and not may_call(rules, "0570923456")


def test_numbers_are_compared_in_one_form() -> None:
    assert in_e164("03-1234-5678") == in_e164("+81312345678") == in_e164("010 81 312345678")


class Till:
    """A guard on a clock of the test's, with a file."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 4, 1, 10, 0, tzinfo=JAPAN)
        self.timers = HandClock()
        self.folder = folder
        self.guard = self.restart()

    def restart(self) -> TollGuard:
        path = self.folder / "spent.json"
        self.guard = TollGuard([RULES], now=lambda: self.now, path=path, timers=self.timers)
        return self.guard

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.timers.pass_s(seconds)

    def talk(self, call_id: str, seconds: float) -> None:
        self.guard.begun(call_id, "t1")
        self.guard.answered(call_id)
        self.pass_s(seconds)
        self.guard.ended(call_id, answered=True)

    @property
    def refused(self) -> str | None:
        refusal = self.guard.refusal("t1", "+81312345678")
        return refusal.error_id if refusal else None


@pytest.fixture
def till(tmp_path: Path) -> Till:
    return Till(tmp_path)


def test_minutes_begun_are_spent_until_the_cap_is_reached(till: Till) -> None:
    till.talk("c1", 61)  # 40 yen
    till.talk("c2", 10)  # 20
    assert till.refused is None
    till.talk("c3", 119)  # 40
    assert till.refused == "spend_cap" and till.guard.exhausted("t1")


def test_calls_that_are_out_count_with_a_minute_each(till: Till) -> None:
    for number in range(5):
        assert till.refused is None
        till.guard.begun(f"c{number}", "t1")
    assert till.refused == "spend_cap"
    assert not till.guard.exhausted("t1"), "they may come to nothing"
    for number in range(5):
        till.guard.ended(f"c{number}", answered=False)
    assert till.refused is None


def test_a_live_talk_counts_as_it_grows(till: Till) -> None:
    till.guard.begun("c1", "t1")
    till.guard.answered("c1")
    till.pass_s(239)
    assert till.refused is None
    till.pass_s(2)
    assert till.refused == "spend_cap"


def test_an_answer_hung_up_at_once_still_costs(till: Till) -> None:
    for number in range(5):
        till.guard.begun(f"c{number}", "t1")
        till.guard.ended(f"c{number}", answered=True)
    assert till.refused == "spend_cap"


def test_the_cap_outlives_a_restart_and_ends_with_the_business_day(till: Till) -> None:
    till.talk("c1", 290)
    till.pass_s(SAVE_AFTER_S)
    till.restart()
    assert till.refused == "spend_cap"
    till.pass_s(14 * 3600 + 1)  # past midnight in Japan
    assert till.refused is None
    till.restart()
    assert till.refused is None


def test_a_crash_in_a_talk_does_not_give_its_money_back(till: Till) -> None:
    till.guard.begun("c1", "t1")
    till.guard.answered("c1")
    till.pass_s(290)
    till.guard.save()
    till.restart()
    assert till.refused == "spend_cap"


def test_a_file_that_cannot_be_read_stops_nothing(till: Till, tmp_path: Path) -> None:
    (tmp_path / "spent.json").write_text("[1")
    till.restart()
    assert till.refused is None


def test_a_gateway_spends_its_part_of_the_cap_only(till: Till) -> None:
    till.guard.set_part("t1", 0.5)
    till.talk("c1", 150)
    assert till.refused == "spend_cap"


def test_a_trunk_that_may_spend_no_more_is_told_as_not_up(till: Till) -> None:
    events: list[object] = []
    trunks = Trunks(events.append, till.guard)
    trunk = FakeTrunk("t1", lines=9)

    def make(on_state: object) -> FakeTrunk:
        trunk.on_state = on_state  # type: ignore[assignment]
        return trunk

    trunks.add(TrunkShare("t1", 9, 9.0), make, orphans=lambda: 0)
    trunk.on_state("up", "up")
    invite = OutboundInvite("c1", "+81312345678", "", "offer", 20)
    trunks.place("t1", invite, HeardCall())
    trunk.placed[0].answer()
    till.pass_s(290)
    trunk.placed[0].say_bye()
    with pytest.raises(NotPlaced) as refused:
        trunks.place("t1", invite, HeardCall())
    assert refused.value.refusal.error_id == "spend_cap"
    assert events[-1] == TrunkChanged("t1", False, "spend_cap")
    till.pass_s(86400)
    assert trunks.liveness()[0].up
    assert events[-1] == TrunkChanged("t1", True, "up")
