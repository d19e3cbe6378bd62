"""Whether a browser still waits for its page: what nobody waits for need not be made."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flask import request

# First byte of Linux' `struct tcp_info`: the other end has said that it sends no more. Reading
# would tell as well, but not through TLS.
_CLOSE_WAIT = 8


def browser_gone() -> Callable[[], bool]:
    """Asks the connection of this request; always false where the server does not show it."""
    read_by = getattr(request.environ.get("eventlet.input"), "get_socket", None)
    connection = read_by() if read_by is not None else None
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return lambda: False

    def gone() -> bool:
        try:
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        except OSError:
            return True
        return told[0] == _CLOSE_WAIT

    return gone
