"""A Socket.IO server without a network: namespaces at one end, pretend clients at the other.

What passes through is turned into JSON and back with the product's encoder, so that what could
not be sent fails here as well. Everything happens in the caller's thread, at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import orjson
import socketio

from agent_desk.sockets.encoded_once import encode

Listener = Callable[[str, Any, Any], None]  # event, data, acknowledge


@dataclass(frozen=True)
class Sent:
    """One message to a client."""

    namespace: str
    sid: str
    event: str
    data: Any


class FakeIoServer:
    """What namespaces, publisher and gateway link use of `socketio.Server`."""

    def __init__(self) -> None:
        self.namespaces: dict[str, socketio.Namespace] = {}
        self.sent: list[Sent] = []
        self.closed: list[tuple[str, str]] = []  # namespace, sid; closed by the desk
        self.open: set[tuple[str, str]] = set()
        self.listeners: dict[str, Listener] = {}
        self.sids = itertools.count(1)
        # Where the server looks how much a client has still to read: (namespace, sid) → messages.
        self.unread: dict[tuple[str, str], int] = {}
        self.manager = self.eio = self

    # --- the server's side ----------------------------------------------------------------------

    def register_namespace(self, namespace: socketio.Namespace) -> None:
        namespace._set_server(self)
        self.namespaces[namespace.namespace] = namespace

    def emit(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        *,
        namespace: str | None = None,
        callback: Callable[..., None] | None = None,
        **_: Any,
    ) -> None:
        assert to is not None and namespace is not None, "nothing is broadcast"
        plain = _through_json(data)
        self.sent.append(Sent(namespace, to, event, plain))
        listener = self.listeners.get(to)
        if listener is not None and (namespace, to) in self.open:
            listener(event, plain, callback)

    def disconnect(self, sid: str, namespace: str) -> None:
        self.closed.append((namespace, sid))
        self.lose(namespace, sid)

    def eio_sid_from_sid(self, sid: str, namespace: str) -> tuple[str, str]:
        return (namespace, sid)

    @property
    def sockets(self) -> dict[tuple[str, str], Any]:
        return {
            key: SimpleNamespace(queue=SimpleNamespace(qsize=lambda count=count: count))
            for key, count in self.unread.items()
        }

    # --- the clients' side ----------------------------------------------------------------------

    def connect(self, namespace: str, sid: str, auth: object) -> None:
        """Connect a client; raises socketio's ConnectionRefusedError when turned away."""
        self.open.add((namespace, sid))
        try:
            self.namespaces[namespace].trigger_event("connect", sid, {}, _through_json(auth))
        except socketio.exceptions.ConnectionRefusedError:
            self.open.discard((namespace, sid))
            raise

    def lose(self, namespace: str, sid: str) -> None:
        """The client is gone, and the server has noticed."""
        if (namespace, sid) in self.open:
            self.open.discard((namespace, sid))
            self.namespaces[namespace].trigger_event("disconnect", sid, "transport close")

    def say(self, namespace: str, sid: str, event: str, data: object) -> Any:
        """A client's event; the acknowledgement."""
        answer = self.namespaces[namespace].trigger_event(event, sid, _through_json(data))
        return _through_json(answer)

    def heard_by(self, sid: str, namespace: str = "/desk") -> list[Sent]:
        """What one client was sent, in order."""
        return [each for each in self.sent if (each.sid, each.namespace) == (sid, namespace)]


class FakeIo:
    """What `wire` uses of Flask-SocketIO: its server."""

    def __init__(self) -> None:
        self.server = FakeIoServer()


def _through_json(value: object) -> Any:
    return orjson.loads(encode(value))
