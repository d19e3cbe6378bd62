"""An operator without a browser: logs in, holds sockets and an audio leg, and presses buttons.

The same HTTP, the same sockets and the same WebRTC as `/desk`, at a fraction of a browser's cost,
so that many can work at once on two cores. State is kept exactly as the page keeps it: a snapshot,
then whole top-level values by numbered updates. Like the page it comes back by itself after a lost
connection, sends what was not answered again under the same id, and replaces an audio leg that the
desk has been calling down for a while.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
import socketio
from socketio.exceptions import SocketIOError

from softphone.audio.ticker import Ticker
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import PATIENCE_S, await_until

ANSWER_S = 8.0
RETRY_S = 0.2
# As the page: the desk says that the leg is down, and has been saying so for so long.
DISAGREEMENT_S = 4.0
_LINK_FAULTS = (SocketIOError, aiohttp.ClientError, OSError, asyncio.TimeoutError)
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|csrf-token"[^>]*content="([^"]+)"')


class LinkLost(Exception):
    """The connection went before the answer came: it may have happened or not."""


class Json:
    """orjson behind python-socketio's interface."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: object) -> Any:
        return orjson.loads(text)


class OperatorClient:
    """One operator; `state` is what the page would show."""

    def __init__(self, url: str, username: str, *, ticker: Ticker, password: str = "demo") -> None:
        self.url = url
        self.username = username
        self.state: dict[str, Any] = {}
        self.seq = 0
        self.gaps = 0
        self.updates = 0
        self.snapshots = 0
        self.sent_again = 0
        self.notices: list[dict[str, Any]] = []
        self.acknowledged: list[tuple[str, dict[str, Any]]] = []
        self.unanswered: tuple[str, dict[str, Any]] | None = None
        self.refused: list[tuple[str, dict[str, Any], str]] = []
        self.on_change: Callable[[dict[str, Any]], None] = lambda changes: None
        self.media = BrowserClient(ticker)
        self._ticker = ticker
        self._password = password
        self._tab = uuid.uuid4().hex
        self._csrf = ""
        self._http: aiohttp.ClientSession | None = None
        self._running: list[asyncio.Task[None]] = []
        self._gone = asyncio.Event()
        self.socket: Any = None

    # --- coming and going -----------------------------------------------------------------------

    async def sign_in(self) -> None:
        """Log in by the form, as a browser does."""
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        async with self._http.get(f"{self.url}/login") as page:
            self._csrf = _csrf(await page.text())
        form = {
            "username": self.username,
            "password": self._password,
            "csrf_token": self._csrf,
            "next": "",
        }
        headers = {"Referer": f"{self.url}/login"}
        async with self._http.post(f"{self.url}/login", data=form, headers=headers) as page:
            assert page.status == 200 and page.url.path == "/desk", (page.status, page.url)
            self._csrf = _csrf(await page.text())

    async def connect(self, *, beat_s: float = 1.0) -> None:
        """Open the sockets, keep them open, and begin to beat (a page that waits: every 5 s)."""
        self.socket = socketio.AsyncClient(
            json=Json, reconnection=False, handle_sigint=False, http_session=self._http
        )
        self.socket.on("*", self._message, namespace="/desk")
        self.socket.on("disconnect", self._disconnected, namespace="/desk")
        await self._connect_once()
        await await_until(lambda: self.state, what="a snapshot")
        self._running = [
            asyncio.create_task(self._beat(beat_s)),
            asyncio.create_task(self._stay_connected()),
        ]

    async def open_media(self) -> None:
        """Make the standing audio leg."""
        await self.media.connect(self._offer)
        await self.until(lambda s: s["seat"]["media"] == "up", what="media up")

    async def start_shift(self) -> None:
        """From nothing to available."""
        await self.sign_in()
        await self.connect()
        await self.open_media()
        if not self.state["seat"]["checked"]:
            assert (await self.send("device_passed", level_dbfs=-20.0))["ok"]
        await self.go_available()

    def keep_media(self) -> None:
        """From now on replace a leg that the desk says is down."""
        self._running.append(asyncio.create_task(self._renew_media()))

    async def go_available(self) -> None:
        """Press 待機; a page that has only just begun to beat is asked to wait a moment."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        answer = await self.send("go_available")
        while not answer["ok"] and asyncio.get_running_loop().time() < deadline:
            assert answer["error"]["id"] in ("page-not-heard", "media-down"), answer
            await asyncio.sleep(0.1)  # pace: a person presses again
            answer = await self.send("go_available")
        assert answer["ok"], answer

    async def close(self) -> None:
        """As a closed tab."""
        await _end(*self._running)
        await self.media.close()
        if self.socket is not None:
            await self.socket.disconnect()
        if self._http is not None:
            await self._http.close()

    # --- pressing and looking -------------------------------------------------------------------

    async def send(self, event: str, *, command_id: str | None = None, **payload: Any) -> Any:
        """Send an event; the acknowledgement. What was acknowledged ok is remembered.

        Raises `LinkLost` when the connection goes first or no answer comes.
        """
        payload["command_id"] = command_id or uuid.uuid4().hex
        reply = await self._call(event, payload)
        if reply.get("ok"):
            self.acknowledged.append((event, payload))
        else:
            self.refused.append((event, payload, reply["error"]["id"]))
        return reply

    async def press(self, event: str, **payload: Any) -> Any:
        """Send an event until it is answered, always under the same id, as the page does.

        One at a time: meanwhile it is `unanswered`, and may have happened or not.
        """
        command_id = uuid.uuid4().hex
        self.unanswered = (event, payload)
        while True:
            try:
                reply = await self.send(event, command_id=command_id, **payload)
            except LinkLost:
                self.sent_again += 1
                await asyncio.sleep(RETRY_S)  # pace: as the page
            else:
                self.unanswered = None
                return reply

    async def until(self, predicate: Any, *, within_s: float = PATIENCE_S, what: str = "") -> Any:
        """Wait for the page's state to fulfil something."""
        return await await_until(
            lambda: bool(self.state) and predicate(self.state),
            within_s=within_s,
            what=f"{self.username}: {what}; now {self.state.get('seat')} {self.state.get('call')}",
        )

    @property
    def connected(self) -> bool:
        return self.socket is not None and "/desk" in self.socket.namespaces

    @property
    def seat_state(self) -> str:
        seat = self.state.get("seat")
        return str(seat["state"]) if seat else "offline"

    @property
    def call_id(self) -> str | None:
        """The call on the seat, talking or in wrap-up."""
        call = self.state.get("call")
        return str(call["id"]) if call else None

    # --- inside ---------------------------------------------------------------------------------

    async def _call(self, event: str, payload: dict[str, Any]) -> Any:
        if not self.connected:
            raise LinkLost(event)
        answer = asyncio.ensure_future(
            self.socket.call(event, payload, namespace="/desk", timeout=ANSWER_S)
        )
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:  # whoever asks may be told to stop: neither goes on without them
            await _end(answer, gone)
        if answer.cancelled():
            raise LinkLost(event)
        try:
            return answer.result()
        except _LINK_FAULTS as fault:
            raise LinkLost(event) from fault

    async def _connect_once(self) -> None:
        # Fetched before, not by the library on its way: it would swallow a cancellation there, and
        # whoever closes would wait for ever.
        auth = await self._ticket()
        self._gone.clear()
        await self.socket.connect(
            self.url,
            namespaces=["/desk", "/pulse"],
            transports=["websocket"],
            auth=auth,
            wait_timeout=PATIENCE_S,
        )

    async def _stay_connected(self) -> None:
        while True:
            await self._gone.wait()
            try:
                if self.socket.connected:
                    await self.socket.disconnect()
                await self._connect_once()
            except (*_LINK_FAULTS, KeyError):  # KeyError: no tickets in the answer
                self._gone.set()
                await asyncio.sleep(RETRY_S)  # pace: as the page

    async def _disconnected(self, *reason: object) -> None:
        self._gone.set()

    async def _ticket(self) -> dict[str, Any]:
        """python-socketio sends one auth to every namespace: both tickets travel together."""
        assert self._http is not None
        async with self._http.post(
            f"{self.url}/tickets",
            json={"namespaces": ["/desk", "/pulse"]},
            headers={"X-CSRFToken": self._csrf, "Referer": f"{self.url}/desk"},
        ) as answer:
            tickets = (await answer.json())["tickets"]
        return {"tickets": tickets, "tab": self._tab}

    async def _message(self, event: str, payload: Any = None) -> None:
        if event == "snapshot":
            self.snapshots += 1
            self.state, self.seq = dict(payload["state"]), payload["seq"]
            self.on_change(self.state)
        elif event == "update":
            self.updates += 1
            if payload["seq"] != self.seq + 1:
                self.gaps += 1
            self.seq = payload["seq"]
            self.state.update(payload["changes"])
            self.on_change(payload["changes"])
        elif event == "notice":
            self.notices.append(payload)

    async def _beat(self, every_s: float) -> None:
        beat = {
            "track_live": True,
            "track_unmuted": True,
            "hidden": False,
            "loss": None,
            "jitter_ms": None,
            "rtt_ms": None,
        }
        while True:
            if self.socket.connected and "/pulse" in self.socket.namespaces:
                await self.socket.emit("pulse", beat, namespace="/pulse")
            await asyncio.sleep(every_s)  # pace: as the page

    async def _offer(self, sdp: str) -> str:
        answer = await self.send("media_offer", sdp=sdp)
        if not answer["ok"]:
            raise ConnectionError(answer["error"]["id"])
        return str(answer["answer_sdp"])

    async def _renew_media(self) -> None:
        loop = asyncio.get_running_loop()
        since: float | None = None
        while True:
            await asyncio.sleep(0.1)  # pace: between two looks
            seat = self.state.get("seat")
            down = self.connected and seat is not None and seat["media"] == "down"
            since = (since or loop.time()) if down else None
            if since is None or loop.time() - since < DISAGREEMENT_S:
                continue
            fresh, hz = BrowserClient(self._ticker), self.media.hz
            fresh.hum(hz)
            spare = fresh
            try:
                await fresh.connect(self._offer)
                spare, self.media, since = self.media, fresh, None
            except (LinkLost, ConnectionError):
                await asyncio.sleep(RETRY_S)  # pace: as the page
            finally:
                await spare.vanish()


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel them and wait until they are over; one that was done keeps its result."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _csrf(html: str) -> str:
    found = _CSRF.search(html)
    assert found, "no CSRF token in the page"
    return found.group(1) or found.group(2)
