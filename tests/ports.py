"""Free ports on loopback, for processes that must be told a number before they start."""

from __future__ import annotations

import socket
from pathlib import Path


def free_tcp_port() -> int:
    """A TCP port nobody listens on at this moment."""
    return _free(socket.SOCK_STREAM)


def free_udp_port() -> int:
    """A UDP port nobody is bound to at this moment."""
    return _free(socket.SOCK_DGRAM)


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def port_is_bound(port: int) -> bool:
    """Whether somebody holds it, UDP or TCP: asked of the kernel, for a try would be in the way."""
    lines = [
        line
        for kind in ("udp", "tcp")
        for line in Path(f"/proc/net/{kind}").read_text("ascii").splitlines()[1:]
    ]
    return any(int(line.split()[1].rpartition(":")[2], 16) == port for line in lines)


def listens(port: int) -> bool:
    """Whether somebody takes TCP connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True
