"""A gateway that has connected and said nothing yet, and what is stored of it."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import select

from agent_desk.models.system import GatewayEvents
from tests.agent_desk.small_desk import SECRET, SmallDesk
from tests.fakes.gateway import WireGateway

boots = itertools.count(1)


def connected(desk: SmallDesk, **options: Any) -> WireGateway:
    """A gateway that has said nothing yet."""
    gateway = WireGateway(desk.server, desk.clock, **options)
    gateway.connect(SECRET)
    return gateway


def stored_seq(desk: SmallDesk, boot_id: str = "boot1") -> int | None:
    with desk.desk.database.read() as session:
        return session.scalar(
            select(GatewayEvents.last_seq).where(GatewayEvents.boot_id == boot_id)
        )
