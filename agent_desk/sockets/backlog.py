"""How much a page has still to read: the server keeps it in memory, without a limit of its own.

A page that stopped reading (a suspended tab, a dead network) would otherwise be given every update
until its ping runs out. Beyond `MOST` messages it gets nothing more, and one snapshot when it has
caught up.
"""

from __future__ import annotations

from typing import Any

MOST = 64
FEW = 4


def waiting(server: Any, sid: str, namespace: str) -> int:
    """Messages that wait to be sent to a socket; `server` is a `socketio.Server`."""
    eio_sid = server.manager.eio_sid_from_sid(sid, namespace)
    socket = server.eio.sockets.get(eio_sid) if eio_sid is not None else None
    return 0 if socket is None else int(socket.queue.qsize())
