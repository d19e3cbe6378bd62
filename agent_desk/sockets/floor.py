"""`/floor`: the leads' page: what it may steer, and its snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.services.campaigns.steering import CampaignService
from agent_desk.services.seat.call_tools import CallTools
from agent_desk.services.seat.supervision import Supervision
from agent_desk.sockets.connections import Open
from agent_desk.sockets.events import FLOOR_EVENTS
from agent_desk.sockets.floor_alerts import AlertEvents
from agent_desk.sockets.floor_messages import MessageEvents
from agent_desk.sockets.floor_orders import OrderEvents
from agent_desk.sockets.floor_pacing import PacingEvents
from agent_desk.sockets.floor_plan import PlanEvents
from agent_desk.sockets.floor_supervision import SupervisionEvents
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.sockets.strict import StrictNamespace

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class FloorUse:
    """What leads may ask for from their page."""

    campaigns: CampaignService
    supervision: Supervision
    calls: CallTools


class FloorNamespace(
    SupervisionEvents,
    OrderEvents,
    PacingEvents,
    MessageEvents,
    PlanEvents,
    AlertEvents,
    StrictNamespace,
):
    """Steering is checked against the lead's scope by the service, and audited there."""

    EVENTS = FLOOR_EVENTS

    def __init__(self, use: FloorUse, *, publisher: SocketPublisher, **checks: Any) -> None:
        super().__init__("/floor", **checks)
        self._campaigns = use.campaigns
        self._supervision = use.supervision
        self._hands = use.calls.help
        self._orders = use.calls.orders
        self._messages = use.calls.seat_messages
        self._skills = use.calls.skills
        self._plans = use.calls.floor_plans
        self._alerts = use.calls.alerts
        self._publisher = publisher

    def opened(self, sid: str, opened: Open) -> None:
        self._publisher.send_snapshot(sid, opened)

    def on_set_campaign_running(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        unconfirmed = self._campaigns.set_running(
            CampaignId(payload["campaign_id"]),
            payload["running"],
            actor=opened.identity.username,
            teams=opened.identity.teams,
            in_flight=payload["in_flight"] or "finish",
            command_id=cid,
        )
        return {"unconfirmed": list(unconfirmed)}

    def on_stop_all(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        unconfirmed = self._campaigns.stop_all(
            in_flight=payload["in_flight"],
            actor=opened.identity.username,
            teams=opened.identity.teams,
            command_id=cid,
        )
        return {"unconfirmed": list(unconfirmed)}

    def on_set_abandon_target(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> None:
        self._campaigns.set_abandon_target(
            CampaignId(payload["campaign_id"]),
            payload["target"],
            actor=opened.identity.username,
            teams=opened.identity.teams,
            command_id=cid,
        )

    def on_set_screening(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._campaigns.set_screening(
            CampaignId(payload["campaign_id"]),
            payload["screening"],
            actor=opened.identity.username,
            teams=opened.identity.teams,
            command_id=cid,
        )

    def on_set_pacing(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._campaigns.set_pacing(
            CampaignId(payload["campaign_id"]),
            mode=payload["mode"],
            ratio=payload["ratio"],
            actor=opened.identity.username,
            teams=opened.identity.teams,
            command_id=cid,
        )

    def on_take_hand(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        seat_id, who = SeatId(payload["seat"]), opened.identity
        self._hands.lower_hand(seat_id, by=who.username, teams=who.teams)
        self._publisher.seat_changed(seat_id)

    def on_still_there(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        """The page wants to know whether it is still being fed."""

    def on_resync(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._publisher.send_snapshot(sid, opened)
