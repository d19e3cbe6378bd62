"""What an operator may do with a call besides talking, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agent_desk.dialer.floor import Call
from agent_desk.services.campaigns.training import Training
from agent_desk.services.ground import Ground
from agent_desk.services.people.names import People
from agent_desk.services.people.skills import SkillService
from agent_desk.services.ports import Hub
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.scripts.talk import ScriptTalk
from agent_desk.services.seat.alerts import Alerts
from agent_desk.services.seat.floor_plans import FloorPlans
from agent_desk.services.seat.floor_views import FloorViews
from agent_desk.services.seat.help import Help
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.services.seat.messages import LeavingMessages
from agent_desk.services.seat.orders import SeatOrders
from agent_desk.services.seat.own_average import OwnAverage
from agent_desk.services.seat.own_target import OwnTarget
from agent_desk.services.seat.own_valid_calls import OwnValidCalls
from agent_desk.services.seat.seat_messages import SeatMessages
from agent_desk.services.seat.surveys import Surveys
from agent_desk.services.seat.thresholds import FloorThresholds
from agent_desk.services.seat.transfers import Transfers
from agent_desk.services.seat.voices import Voices
from config import DeskConfig


@dataclass(frozen=True)
class CallTools:
    """Each of them answers for the call on one operator's seat."""

    transfers: Transfers
    scripts: ScriptTalk
    help: Help
    seat_messages: SeatMessages
    skills: SkillService
    floor_plans: FloorPlans
    floor_views: FloorViews
    own_average: OwnAverage
    own_target: OwnTarget
    own_valid_calls: OwnValidCalls
    messages: LeavingMessages
    surveys: Surveys
    voices: Voices
    training: Training
    orders: SeatOrders
    thresholds: FloorThresholds
    alerts: Alerts

    def at_the_end(self, call: Call) -> dict[str, Any]:
        """What the page shows of how the talk on a call is, or was, brought to its end."""
        return {
            "message": self.messages.shown(call),
            "survey": self.surveys.shown(call),
            "voice": self.voices.shown(call.call_id) if call.bridged_at is not None else "",
        }


class CallGround(Ground, Protocol):
    """And what these need beside it."""

    @property
    def book(self) -> CampaignBook: ...

    @property
    def hub(self) -> Hub: ...


def call_tools(
    ground: CallGround,
    commits: GroupCommit,
    config: DeskConfig,
    *,
    quality: LineQuality,
    user_ended: Callable[[int], None],
) -> CallTools:
    """Built once per desk; `user_ended` closes what a person has open."""
    base: dict[str, Any] = {"database": ground.database, "commits": commits, "clock": ground.clock}
    names = People(ground.database).names
    helping = Help(commits=commits, clock=ground.clock)
    thresholds = FloorThresholds(**base)
    return CallTools(
        transfers=Transfers(
            **base,
            sealer=ground.sealer,
            caller_ids={trunk.trunk_id: trunk.caller_id for trunk in config.trunks},
            trunk_numbers={trunk.trunk_id: trunk.shown_numbers for trunk in config.trunks},
            names=names,
            practice=config.practice,
        ),
        scripts=ScriptTalk(**base),
        help=helping,
        skills=SkillService(**base),
        seat_messages=SeatMessages(**base, campaigns=ground.book),
        floor_plans=FloorPlans(**base),
        floor_views=FloorViews(**base),
        own_average=OwnAverage(database=ground.database, clock=ground.clock),
        own_target=OwnTarget(database=ground.database, clock=ground.clock),
        own_valid_calls=OwnValidCalls(database=ground.database, clock=ground.clock),
        messages=LeavingMessages(**base),
        surveys=Surveys(**base),
        voices=Voices(**base, sealer=ground.sealer),
        orders=SeatOrders(
            commits=commits,
            clock=ground.clock,
            campaigns=ground.book,
            hub=ground.hub,
            user_ended=user_ended,
        ),
        thresholds=thresholds,
        alerts=Alerts(
            commits=commits,
            clock=ground.clock,
            helping=helping,
            quality=quality,
            thresholds=thresholds,
            campaigns=ground.book,
            names=names,
        ),
        training=Training(
            **base,
            sealer=ground.sealer,
            book=ground.book,
        ),
    )
