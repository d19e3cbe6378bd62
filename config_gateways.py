"""Where gateways listen and reach the desk, and how many there are: settings made of addresses."""

from __future__ import annotations

import os
from ipaddress import ip_address

from config_reader import Reader, is_loopback, split_host_port
from config_trunks import Trunk


def gateway_id(read: Reader) -> str:
    """The name of this gateway."""
    text = read.text("GATEWAY_ID", "gw1")
    if not (text.isascii() and text.replace("-", "").replace("_", "").isalnum()):
        read.fault("GATEWAY_ID", f"{text!r} is not a name", "Use letters, digits, - and _")
    return text


def desk_url(read: Reader) -> str:
    """Where the desk is reached: as told, or by its own settings on this machine."""
    default = local_url(
        host=read.text("DESK_HOST", "127.0.0.1"),
        port=read.integer("DESK_PORT", 5000, low=1, high=65535),
        tls=bool(read.text("DESK_TLS_CERT")),
    )
    return read.url("DESK_URL", schemes=("http", "https"), default=default) or default


def host_of(url: str) -> str:
    """The host of a URL."""
    return split_host_port(url.partition("://")[2].partition("/")[0], default_port=0)[0]


def local_url(*, host: str, port: int, tls: bool) -> str:
    """How to reach a listener from its own machine; a wildcard address cannot be opened."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    bracketed = f"[{reachable}]" if ":" in reachable and "[" not in reachable else reachable
    return f"{'https' if tls else 'http'}://{bracketed}:{port}"


def sip_bind(read: Reader, trunks: tuple[Trunk, ...]) -> tuple[str, int]:
    """The local address of SIP."""
    loopback = all(is_loopback(trunk.host) for trunk in trunks)
    text = read.text("SIP_BIND", "127.0.0.1:0" if loopback else "0.0.0.0:5060")
    try:
        host, port = split_host_port(text, default_port=5060)
        return str(ip_address(host)), port
    except ValueError:
        read.fault("SIP_BIND", f"{text!r} is not address:port", "Write it as 0.0.0.0:5060")
        return "127.0.0.1", 0


def relay_bind(read: Reader, *, one_machine: bool) -> tuple[str, int] | None:
    """The address of relays; None for none."""
    text = read.text("GATEWAY_RELAY_BIND", "127.0.0.1:0" if one_machine else "")
    if not text:
        return None
    try:
        host, port = split_host_port(text, default_port=0)
        if not ip_address(host).is_unspecified:
            return str(ip_address(host)), port
    except ValueError:
        pass
    read.fault(
        "GATEWAY_RELAY_BIND",
        f"{text!r} is not an address other gateways can send to",
        "Write it as 10.0.0.5:0",
    )
    return None


def gateways(read: Reader) -> int:
    """How many gateways the supervisor starts."""
    if read.text("GATEWAYS") == "auto":
        return max(1, (os.cpu_count() or 2) - 1)
    return read.integer("GATEWAYS", 1, low=1, high=64)
