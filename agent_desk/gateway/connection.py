"""What the desk knows of one connected gateway."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from agent_desk.dialer.ids import GatewayId
from softphone import protocol as wire


@dataclass
class Connection:
    """One connected gateway. `stored` is the number of its last event that is durable."""

    sid: str
    gateway_id: GatewayId
    boot_id: str
    stored: int
    relay_address: str = ""  # host:port at which other gateways reach it
    safe_harbour: str = ""  # SHA-256 of the recording it plays to abandoned calls
    messages: tuple[str, ...] = ()  # of all recordings it could play then
    told_to_hold: tuple[str, ...] | None = None  # the recordings it was told of last
    shares: tuple[wire.TrunkShare, ...] = ()  # what it was told last
    in_step: bool = False
    pending_snapshot: wire.Snapshot | None = None
    stumbled_at: int = 0  # the event that could not be stored last, and how often in succession
    stumbles: int = 0
    order: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def greeted(cls, sid: str, hello: wire.Hello, *, stored: int) -> Connection:
        """One that said hello."""
        return cls(
            sid,
            GatewayId(hello.gateway_id),
            hello.boot_id,
            stored,
            relay_address=hello.relay_address,
            safe_harbour=hello.safe_harbour,
            messages=hello.messages,
        )
