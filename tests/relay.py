"""Debian's coturn on loopback, with short-lived credentials: the relay of closed networks."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_udp_port
from tests.waiting import until

COTURN = shutil.which("turnserver")
needs_coturn = pytest.mark.coturn
SECRET = "the secret of relay and desk"


@dataclass(frozen=True)
class Relay:
    """A running relay."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    def sessions(self) -> int:
        """Allocations made so far."""
        return self.log.read_text("utf-8", "replace").count("ALLOCATE processed, success")


@contextmanager
def running_relay(folder: Path) -> Iterator[Relay]:
    """coturn in the foreground on a free port, until the block ends."""
    port = free_udp_port()
    relay = Relay(port, folder / "turnserver.log")
    settings = folder / "turnserver.conf"
    # As in docs/deploy.md, but for the addresses: here the gateway is on loopback.
    settings.write_text(
        f"""
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
realm=example.jp
use-auth-secret
static-auth-secret={SECRET}
allow-loopback-peers
no-tls
no-dtls
no-cli
no-tcp
no-tcp-relay
pidfile={folder / "turnserver.pid"}
userdb={folder / "turnserver.db"}
log-file={relay.log}
simple-log
verbose
"""
    )
    assert COTURN is not None
    process = subprocess.Popen(
        [COTURN, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: _answers(port), what="coturn")
        yield relay
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    """Whether something answers a STUN request there."""
    request = bytes.fromhex("00010000" + "2112a442") + bytes(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.sendto(request, ("127.0.0.1", port))
            return bool(probe.recv(100))
        except OSError:
            return False
