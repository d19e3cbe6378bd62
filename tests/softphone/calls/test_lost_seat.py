"""The operator's browser is lost in a talk: music, an apology, or it comes back."""

from __future__ import annotations

from softphone.protocol import (
    EndedBy,
    Prompt,
    SeatSilent,
)
from tests.fakes.legs import FakeSeatLeg
from tests.softphone.calls.scene import Scene


async def test_a_seat_that_speaks_and_cannot_be_reached_gives_the_customer_music(
    scene: Scene,
) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(3)
    leg = joint.seat
    assert isinstance(leg, FakeSeatLeg)
    leg.unanswered_s = 0.5  # one check was lost
    scene.talk_for(1)
    assert not scene.seen(SeatSilent)
    leg.unanswered_s = 1.0
    scene.talk_for(1)
    assert scene.seen(SeatSilent) == [SeatSilent("c1", "s1", True)]
    assert joint.done[-1] == "seat lost"
    leg.unanswered_s = 0.0
    scene.talk_for(1)
    assert scene.seen(SeatSilent)[-1] == SeatSilent("c1", "s1", False)
    leg.unanswered_s = 10.0
    scene.talk_for(1)
    assert scene.audio.played == [Prompt.APOLOGY], "the music does not go on for ever"


async def test_a_silent_seat_gives_the_customer_music_within_a_second(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(3)
    scene.clock.pass_s(0.6)
    assert not scene.seen(SeatSilent)
    scene.clock.pass_s(0.4)
    assert scene.seen(SeatSilent) == [SeatSilent("c1", "s1", True)]
    assert joint.done[-1] == "seat lost"


async def test_a_seat_that_speaks_again_goes_on_with_the_talk(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(5)
    scene.talk_for(1)
    assert [event.silent for event in scene.seen(SeatSilent)] == [True, False]
    assert joint.done[-1] == "same seat"
    assert not scene.sip.ended


async def test_a_reloaded_page_takes_over_with_its_first_packet(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(3)
    new_leg = FakeSeatLeg()
    scene.seat.leg = new_leg
    assert scene.seat.talk is not None
    scene.seat.talk.seat_connected(new_leg)
    scene.clock.pass_s(1)
    assert joint.seat is not new_leg
    scene.talk_for(1)
    assert joint.seat is new_leg
    assert [event.silent for event in scene.seen(SeatSilent)] == [True, False]


async def test_a_seat_that_does_not_return_ends_in_an_apology(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(9.8)
    assert not scene.audio.played
    scene.clock.pass_s(0.4)
    assert scene.audio.played == [Prompt.APOLOGY]
    assert scene.seat.talk is None
    scene.audio.finish_prompt()
    assert scene.ended.seat_lost
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.GATEWAY, False)


async def test_a_customer_who_gives_up_on_a_lost_seat_is_told_from_one_who_hangs_up(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    scene.clock.pass_s(11)
    scene.sip.say_bye()
    assert (scene.ended.by, scene.ended.seat_lost) == (EndedBy.CUSTOMER, True)
