"""Free ports on loopback, for processes that must be told a number before they start.

They are not of those the kernel gives away: between choosing and starting, any connection of a
neighbouring test might get the same one.
"""

from __future__ import annotations

import os
import socket
from itertools import chain
from pathlib import Path

OURS = range(30_000, 32_700)  # the kernel's begin at 32768
# Of each port chosen, for as long as this process lives; other workers of the tests see them.
_claims: list[socket.socket] = []


def free_tcp_port() -> int:
    """A TCP port nobody listens on, and no other test is given."""
    return _free()


def free_udp_port() -> int:
    """A UDP port nobody is bound to, and no other test is given."""
    return _free()


def _free() -> int:
    """Of TCP and UDP: a peer may want both under one number."""
    first = OURS.start + (os.getpid() * 97 + len(_claims)) % len(OURS)
    for port in chain(range(first, OURS.stop), range(OURS.start, first)):
        if _claim(port):
            return port
    raise RuntimeError(f"no port is free in {OURS}")


def _claim(port: int) -> bool:
    """Take a number if nobody has it. A name in the abstract space of sockets ends with us."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0agent-desk-test-port-{port}")
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


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
