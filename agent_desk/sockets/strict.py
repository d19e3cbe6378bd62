"""The base of the page namespaces: thin, injected and strict.

Nothing reaches a handler before the socket's identity, role, rate and payload were checked, and
everything that does is acknowledged. These are plain python-socketio namespaces: no Flask request
context is built per event, which costs a quarter less and keeps the tail short.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import socketio

from agent_desk.dialer.errors import IllegalMove, Refused
from agent_desk.services.errors import ServiceError
from agent_desk.sockets.connections import Connections, Identity, Open
from agent_desk.sockets.events import ROLES_OF_NAMESPACE, BadPayload, PageEvent, read_payload

log = logging.getLogger(__name__)

Admit = Callable[[object, str], Identity | None]
Translate = Callable[..., str]


class SocketRefused(Exception):
    """An event is turned away with a stable error id."""

    def __init__(self, error_id: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(error_id)
        self.error_id = error_id
        self.details = dict(details or {})


class StrictNamespace(socketio.Namespace):
    """Subclasses name their `EVENTS` and have a method `on_<event>(opened, sid, payload, id)`."""

    EVENTS: Mapping[str, PageEvent] = {}

    def __init__(
        self, name: str, *, connections: Connections, admit: Admit, translate: Translate
    ) -> None:
        super().__init__(name)
        self.connections = connections
        self._admit = admit
        self._translate = translate

    # --- python-socketio's entry --------------------------------------------------------------

    def trigger_event(self, event: str, *args: Any) -> Any:
        if event == "connect":
            return self._connect(args[0], args[2] if len(args) > 2 else None)
        if event == "disconnect":
            opened = self.connections.drop(args[0], self.namespace)
            if opened is not None:
                self.closed(args[0], opened)
            return None
        return self._handle(event, args[0], args[1] if len(args) > 1 else {})

    def _connect(self, sid: str, auth: object) -> None:
        identity = self._admit(auth, self.namespace)
        if identity is None or identity.role not in ROLES_OF_NAMESPACE[self.namespace]:
            raise socketio.exceptions.ConnectionRefusedError("ticket-refused")
        tab = auth.get("tab") if isinstance(auth, dict) else None
        self._replace(identity.username, tab)
        opened = self.connections.admit(
            sid, self.namespace, identity=identity, tab=tab if isinstance(tab, str) else sid
        )
        self.opened(sid, opened)

    def _replace(self, username: str, tab: object) -> None:
        """Close older sockets of the same page: one that lost its network may look open for long.

        Told of through no handler: the page itself is not gone.
        """
        for sid, opened in self.connections.of(self.namespace):
            if opened.identity.username == username and opened.tab == tab:
                self.connections.close(sid, self.namespace)

    def _handle(self, event: str, sid: str, data: object) -> dict[str, Any]:
        opened = self.connections.get(sid, self.namespace)
        try:
            rule = self._checked(event, sid, opened)
            payload = read_payload(rule, data)
            assert opened is not None
            handler = getattr(self, f"on_{event}")
            answer = handler(opened, sid, payload, _command_id(data))
            return {"ok": True, **(answer or {})}
        except SocketRefused as refused:
            self._strike(sid, opened)
            return self._refusal(opened, refused.error_id, refused.details)
        except (ServiceError, Refused) as refused:
            return self._refusal(opened, refused.error_id, refused.details)
        except IllegalMove:
            return self._refusal(opened, "illegal-move", {})
        except BadPayload as bad:
            self._strike(sid, opened)
            return self._refusal(opened, "bad-payload", {"reason": str(bad)})
        except Exception:  # boundary: whatever broke, the page is waiting for an answer
            log.exception("the event %s failed", event)
            return self._refusal(opened, "unexpected", {})

    def _checked(self, event: str, sid: str, opened: Open | None) -> PageEvent:
        rule = self.EVENTS.get(event)
        if rule is None:
            raise SocketRefused("unknown-event", {"event": str(event)[:40]})
        if opened is None:
            raise SocketRefused("signed-out")
        if opened.identity.role not in rule.roles:
            raise SocketRefused("not-allowed")
        if not self.connections.take_token(sid, self.namespace, time.monotonic()):
            raise SocketRefused("too-many-events")
        return rule

    def _strike(self, sid: str, opened: Open | None) -> None:
        """An event no page of ours sends; whoever sends many of them is cut off."""
        if opened is not None and self.connections.strike(sid, self.namespace, time.monotonic()):
            log.warning("user %d was cut off: too many events", opened.identity.user_id)

    def _refusal(
        self, opened: Open | None, error_id: str, details: Mapping[str, Any]
    ) -> dict[str, Any]:
        locale = opened.identity.locale if opened is not None else "ja"
        message = self._translate(f"error.{error_id}", locale=locale, **details)
        error = {"id": error_id, "message": message, "details": dict(details)}
        return {"ok": False, "error": error}

    # --- for subclasses ----------------------------------------------------------------------

    def opened(self, sid: str, opened: Open) -> None:
        """A socket was admitted."""

    def closed(self, sid: str, opened: Open) -> None:
        """A socket went away."""


def _command_id(data: object) -> str | None:
    """The id the page gave its command; None when it gave none. Overlong ones are refused."""
    given = data.get("command_id") if isinstance(data, dict) else None
    if given is None:
        return None
    if not isinstance(given, str) or not 8 <= len(given) <= 64:
        raise BadPayload("command_id is not 8 to 64 characters")
    return given
