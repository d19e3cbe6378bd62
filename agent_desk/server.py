"""Serving: the listening socket, Socket.IO and the WSGI loop around a wired desk.

Our own launcher rather than Flask-SocketIO's `run`, for measured reasons: TCP_NODELAY on the
listener (without it a command's round trip is four times as long), room for 20,000 open sockets
instead of 1,024, no per-message compression (it triples the memory per client), and a garbage
collector that does not stop the world every few seconds.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import orjson
from flask_socketio import SocketIO

from agent_desk import logs
from agent_desk.app import create_app
from agent_desk.desk import Desk
from agent_desk.hub import ThreadHub
from agent_desk.services.demo.seed import DemoRefused, refuse_demo_rows
from agent_desk.sockets.encoded_once import encode
from agent_desk.store.lock import DataDirectoryLocked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from agent_desk.wiring import wire
from config import ConfigError, DeskConfig

log = logging.getLogger(__name__)

OPEN_SOCKETS = 20_000
BACKLOG = 512
PING_EVERY_S = 10
PING_LOST_S = 5
# The largest message is a gateway's snapshot: a thousand calls are about 150 kB.
LARGEST_MESSAGE = 512 * 1024


class Runtime(Protocol):
    """The server library, as `__main__.py` hands it in."""

    async_mode: str

    def listen(self, host: str, port: int, *, backlog: int) -> Any: ...

    def wrap_tls(self, listener: Any, *, certificate: str, key: str) -> Any: ...

    def serve(self, listener: Any, app: Any, *, open_sockets: int) -> None: ...

    def spawn_from_signal(self, work: Callable[..., None], *arguments: Any) -> None: ...

    def off_hub(self, work: Callable[..., Any], *arguments: Any) -> Any: ...


class Json:
    """orjson behind the interface python-socketio expects."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return encode(value)

    @staticmethod
    def loads(text: str | bytes, **_: object) -> Any:
        return orjson.loads(text)


def serve(runtime: Runtime) -> int:
    """Serve until told to stop; 0, or 1 when it cannot start (the reason is printed)."""
    logs.set_up()
    try:
        config = DeskConfig.from_environ(os.environ)
        lock = lock_data_directory(config.data_dir)
        if not config.own_practice_carrier:
            refuse_demo_rows(Database(config.database_url))
    except (ConfigError, DataDirectoryLocked, DemoRefused) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    try:
        listener = _listen(runtime, config)
    except OSError as taken:
        sys.stderr.write(
            f"{config.host}:{config.port} cannot be listened on ({taken.strerror});"
            " set DESK_PORT to a free port\n"
        )
        return 1
    with lock:
        io = _socketio(runtime)
        desk = wire(config, hub=ThreadHub(runtime.off_hub), io=io)
        app = create_app(desk)
        _attach(app, io, desk)
        desk.start()
        _quieten_collector()
        return _run(runtime, listener, app, desk)


def _run(runtime: Runtime, listener: Any, app: Any, desk: Desk) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runtime.spawn_from_signal(_leave, desk))
    log.info("the desk is listening")
    runtime.serve(listener, app, open_sockets=OPEN_SOCKETS)
    return 0


def _leave(desk: Desk) -> None:
    """End the process at once.

    The server library would wait for every open websocket to go, and pages do not go. What was
    acknowledged is durable already, and every page reconnects to the next desk by itself.
    """
    desk.stop()
    log.info("the desk is going")
    os._exit(0)


def _listen(runtime: Runtime, config: DeskConfig) -> Any:
    listener = runtime.listen(config.host, config.port, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by accepted ones
    if config.tls_cert is not None and config.tls_key is not None:
        return runtime.wrap_tls(listener, certificate=str(config.tls_cert), key=str(config.tls_key))
    return listener


def _socketio(runtime: Runtime) -> SocketIO:
    """Socket.IO over websockets only, for pages of the same origin and gateways without one."""
    return SocketIO(
        async_mode=runtime.async_mode,
        json=Json,
        transports=["websocket"],
        ping_interval=PING_EVERY_S,
        ping_timeout=PING_LOST_S,
        max_http_buffer_size=LARGEST_MESSAGE,
        http_compression=False,
        manage_session=False,
    )


def _attach(app: Any, io: SocketIO, desk: Desk) -> None:
    """Put Socket.IO in front of the application, without compression."""
    io.init_app(app)
    for namespace in desk.namespaces:
        io.server.register_namespace(namespace)
    inner = app.wsgi_app

    def without_extensions(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        answer: Iterable[bytes] = inner(environ, start_response)
        return answer

    app.wsgi_app = without_extensions


def _quieten_collector() -> None:
    """Full collections were the p99.9 of everything: 60–120 ms each at 500 sockets.

    What exists by now is never looked at again; the rest the routine collects once a minute.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2000, 25, 100_000)
