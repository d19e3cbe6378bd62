"""What one trunk is set up with, its states, and why it may refuse a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from softphone.sip.calls.session_timer import LEAST_S
from softphone.sip.messages.addressing import IdentityHeader, NumberFormat, Privacy
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.tls import TlsFiles
from softphone.sip.transport.transactions import Transport

# resting: left alone for a while, after failures in a row or because the trunk asked for it.
TrunkState = Literal["up", "down", "registering", "resting"]
RefusalReason = Literal["lines", "calls_per_second", "down", "number"]


class TrunkRefused(Exception):
    """No INVITE was sent. `reason`: lines (cap reached), calls_per_second (no slot within a
    second),
    down (no trunk, not registered, or resting), number (cannot be dialed)."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class TrunkSettings:
    """One trunk. Times in seconds; `session_expires_s=0` switches session timers off.

    `port` 0: by SRV, else the transport's own. `allowed_hosts`: further addresses or names the
    carrier may speak from. `public_host`: what Via and Contact name when the bound address is not
    what the carrier sees. `caller_ids`: the only numbers that may be shown, when there are any.
    `user_phone`: add user=phone. `sips`: URIs of that scheme, TLS only. `tcp_for_large`: requests
    too long for a datagram go by TCP. `options_keepalive_s` 0: never asked by itself.
    """

    trunk_id: str
    host: str
    port: int
    domain: str
    caller_id: str
    lines: int
    calls_per_second: float
    transport: Transport = "udp"
    tls: TlsFiles = field(default_factory=TlsFiles)
    tcp_for_large: bool = False
    sips: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    register: bool = False
    register_expires_s: int = 300
    bind_host: str = "127.0.0.1"
    bind_port: int = 0
    public_host: str = ""
    session_expires_s: int = 1800
    options_keepalive_s: float = 0.0
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    user_agent: str = "AgentDesk"
    caller_ids: tuple[str, ...] = ()
    number_format: NumberFormat = "national"
    identity_header: IdentityHeader = "P-Asserted-Identity"
    privacy: Privacy = ""
    user_phone: bool = False
    allowed_hosts: tuple[str, ...] = ()
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        if 0 < self.session_expires_s < LEAST_S:
            raise ValueError(f"session_expires_s is 0 or at least {LEAST_S} (RFC 4028)")
        if self.register and not self.username:
            raise ValueError("a trunk that registers needs a username")
        if self.sips and self.transport != "tls":
            raise ValueError("sips needs TLS")
