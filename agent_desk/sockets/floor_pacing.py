"""What leads ask of the dialer's last hour, for the chart of a campaign's panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.ids import CampaignId
from agent_desk.sockets.connections import Open
from agent_desk.sockets.publisher import SocketPublisher


class PacingEvents:
    """For the namespace of `/floor`. What follows is pushed with the floor, second by second."""

    _publisher: SocketPublisher

    def on_pacing_trace(
        self, opened: Open, sid: str, payload: Mapping[str, Any], cid: str | None
    ) -> dict[str, Any]:
        campaign_id = CampaignId(payload["campaign_id"])
        return self._publisher.pacing_trace(opened.identity, campaign_id, payload["since"])
