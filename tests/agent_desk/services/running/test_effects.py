"""Each effect goes to the part that does it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from agent_desk.dialer import effects
from agent_desk.dialer.effects import Effect
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TrunkId
from agent_desk.services.ports import GatewayEffect
from agent_desk.services.running.effects import EffectRunner
from tests.fakes.gateway import QuietGateway
from tests.fakes.publisher import QuietPublisher

CALL, SEAT, GATEWAY, CAMPAIGN = CallId("c"), SeatId("s"), GatewayId("g"), CampaignId(1)
NOW = datetime(2026, 5, 12, 1, 0, tzinfo=UTC)

SAMPLES: tuple[Effect, ...] = (
    effects.Lease(CAMPAIGN, 1, None),
    effects.PlaceCall(CALL, GATEWAY),
    effects.JudgeAgain(GATEWAY),
    effects.Bridge(CALL, SEAT, GATEWAY),
    effects.AnswerCall(CALL, GATEWAY, 60.0),
    effects.HangUp(CALL, GATEWAY, "operator"),
    effects.EndWithPrompt(CALL, GATEWAY, "apology", "seat-lost"),
    effects.LeaveMessage(CALL, GATEWAY, "0" * 64),
    effects.AskCustomer(CALL, GATEWAY, "0" * 64, "1" * 64, 6),
    effects.Hold(CALL, GATEWAY, True),
    effects.Mute(SEAT, GATEWAY, True),
    effects.PauseRecording(CALL, GATEWAY, True),
    effects.SendDigits(CALL, GATEWAY, "1#"),
    effects.Refer(CALL, "p", GATEWAY, "+81312345678"),
    effects.AddParty(CALL, "p", GATEWAY, TrunkId("t"), "+81312345678", "k", "+81300000000", NOW),
    effects.AddSeat(CALL, "p", GATEWAY, SEAT),
    effects.SetParties(CALL, "p", GATEWAY, "conference"),
    effects.DropParty(CALL, "p", GATEWAY),
    effects.Supervise(CALL, SEAT, GATEWAY, "listen"),
    effects.StopSupervising(CALL, SEAT, GATEWAY),
    effects.CloseSeatMedia(SEAT, GATEWAY),
    effects.BlockNumbers(("k",)),
    effects.StopCampaign(CAMPAIGN),
    effects.ResumeCampaign(CAMPAIGN),
    effects.ShowCallerRecord(SEAT, CALL),
    effects.TellLeads("gateway-lost", SEAT, CAMPAIGN),
    effects.TellSeat("preview-overdue", SEAT),
)


class QuietDialing:
    """Keeps what it was asked to lease, to place and to judge again."""

    def __init__(self) -> None:
        self.asked: list[Effect] = []

    def lease(self, effect: effects.Lease) -> None:
        self.asked.append(effect)

    def place(self, effect: effects.PlaceCall) -> None:
        self.asked.append(effect)

    def judge_again(self, effect: effects.JudgeAgain) -> None:
        self.asked.append(effect)


def test_there_is_a_sample_of_every_effect() -> None:
    assert {type(sample) for sample in SAMPLES} == set(get_args(Effect))


@pytest.mark.parametrize("effect", SAMPLES, ids=lambda effect: type(effect).__name__)
def test_an_effect_reaches_exactly_one_part(effect: Effect) -> None:
    dialing, gateway, publisher = QuietDialing(), QuietGateway(), QuietPublisher()
    runner = EffectRunner(dialing=dialing, gateway=gateway, publisher=publisher)  # type: ignore[arg-type]

    runner.run(effect)

    pages = [*publisher.records, *publisher.told, *publisher.seats_told]
    assert len([*dialing.asked, *gateway.performed, *pages]) == 1
    if isinstance(effect, get_args(GatewayEffect)):
        assert gateway.performed == [effect]
    if isinstance(effect, effects.Lease | effects.PlaceCall | effects.JudgeAgain):
        assert dialing.asked == [effect]
    if isinstance(effect, effects.ShowCallerRecord):
        assert publisher.records == [(SEAT, CALL)]
    if isinstance(effect, effects.TellLeads):
        assert publisher.told == [("gateway-lost", SEAT, CAMPAIGN)]
    if isinstance(effect, effects.TellSeat):
        assert publisher.seats_told == [("preview-overdue", SEAT)]
