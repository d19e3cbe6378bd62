"""An operator without a browser: logs in, holds sockets and an audio leg, and presses buttons.

The same HTTP, the same sockets and the same WebRTC as `/desk`, at a fraction of a browser's cost,
so that many can work at once on two cores. State is kept exactly as the page keeps it: a snapshot,
then whole top-level values by numbered updates.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import Any

import aiohttp
import orjson
import socketio

from softphone.audio.ticker import Ticker
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|csrf-token"[^>]*content="([^"]+)"')


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
        self.notices: list[dict[str, Any]] = []
        self.acknowledged: list[tuple[str, dict[str, Any]]] = []
        self.media = BrowserClient(ticker)
        self._ticker = ticker
        self._password = password
        self._tab = uuid.uuid4().hex
        self._csrf = ""
        self._http: aiohttp.ClientSession | None = None
        self._beating: asyncio.Task[None] | None = None
        self.socket = socketio.AsyncClient(
            json=Json, reconnection=True, reconnection_delay=0.2, reconnection_delay_max=1.0
        )
        self.socket.on("*", self._message, namespace="/desk")

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

    async def connect(self) -> None:
        """Open the sockets and begin to beat."""
        await self.socket.connect(
            self.url,
            namespaces=["/desk", "/pulse"],
            transports=["websocket"],
            auth=self._ticket,
            wait_timeout=10,
        )
        await await_until(lambda: self.state, within_s=10, what="a snapshot")
        self._beating = asyncio.create_task(self._beat())

    async def open_media(self) -> None:
        """Make the standing audio leg."""

        async def offer(sdp: str) -> str:
            answer = await self.send("media_offer", sdp=sdp)
            assert answer["ok"], answer
            return str(answer["answer_sdp"])

        await self.media.connect(offer)
        await self.until(lambda s: s["seat"]["media"] == "up", what="media up")

    async def start_shift(self) -> None:
        """From nothing to available."""
        await self.sign_in()
        await self.connect()
        await self.open_media()
        if not self.state["seat"]["checked"]:
            assert (await self.send("device_passed", level_dbfs=-20.0))["ok"]
        await self.go_available()

    async def go_available(self) -> None:
        """Press 待機; a page that has only just begun to beat is asked to wait a moment."""
        deadline = asyncio.get_running_loop().time() + 10
        answer = await self.send("go_available")
        while not answer["ok"] and asyncio.get_running_loop().time() < deadline:
            assert answer["error"]["id"] in ("page-not-heard", "media-down"), answer
            await asyncio.sleep(0.1)
            answer = await self.send("go_available")
        assert answer["ok"], answer

    async def close(self) -> None:
        """As a closed tab."""
        if self._beating is not None:
            self._beating.cancel()
        await self.media.close()
        if self.socket.connected:
            await self.socket.disconnect()
        await self.socket.shutdown()
        if self._http is not None:
            await self._http.close()

    # --- pressing and looking -------------------------------------------------------------------

    async def send(self, event: str, *, command_id: str | None = None, **payload: Any) -> Any:
        """Send an event; the acknowledgement. What was acknowledged ok is remembered."""
        payload["command_id"] = command_id or uuid.uuid4().hex
        reply = await self.socket.call(event, payload, namespace="/desk", timeout=8)
        if reply.get("ok"):
            self.acknowledged.append((event, payload))
        return reply

    async def until(self, predicate: Any, *, within_s: float = 10.0, what: str = "") -> Any:
        """Wait for the page's state to fulfil something."""
        return await await_until(
            lambda: bool(self.state) and predicate(self.state),
            within_s=within_s,
            what=f"{self.username}: {what}; now {self.state.get('seat')} {self.state.get('call')}",
        )

    @property
    def seat_state(self) -> str:
        seat = self.state.get("seat")
        return str(seat["state"]) if seat else "offline"

    # --- inside ---------------------------------------------------------------------------------

    async def _ticket(self) -> dict[str, str]:
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
            self.state, self.seq = dict(payload["state"]), payload["seq"]
        elif event == "update":
            self.updates += 1
            if payload["seq"] != self.seq + 1:
                self.gaps += 1
            self.seq = payload["seq"]
            self.state.update(payload["changes"])
        elif event == "notice":
            self.notices.append(payload)

    async def _beat(self) -> None:
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
            await asyncio.sleep(1.0)


def _csrf(html: str) -> str:
    found = _CSRF.search(html)
    assert found, "no CSRF token in the page"
    return found.group(1) or found.group(2)
