"""Runs what the engine decided must be done, after the commit: one branch per effect.

An effect may be lost by a crash between the commit and here, so none is ever written down: the
floor is built anew from the rows, the gateways' snapshots say what they hold, and the deadlines of
`dialer/deadlines.py` end whatever was waiting for an order that never left.
"""

from __future__ import annotations

from agent_desk.dialer import effects
from agent_desk.services.dialing.lease_lane import LeaseLane
from agent_desk.services.dialing.leasing import Dialing
from agent_desk.services.ports import GatewayPort, Publisher


class EffectRunner:
    """Hands each effect to the part that does it."""

    def __init__(self, *, dialing: Dialing, gateway: GatewayPort, publisher: Publisher) -> None:
        self._dialing = dialing
        self.leases = LeaseLane(dialing.lease)
        self._gateway = gateway
        self._publisher = publisher

    def run(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Lease():
                self.leases.put(effect)
            case effects.PlaceCall():
                self._dialing.place(effect)
            case effects.JudgeAgain():
                self._dialing.judge_again(effect)
            case effects.ShowCallerRecord():
                self._publisher.record_shown(effect.seat_id, effect.call_id)
            case effects.TellLeads():
                self._publisher.leads_told(effect.message_id, effect.seat_id, effect.campaign_id)
            case effects.TellSeat():
                self._publisher.seat_told(effect.message_id, effect.seat_id)
            case (
                effects.Bridge()
                | effects.AnswerCall()
                | effects.HangUp()
                | effects.EndWithPrompt()
                | effects.LeaveMessage()
                | effects.AskCustomer()
                | effects.Hold()
                | effects.Mute()
                | effects.PauseRecording()
                | effects.SendDigits()
                | effects.Refer()
                | effects.AddParty()
                | effects.AddSeat()
                | effects.SetParties()
                | effects.DropParty()
                | effects.Supervise()
                | effects.StopSupervising()
                | effects.CloseSeatMedia()
                | effects.BlockNumbers()
                | effects.StopCampaign()
                | effects.ResumeCampaign()
            ):
                self._gateway.perform(effect)
