"""Screening while a person is offered already, and screening before anyone is."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    CallPhase,
    CallScreened,
    CallTreated,
    EndedBy,
    Prompt,
    ScreeningMode,
    Verdict,
)
from tests.softphone.calls.scene import Scene


@pytest.fixture
async def watch() -> Scene:
    return Scene(ScreeningMode.WATCH)


@pytest.fixture
async def strict() -> Scene:
    return Scene(ScreeningMode.STRICT)


async def test_watching_offers_at_the_first_voice_and_reports_the_verdict_later(
    watch: Scene,
) -> None:
    watch.answer()
    assert watch.call.phase is CallPhase.SCREENING
    watch.clock.pass_s(0.4)
    watch.audio.hear_voice()
    assert watch.last(CallScreened).offered
    watch.clock.pass_s(1.5)
    watch.audio.find(Verdict.HUMAN, 1100)
    last = watch.last(CallScreened)
    assert (last.verdict, last.greeting_end_ms, last.offered) == (Verdict.HUMAN, 1100, False)


async def test_watching_never_leaves_a_silent_line_unoffered(watch: Scene) -> None:
    watch.answer()
    watch.clock.pass_s(1.25)
    assert watch.last(CallScreened).offered
    watch.clock.pass_s(2.0)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]


async def test_the_time_to_bridge_counts_from_the_end_of_the_greeting(watch: Scene) -> None:
    watch.answer()
    watch.clock.pass_s(0.4)
    watch.audio.hear_voice()
    watch.clock.pass_s(3.6)  # still talking, or just finished: nothing runs out meanwhile
    watch.audio.find(Verdict.HUMAN, 3300)
    watch.clock.pass_s(1.2)
    assert not watch.audio.played
    watch.clock.pass_s(0.2)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]
    assert watch.last(CallTreated).after_ms == 5300


async def test_a_voice_after_the_offer_stops_the_clock_until_the_greeting_ends(
    watch: Scene,
) -> None:
    watch.answer()
    watch.clock.pass_s(1.5)
    watch.audio.hear_voice()
    watch.clock.pass_s(2.0)
    assert not watch.audio.played
    watch.audio.find(Verdict.HUMAN, 2800)
    watch.clock.pass_s(1.4)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]


async def test_a_watched_machine_nobody_wants_is_hung_up_without_a_prompt(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.audio.find(Verdict.MACHINE)
    watch.clock.pass_s(2.1)
    assert not watch.audio.played
    assert (watch.ended.verdict, watch.ended.abandoned) == (Verdict.MACHINE, False)
    assert watch.ended.cause == "machine"


async def test_a_verdict_during_the_talk_is_reported_and_changes_nothing(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.bridge()
    watch.audio.find(Verdict.MACHINE)
    assert watch.last(CallScreened).verdict is Verdict.MACHINE
    watch.talk_for(5)
    assert watch.call.phase is CallPhase.BRIDGED


async def test_hanging_up_a_watched_machine_is_not_abandoned(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.audio.find(Verdict.MACHINE)
    watch.call.hang_up(by=EndedBy.DESK, cause="machine")
    assert not watch.ended.abandoned


@pytest.mark.parametrize("verdict", [Verdict.HUMAN, Verdict.UNCERTAIN])
async def test_strict_offers_persons_and_who_may_be_one(strict: Scene, verdict: Verdict) -> None:
    strict.answer()
    strict.audio.hear_voice()
    strict.clock.pass_s(1.6)
    assert not strict.seen(CallScreened)
    strict.audio.find(verdict, 900)
    assert strict.seen(CallScreened) == [CallScreened("c1", verdict, 900, True, "by order")]
    strict.clock.pass_s(1.35)
    assert strict.audio.played == [Prompt.SAFE_HARBOUR]


@pytest.mark.parametrize(
    "verdict", [Verdict.MACHINE, Verdict.ANNOUNCEMENT, Verdict.TONE, Verdict.SILENCE]
)
async def test_strict_hangs_up_on_what_is_no_person(strict: Scene, verdict: Verdict) -> None:
    strict.answer()
    strict.audio.find(verdict)
    assert not strict.last(CallScreened).offered
    assert not strict.audio.played
    assert (strict.ended.by, strict.ended.cause) == (EndedBy.GATEWAY, verdict.value)
    assert (strict.ended.verdict, strict.ended.abandoned) == (verdict, False)


async def test_strict_screening_is_not_cut_short_by_a_clock(strict: Scene) -> None:
    strict.answer()
    strict.clock.pass_s(6)
    assert strict.call.phase is CallPhase.SCREENING
