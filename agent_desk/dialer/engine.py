"""The engine: one pure function from floor and command to the next floor, events and effects.

Two machines live on the floor, the operator's seat (`seats.py`) and the call (`calls.py`), each a
table of legal moves. They are coupled in four places only, and each has its module: a waiting
call takes the longest-idle proven-ready seat (`offering.py`), two-way audio makes the reserved
seat talk (`call_facts.py`), a call's end frees the seat or turns it to wrap-up (`endings.py`), and
preview reserves the seat before the call exists (`preview.py`).

Whoever asks, it is a command: an operator's button, a lead's switch, a gateway's news, the lease's
answer, the clock. `decide` looks up the handler of its class, lets it work on a draft, matches
waiting calls with ready seats, and returns the new floor. It reads no clock and rolls no dice:
the same floor, command and instant give the same decision, so a decision can be replayed.

What the caller (`services/running/group_commit.py`) must know:

* A raised `Refused` or `IllegalMove` has changed nothing; the floor passed in stands.
* `Decided.floor` is tentative until the events are durable. Effects run after that, in order
  (but for `effects.urgent_first`).
* A floor that is the same object means that nothing changed at all.
* Commands of one gateway are handed in in the order it numbered them; a `GatewaySnapshot` after
  the events that happened before it.
* Every `Lease` effect is answered by one `AttemptsLeased`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from agent_desk.dialer import (
    call_facts,
    commands,
    deadlines,
    dialing,
    gateway_facts,
    gateways,
    inbound,
    link_health,
    messages,
    parties,
    preview,
    recordings,
    results,
    seat_commands,
    seat_orders,
    skills,
    supervision,
    surveys,
    withdrawals,
    wrap_up,
)
from agent_desk.dialer.commands import Command
from agent_desk.dialer.draft import Decided, Draft
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.offering import offer_waiting

__all__ = ["Decided", "HANDLERS", "decide"]


def _tick(draft: Draft, command: commands.Tick) -> None:
    deadlines.tick(draft)


HANDLERS: Mapping[type[Command], Callable[[Draft, Any], None]] = {
    commands.OpenSeat: seat_commands.open_seat,
    commands.CloseSeat: seat_commands.close_seat,
    commands.PassDeviceCheck: seat_commands.pass_device_check,
    commands.GoAvailable: seat_commands.go_available,
    commands.GoAway: seat_commands.go_away,
    commands.CancelAway: seat_commands.cancel_away,
    commands.HangUp: seat_commands.hang_up,
    commands.SetHold: seat_commands.set_hold,
    commands.SetMute: seat_commands.set_mute,
    commands.PauseRecording: recordings.pause,
    commands.SendDigits: parties.send_digits,
    commands.CallNumber: parties.call_number,
    commands.CallColleague: parties.call_colleague,
    commands.SetPartyMode: parties.set_party_mode,
    commands.HandOver: parties.hand_over,
    commands.DropParty: parties.drop_party,
    commands.LeaveMessage: messages.leave,
    commands.HandToSurvey: surveys.hand_over,
    commands.ExtendWrapUp: wrap_up.extend,
    commands.NextCustomer: preview.next_customer,
    commands.DialByHand: preview.dial_by_hand,
    commands.PlacePreviewed: preview.place_previewed,
    commands.SkipPreviewed: preview.skip_previewed,
    commands.WorkOn: seat_commands.work_on,
    commands.Serve: seat_commands.serve,
    commands.OrderSeat: seat_orders.order_seat,
    commands.SetSkill: skills.set_skill,
    commands.CancelOrder: seat_orders.cancel,
    commands.FinishWrapUp: seat_orders.finish_wrap_up,
    commands.ObservePulses: link_health.observe_pulses,
    commands.ObserveMedia: link_health.observe_media,
    commands.MarkStatus: results.mark_status,
    commands.RecordIdentity: results.record_identity,
    commands.SetPromise: results.set_promise,
    commands.WithdrawPromise: results.withdraw_promise,
    commands.SetCallback: results.set_callback,
    commands.DraftNote: results.draft_note,
    commands.SaveResult: wrap_up.save_result,
    commands.AttemptsLeased: dialing.attempts_leased,
    commands.SetCampaignRunning: dialing.set_running,
    commands.StopCampaigns: dialing.stop_campaigns,
    commands.SetScreening: dialing.set_screening,
    commands.StartCalls: dialing.start_calls,
    commands.SetPacing: dialing.set_pacing,
    commands.SetAbandonTarget: dialing.set_abandon_target,
    commands.ApproveSafeHarbour: dialing.approve_safe_harbour,
    commands.ApproveMessage: messages.approve,
    commands.ApprovePrompt: surveys.approve,
    commands.ConfigureCampaign: dialing.configure,
    commands.CountAnswers: dialing.count_answers,
    commands.BlockCustomer: dialing.block,
    commands.WithdrawCalls: withdrawals.withdraw,
    commands.OpenSupervisor: supervision.open_supervisor,
    commands.AttendFloor: supervision.attend,
    commands.LeaveFloor: supervision.leave,
    commands.Supervise: supervision.supervise,
    commands.FollowSeat: supervision.follow,
    commands.MuteSupervisor: supervision.mute,
    commands.HoldTaken: supervision.hold,
    commands.StopSupervising: supervision.stop,
    commands.Tick: _tick,
    gateway_facts.GatewayWelcomed: gateways.welcomed,
    gateway_facts.GatewayLost: gateways.lost,
    gateway_facts.GatewaySnapshot: gateways.snapshot,
    gateway_facts.CallArrived: inbound.arrived,
    gateway_facts.CallPlaced: call_facts.placed,
    gateway_facts.CallNotPlaced: call_facts.not_placed,
    gateway_facts.CallRerouted: call_facts.rerouted,
    gateway_facts.CallRinging: call_facts.ringing,
    gateway_facts.CallAnswered: call_facts.answered,
    gateway_facts.CallScreened: call_facts.screened,
    gateway_facts.CallBridged: call_facts.bridged,
    gateway_facts.BridgeRefused: call_facts.bridge_refused,
    gateway_facts.CallTreated: call_facts.treated,
    gateway_facts.SeatSilent: call_facts.seat_silent,
    gateway_facts.PartyChanged: parties.changed,
    gateway_facts.PartyRefused: parties.refused,
    gateway_facts.CallReferred: parties.referred,
    gateway_facts.SupervisionChanged: supervision.changed,
    gateway_facts.SupervisionRefused: supervision.refused,
    gateway_facts.MessageLeft: messages.left,
    gateway_facts.MessageRefused: messages.refused,
    gateway_facts.CustomerAnswered: surveys.answered,
    gateway_facts.AskRefused: surveys.refused,
    gateway_facts.CallEnded: call_facts.ended,
    gateway_facts.RecordingEnded: recordings.ended,
    gateway_facts.RecordingFailed: recordings.failed,
    gateway_facts.SeatMediaUp: link_health.media_up,
    gateway_facts.SeatMediaDown: link_health.media_down,
    gateway_facts.TrunkChanged: gateways.trunk_changed,
    gateway_facts.MessagesHeld: gateways.messages_held,
}


def decide(floor: Floor, command: Command, now: datetime) -> Decided:
    """What this command comes to at `now` (UTC); raises IllegalMove or Refused."""
    draft = Draft(floor, now, cause=type(command).__name__)
    HANDLERS[type(command)](draft, command)
    seat_orders.carry_out_waiting(draft)
    offer_waiting(draft)
    return draft.decided()
