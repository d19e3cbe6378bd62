"""A desk for tests of the gateway: the real wire, and nothing behind it.

    desk = FakeDesk()
    await desk.start()
    ... start a gateway with DESK_URL=desk.url and GATEWAY_SECRET=desk.secret ...
    await desk.linked()
    reply = await desk.send(PlaceCall(...))
    answered = await desk.event(CallAnswered)
    await desk.stop()                      # the desk is away
    await desk.start()                     # and back on the same port, with what it had stored

It stores events as the real one does: in order, each once, and acknowledges what it has stored.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import socketio
from aiohttp import web

from softphone.protocol import (
    NAMESPACE,
    VERSION,
    Command,
    CommandEnvelope,
    CommandReply,
    Event,
    EventEnvelope,
    FetchMessage,
    Hello,
    Liveness,
    MessagePart,
    Refusal,
    Snapshot,
    TrunkShare,
    Welcome,
    decode,
    encode,
)
from softphone.wire.copies import PART
from tests.waiting import PATIENCE_S, START_S, await_until

EVENTS = ("connect", "disconnect", "hello", "snapshot", "events", "liveness")
E = TypeVar("E")


class FakeDesk:
    """See the module. What it welcomes a gateway with are plain attributes."""

    def __init__(self, *, epoch: int = 1, secret: str = "a secret between the two") -> None:
        self.epoch = epoch
        self.secret = secret
        self.clock_offset_s = 0.0
        self.shares: tuple[TrunkShare, ...] | None = None  # None: all the gateway offers
        self.stopped_campaigns: tuple[int, ...] = ()
        self.blocked: tuple[str, ...] = ()
        self.refusal: Refusal | None = None
        self.stores = True  # False: a database that is down
        self.answers_events = True  # False: a desk that hangs
        self.port = 0
        self.hellos: list[Hello] = []
        self.snapshots: list[Snapshot] = []
        self.liveness: list[Liveness] = []
        self.stored: list[EventEnvelope] = []
        self.forgets = False  # True: it does not know who is talking
        self.batches = 0  # of events, stored or not
        self.repeated = 0  # events that came although they were stored
        self.gaps: list[int] = []
        self.files: dict[str, bytes] = {}  # uploaded recordings by SHA-256
        self.gateway_id = ""
        self._sid: str | None = None
        self._shown_by: str | None = None  # whose snapshot we have
        self._tasks: set[asyncio.Task[Any]] = set()
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self, *, plus_s: float = 0.0) -> datetime:
        """Business time."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset_s + plus_s)

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._server = socketio.AsyncServer(
            async_mode="aiohttp", namespaces=[NAMESPACE], ping_interval=10, ping_timeout=5
        )
        self._server.eio.start_background_task = self._spawn  # else its tasks outlive it
        for name in (*EVENTS, "message_part"):
            self._server.on(name, getattr(self, f"_on_{name}"), namespace=NAMESPACE)
        app = web.Application()
        self._server.attach(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Go away. What was stored is kept."""
        if self._runner is not None:
            await self.cut()
            await self._server.shutdown()
            await self._runner.cleanup()
            self._runner = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self) -> None:
        """End the connection to the gateway, which will make a new one."""
        sid, self._sid = self._sid, None
        if sid is not None:
            await self._server.disconnect(sid, namespace=NAMESPACE)

    def _spawn(self, work: Callable[..., Any], *args: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work(*args, **options))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- asking -----------------------------------------------------------------------------

    async def linked(self, *, within_s: float = START_S) -> Snapshot:
        """Wait until a gateway has sent the snapshot of this connection."""
        await await_until(
            lambda: self._sid is not None and self._sid == self._shown_by,
            within_s=within_s,
            what="a linked gateway",
        )
        return self.snapshots[-1]

    async def send(
        self, command: Command, *, epoch: int | None = None, command_id: str | None = None
    ) -> CommandReply:
        """Send a command and return the gateway's reply."""
        envelope = CommandEnvelope(
            command_id=command_id or f"cmd-{next(self._numbers)}",
            epoch=self.epoch if epoch is None else epoch,
            gateway_id=self.gateway_id,
            command=command,
        )
        return await self.send_raw(encode(envelope))

    async def send_raw(self, data: dict[str, Any]) -> CommandReply:
        assert self._sid is not None, "no gateway is linked"
        reply = await self._server.call(
            "command", data, to=self._sid, namespace=NAMESPACE, timeout=10
        )
        return decode(CommandReply, reply)

    def events(self, kind: type[E], **wanted: object) -> list[E]:
        """The stored events of a class whose fields have these values."""
        found = [each.event for each in self.stored if isinstance(each.event, kind)]
        return [
            event  # type: ignore[misc]
            for event in found
            if all(getattr(event, name) == value for name, value in wanted.items())
        ]

    async def event(self, kind: type[E], *, within_s: float = PATIENCE_S, **wanted: object) -> E:
        """Wait for the first such event."""
        try:
            found = await await_until(lambda: self.events(kind, **wanted), within_s=within_s)
        except AssertionError:
            message = f"no {kind.__name__} {wanted} within {within_s} s, but {self.kinds()}"
            raise AssertionError(message) from None
        return found[0]

    def kinds(self) -> list[str]:
        return [type(each.event).__name__ for each in self.stored]

    # --- what the gateway says --------------------------------------------------------------

    async def _on_connect(self, sid: str, environ: object, auth: Any = None) -> bool:
        return isinstance(auth, dict) and auth.get("secret") == self.secret

    async def _on_disconnect(self, sid: str, reason: object = None) -> None:
        if self._sid == sid:
            self._sid = None

    async def _on_hello(self, sid: str, data: object) -> dict[str, Any]:
        hello = decode(Hello, data)
        if self.refusal is not None:
            return encode(self.refusal)
        self.hellos.append(hello)
        self.gateway_id = hello.gateway_id
        self._sid = sid
        return encode(
            Welcome(
                version=VERSION,
                epoch=self.epoch,
                clock_offset_s=self.clock_offset_s,
                acknowledged=self._last_stored(hello.boot_id),
                shares=hello.trunks if self.shares is None else self.shares,
                stopped_campaigns=self.stopped_campaigns,
                blocked=self.blocked,
            )
        )

    async def _on_snapshot(self, sid: str, data: object) -> dict[str, bool]:
        self.snapshots.append(decode(Snapshot, data))
        self._shown_by = sid
        return {"acknowledged": True}

    async def _on_events(self, sid: str, batch: list[object]) -> dict[str, int]:
        envelopes = [decode(EventEnvelope, each) for each in batch]
        boot_id = envelopes[0].boot_id
        self.batches += 1
        if self.stores:
            for envelope in envelopes:
                self._store(envelope)
        if not self.answers_events:
            await asyncio.Event().wait()
        if self.forgets:
            return {"acknowledged": -1}
        return {"acknowledged": self._last_stored(boot_id)}

    async def _on_liveness(self, sid: str, data: object) -> None:
        self.liveness.append(decode(Liveness, data))

    async def _on_message_part(self, sid: str, data: object) -> dict[str, Any]:
        asked = decode(FetchMessage, data)
        octets = self.files[asked.recording]
        part = base64.b64encode(octets[asked.offset : asked.offset + PART]).decode()
        return encode(MessagePart(asked.recording, len(octets), asked.offset, part))

    def _store(self, envelope: EventEnvelope) -> None:
        last = self._last_stored(envelope.boot_id)
        if envelope.seq <= last:
            self.repeated += 1
        elif envelope.seq == last + 1:
            self.stored.append(envelope)
        else:
            self.gaps.append(envelope.seq)

    def _last_stored(self, boot_id: str) -> int:
        return max((each.seq for each in self.stored if each.boot_id == boot_id), default=0)


def stored_events(desk: FakeDesk, boot_id: str) -> list[Event]:
    """The events of one boot, in order."""
    return [each.event for each in desk.stored if each.boot_id == boot_id]
