"""The gateway's end of the wire: one Socket.IO connection to the desk, made again whenever it ends.

Each connection goes the same way: hello, Welcome, snapshot, what the outbox still holds, then new
events and the liveness message. The desk's silence is taken for a dead link after five seconds,
long before TCP would say so. Nothing else in the gateway waits for the link: calls go on without.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import aiohttp
import orjson
import socketio
from socketio.exceptions import SocketIOError

from softphone.link.epochs import Superseded
from softphone.link.outbox import Outbox
from softphone.protocol import (
    NAMESPACE,
    CommandReply,
    Hello,
    Liveness,
    ProtocolError,
    Refusal,
    Snapshot,
    Welcome,
    decode,
    encode,
)

log = logging.getLogger(__name__)

Fetch = Callable[[Callable[[str, object], Awaitable[Any]]], Coroutine[Any, Any, None]]

ACK_S = 5.0
LIVENESS_S = 1.0
# A restarted desk is back within seconds, and until it is found again whoever answers a call hears
# the closing recording: a gateway keeps knocking.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 1.0
# When the desk acknowledges nothing new it could not store: ask again, but not in a tight circle.
NOT_STORED_PAUSE_S = 0.25


class LinkLost(Exception):
    """The connection ended, or the desk stopped answering."""


class Refused(Exception):
    """The desk will not talk to us; it says why."""


_EXPECTED = (
    LinkLost,
    Refused,
    Superseded,
    ProtocolError,
    SocketIOError,
    aiohttp.ClientError,
    OSError,
)


class Gateway(Protocol):
    """What the link carries to and fro (`server.Gateway`)."""

    gateway_id: str
    outbox: Outbox
    on_snapshot_wanted: Callable[[], None]

    def hello(self) -> Hello: ...

    def welcomed(self, welcome: Welcome) -> None: ...

    def snapshot(self) -> Snapshot: ...

    def liveness(self) -> Liveness: ...

    async def command(self, data: object) -> CommandReply: ...


class _Json:
    """orjson with the two names python-socketio asks of a JSON module."""

    @staticmethod
    def dumps(data: object, **options: object) -> str:
        return orjson.dumps(data).decode()

    loads = staticmethod(orjson.loads)


class DeskLink:
    """Keeps the gateway connected to `url`. `tls` pins the desk's certificate when given."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        url: str,
        secret: str,
        tls: ssl.SSLContext | None = None,
        rng: random.Random | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        """`fetch`: asks the desk for files while a connection is there."""
        self._gateway = gateway
        self._fetch = fetch
        self._url = url
        self._secret = secret
        self._tls = tls
        self._rng = rng or random.Random()
        self._session: _Session | None = None

    @property
    def in_step(self) -> bool:
        """Whether the desk has welcomed us and events flow."""
        return self._session is not None and self._session.in_step

    async def run(self) -> None:
        """Connect, serve until the connection ends, pause, again; until cancelled."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._serve_once()
            except _EXPECTED as end:
                reason = f"{type(end).__name__}: {end}"
                log.warning("no link to the desk", extra={"reason": reason})
            except Exception:  # boundary: whatever the link trips over, the calls go on
                log.exception("the link to the desk failed")
            reached = self._session is not None and self._session.in_step
            self._session = None
            pause_s = FIRST_PAUSE_S if reached else min(2 * pause_s, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * self._rng.uniform(0.75, 1.25))

    def send_liveness_now(self) -> None:
        """Something in it is news that should not wait for the next second."""
        if self._session is not None:
            self._session.liveness_due.set()

    async def flush(self, *, within_s: float) -> None:
        """Give the outbox a moment to empty, if the link is up."""
        deadline = asyncio.get_running_loop().time() + within_s
        outbox = self._gateway.outbox
        while self.in_step and outbox.first_seq < outbox.next_seq:
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.01)

    async def _serve_once(self) -> None:
        connector = aiohttp.TCPConnector(ssl=self._tls if self._tls is not None else True)
        async with aiohttp.ClientSession(connector=connector) as http:
            self._session = _Session(self._gateway, http, self._fetch)
            try:
                await self._session.connect(self._url, self._secret)
                await self._session.serve()
            finally:
                await self._session.close()


class _Session:
    """One connection, from hello until it is lost."""

    def __init__(self, gateway: Gateway, http: aiohttp.ClientSession, fetch: Fetch | None) -> None:
        self.in_step = False
        self.liveness_due = asyncio.Event()
        self._gateway = gateway
        self._fetch = fetch
        self._lost = asyncio.Event()
        self._snapshot_wanted = asyncio.Event()
        self._client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=http, json=_Json
        )
        self._client.on("command", self._command, namespace=NAMESPACE)
        self._client.on("disconnect", self._disconnected, namespace=NAMESPACE)

    async def connect(self, url: str, secret: str) -> None:
        await self._client.connect(
            url,
            transports=["websocket"],
            namespaces=[NAMESPACE],
            auth={"secret": secret, "gateway_id": self._gateway.gateway_id},
            wait_timeout=ACK_S,
        )

    async def serve(self) -> None:
        """Introduce ourselves, then carry events until the link is lost. Raises `LinkLost`."""
        await self._introduce()
        await self._send_snapshot()
        self._gateway.on_snapshot_wanted = self._snapshot_wanted.set
        self.in_step = True
        log.info("linked to the desk")
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._deliver_events(),
                self._send_liveness(),
                self._send_wanted_snapshots(),
                self._wait_until_lost(),
                *((self._fetch(self._ask),) if self._fetch is not None else ()),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        self._gateway.on_snapshot_wanted = lambda: None
        await self._client.disconnect()

    async def _introduce(self) -> None:
        answer = await self._ask("hello", encode(self._gateway.hello()))
        if isinstance(answer, dict) and answer.get("type") == Refusal.__name__:
            refusal = decode(Refusal, answer)
            raise Refused(f"{refusal.error_id}: {refusal.message}")
        self._gateway.welcomed(decode(Welcome, answer))

    async def _send_snapshot(self) -> None:
        self._snapshot_wanted.clear()
        await self._ask("snapshot", encode(self._gateway.snapshot()))

    async def _send_wanted_snapshots(self) -> None:
        while True:
            await self._snapshot_wanted.wait()
            await self._send_snapshot()

    async def _deliver_events(self) -> None:
        outbox = self._gateway.outbox
        while True:
            await outbox.wait()
            before = outbox.first_seq
            answer = await self._ask("events", [encode(each) for each in outbox.batch()])
            outbox.acknowledge(_acknowledged(answer))
            if outbox.first_seq == before:
                await asyncio.sleep(NOT_STORED_PAUSE_S)

    async def _send_liveness(self) -> None:
        while True:
            await self._client.emit(
                "liveness", encode(self._gateway.liveness()), namespace=NAMESPACE
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.liveness_due.wait(), LIVENESS_S)
            self.liveness_due.clear()

    async def _wait_until_lost(self) -> None:
        await self._lost.wait()
        raise LinkLost("the connection ended")

    async def _ask(self, event: str, data: object) -> Any:
        """Send and return the acknowledgement; `LinkLost` when none comes."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def acknowledged(*given: Any) -> None:
            if not answer.done():
                answer.set_result(given[0] if given else None)

        await self._client.emit(event, data, namespace=NAMESPACE, callback=acknowledged)
        lost = asyncio.create_task(self._lost.wait())
        try:
            await asyncio.wait({answer, lost}, timeout=ACK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        if not answer.done():
            raise LinkLost(f"no answer to {event}")
        return answer.result()

    async def _command(self, data: object) -> dict[str, Any]:
        return encode(await self._gateway.command(data))

    async def _disconnected(self, *reason: object) -> None:
        self._lost.set()


def _acknowledged(answer: object) -> int:
    """The number in the desk's answer to events. Raises `ProtocolError`, `LinkLost`."""
    number = answer.get("acknowledged") if isinstance(answer, dict) else None
    if type(number) is not int:
        raise ProtocolError("the answer to events has no number")
    if number < 0:
        raise LinkLost("the desk has forgotten this connection")
    return number
