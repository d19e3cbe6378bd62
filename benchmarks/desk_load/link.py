"""One page's connection, as lean as it can be: a raw websocket that speaks Engine.IO and Socket.IO.

A thousand of the library's own clients would cost more than the desk they load. What is on the
wire is what a browser sends, byte for byte: `40/desk,{…}` connects a namespace, `42/desk,7["x",{}]`
is an event that wants receipt 7, `43/desk,7[{}]` is that receipt, `2` is answered by `3`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson

ANSWER_S = 10.0
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|csrf-token"[^>]*content="([^"]+)"')

Heard = Callable[[str, str, Any], None]  # namespace, event, payload


class Refused(Exception):
    """The desk said no; the error's id."""


class LinkLost(Exception):
    """The connection ended, or no answer came."""


class Link:
    """One websocket with its namespaces. `heard` is told every event, in order."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._websocket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._numbers = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._connected: dict[str, asyncio.Future[None]] = {}
        self.open = False

    async def connect(
        self, http: aiohttp.ClientSession, url: str, auth: dict[str, dict[str, str]]
    ) -> None:
        """Open the websocket and a namespace for each entry of `auth`."""
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._websocket = await http.ws_connect(address, max_msg_size=0, compress=0)
        await self._websocket.receive_str()  # the handshake
        loop = asyncio.get_running_loop()
        self._connected = {namespace: loop.create_future() for namespace in auth}
        self.open = True
        self._reading = asyncio.create_task(self._read())
        for namespace, shown in auth.items():
            await self._send(f"40{namespace},{orjson.dumps(shown).decode()}")
        async with asyncio.timeout(ANSWER_S):
            await asyncio.gather(*self._connected.values())

    async def close(self) -> None:
        """As a closed tab."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._websocket is not None:
            await self._websocket.close()

    async def emit(self, namespace: str, event: str, payload: dict[str, Any]) -> None:
        """Send and ask for a receipt nobody waits for, as a page's heartbeat does."""
        self._numbers += 1
        words = orjson.dumps([event, payload]).decode()
        await self._send(f"42{namespace},{self._numbers}{words}")

    async def call(self, namespace: str, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send and wait for the answer. Raises `Refused` and `LinkLost`."""
        self._numbers += 1
        number = self._numbers
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        words = orjson.dumps([event, payload]).decode()
        try:
            await self._send(f"42{namespace},{number}{words}")
            async with asyncio.timeout(ANSWER_S):
                told: dict[str, Any] = await answer
        except TimeoutError:
            raise LinkLost(event) from None
        finally:
            self._answers.pop(number, None)
        if not told.get("ok"):
            raise Refused(told["error"]["id"])
        return told

    async def _send(self, text: str) -> None:
        if self._websocket is None or not self.open:
            raise LinkLost("not connected")
        try:
            await self._websocket.send_str(text)
        except (aiohttp.ClientError, ConnectionError) as gone:
            raise LinkLost(str(gone)) from gone

    async def _read(self) -> None:
        assert self._websocket is not None
        try:
            async for message in self._websocket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(message.data)
        finally:
            self.open = False
            for waiting in (*self._answers.values(), *self._connected.values()):
                if not waiting.done():
                    waiting.set_exception(LinkLost("closed"))
                    waiting.exception()  # seen, should nobody be waiting any more

    async def _take(self, text: str) -> None:
        kind = text[:2]
        if text == "2":
            await self._send("3")
        elif kind == "42":
            namespace, _, words = text[2:].partition(",")
            event, *payload = orjson.loads(words)
            self._heard(namespace, event, payload[0] if payload else None)
        elif kind == "43":
            namespace, _, words = text[2:].partition(",")
            number, bracket, rest = words.partition("[")
            waiting = self._answers.get(int(number))
            if waiting is not None and not waiting.done():
                told = orjson.loads(bracket + rest)
                waiting.set_result(told[0] if told else {})
        elif kind == "40":
            self._connected[text[2:].partition(",")[0]].set_result(None)
        elif kind == "44":
            refused = self._connected[text[2:].partition(",")[0]]
            refused.set_exception(Refused(text[2:100]))


async def sign_in(
    http: aiohttp.ClientSession, url: str, username: str, password: str, page: str
) -> dict[str, str]:
    """Log in by the form, open the page, and what the further requests of that page need.

    `http` keeps no cookies: a thousand people share it.
    """
    async with http.get(f"{url}/login") as answer:
        cookie, csrf = _cookie(answer), _csrf(await answer.text())
    form = {"username": username, "password": password, "csrf_token": csrf, "next": ""}
    headers = {"Cookie": cookie, "Referer": f"{url}/login"}
    async with http.post(
        f"{url}/login", data=form, headers=headers, allow_redirects=False
    ) as answer:
        if answer.status != 303:
            raise Refused(f"log-in: {answer.status}")
        cookie = _cookie(answer)
    async with http.get(f"{url}{page}", headers={"Cookie": cookie}) as answer:
        if answer.status != 200:
            raise Refused(f"{page}: {answer.status}")
        csrf = _csrf(await answer.text())
        if "Set-Cookie" in answer.headers:
            cookie = _cookie(answer)
    return {"Cookie": cookie, "X-CSRFToken": csrf, "Referer": f"{url}{page}"}


async def tickets(
    http: aiohttp.ClientSession, url: str, headers: dict[str, str], namespaces: list[str], tab: str
) -> dict[str, dict[str, str]]:
    """What each namespace is connected with."""
    asked = {"namespaces": namespaces}
    async with http.post(f"{url}/tickets", json=asked, headers=headers) as answer:
        issued = (await answer.json())["tickets"]
    return {space: {"ticket": issued[space], "tab": tab} for space in namespaces}


def _cookie(answer: aiohttp.ClientResponse) -> str:
    return "; ".join(f"{each.key}={each.value}" for each in answer.cookies.values())


def _csrf(html: str) -> str:
    found = _CSRF.search(html)
    if found is None:
        raise Refused("no CSRF token in the page")
    return found.group(1) or found.group(2)
