"""Several gateways on one machine: what each of them is told, so that none takes another's things.

Each has its own name, data directory and part of `RTP_PORTS`, and its own SIP and relay ports where
those are fixed. The first keeps the directory of a single gateway: what that one left to be cleared
is found.
"""

from __future__ import annotations

from collections.abc import Mapping

from config import ConfigError, Fault, GatewayConfig

FEWEST_PORTS = 20


def environs(environ: Mapping[str, str], count: int) -> list[dict[str, str]]:
    """The environment of each of `count` gateways. Raises `ConfigError`."""
    if count == 1:
        return [dict(environ)]
    whole = GatewayConfig.from_environ(environ)
    first, last = whole.rtp_ports
    each = (last - first + 1) // count
    if each < FEWEST_PORTS:
        fault = Fault(
            "RTP_PORTS",
            f"{first}-{last} leaves {each} ports to each of {count} gateways",
            f"Widen it to {count * FEWEST_PORTS} ports or lower GATEWAYS",
        )
        raise ConfigError((fault,))
    name = environ.get("GATEWAY_ID", "").strip()
    found = []
    for place in range(count):
        gateway_id = f"{name}-{place + 1}" if name else f"gw{place + 1}"
        low = first + place * each
        told = {
            "GATEWAY_ID": gateway_id,
            "GATEWAY_DATA_DIR": f"{whole.data_dir}-{gateway_id}" if place else str(whole.data_dir),
            "RTP_PORTS": f"{low}-{low + each - 1}",
            # A trunk's socket each, on ports that follow one another.
            "SIP_BIND": _shifted(whole.sip_bind, place * len(whole.trunks)),
        }
        if whole.relay_bind is not None:
            told["GATEWAY_RELAY_BIND"] = _shifted(whole.relay_bind, place)
        found.append({**environ, **told})
    return found


def _shifted(bind: tuple[str, int], by: int) -> str:
    """host:port with a later port; a port of 0 stays the system's choice."""
    host, port = bind
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port + by if port else 0}"
