"""The entry: no argument serves the desk, a subcommand runs the command line.

eventlet has to replace the standard library's sockets, locks and threads before anything else is
imported, and must not do so for the command line (an import of a list would gain nothing and a
migration's driver would misbehave). So argv is looked at first, and this is the only module of
the product that names eventlet. Anywhere else `threading` and `time.sleep` are written, and are
green here.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any


class Eventlet:
    """What is eventlet's own, behind `server.Runtime`. Patches at construction."""

    async_mode = "eventlet"

    def __init__(self) -> None:
        # libc's resolver would be replaced by a pure Python one that knows less.
        os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
        self._eventlet = eventlet
        import eventlet.websocket

        from agent_desk.unmasking import unmask

        eventlet.websocket.RFC6455WebSocket._apply_mask = staticmethod(unmask)
        self._wait_for_statements()

    def _wait_for_statements(self) -> None:
        """In place of eventlet's own way to wait for PostgreSQL."""
        from psycopg2 import extensions

        from agent_desk.statement_waits import StatementWaits

        hubs = self._eventlet.hubs

        def give_turn(fd: int, to_write: bool) -> None:
            hubs.trampoline(fd, read=not to_write or None, write=to_write or None)

        poller = self._eventlet.patcher.original("select").poll
        extensions.set_wait_callback(StatementWaits(give_turn=give_turn, poller=poller))

    def listen(self, host: str, port: int, *, backlog: int) -> Any:
        """A listening TCP socket."""
        return self._eventlet.listen((host, port), backlog=backlog)

    def wrap_tls(self, listener: Any, *, certificate: str, key: str) -> Any:
        """The same socket, speaking TLS."""
        return self._eventlet.wrap_ssl(
            listener, certfile=certificate, keyfile=key, server_side=True
        )

    def serve(self, listener: Any, app: Any, *, open_sockets: int) -> None:
        """Serve WSGI for as long as the process lives."""
        import eventlet.wsgi

        eventlet.wsgi.server(listener, app, max_size=open_sockets, log_output=False, keepalive=True)

    def spawn_from_signal(self, work: Callable[..., None], *arguments: Any) -> None:
        """Start work from a signal handler, which may run where no thread can be waited for."""
        self._eventlet.spawn_n(work, *arguments)

    def off_hub(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run C code that drops the GIL in a real thread."""
        import eventlet.tpool

        return eventlet.tpool.execute(work, *arguments)


def serve() -> int:
    """Patch, then import everything else and serve until SIGTERM or Ctrl-C."""
    runtime = Eventlet()
    from agent_desk import server

    return server.serve(runtime)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        from agent_desk.cli import main

        sys.exit(main(sys.argv[1:]))
    sys.exit(serve())
