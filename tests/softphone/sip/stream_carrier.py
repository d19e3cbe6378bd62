"""A carrier over TCP, TLS or both UDP and TCP: answers, rings or refuses by the number called."""

from __future__ import annotations

import asyncio
import secrets

from softphone.sip.calls.inbound import InboundCall
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.transport.endpoint import Endpoint
from softphone.sip.transport.mixed import MixedEndpoint
from softphone.sip.transport.streams import Connection, StreamEndpoint
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.tls import TlsFiles
from softphone.sip.transport.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent
from tests.softphone.sip.wire import HeardInbound

ANSWERS, RINGS, BUSY = "+81901230001", "+81901230002", "+81901230003"


class StreamCarrier:
    """`got` are the messages received, in order; `calls` what was taken."""

    def __init__(
        self, *, tls: TlsFiles | None = None, mixed: bool = False, timing: Timing | None = None
    ) -> None:
        self.got: list[Message] = []
        self.calls: list[InboundCall] = []
        self.heard: list[HeardInbound] = []
        self.over = 0
        self.muted = False  # hears, and says nothing
        self.endpoint: Endpoint

        def allows(host: str) -> bool:
            return True

        if mixed:
            self.endpoint = MixedEndpoint(self._receive, allows=allows)
        else:
            self.endpoint = StreamEndpoint(self._receive, allows=allows, tls=tls)
        self._timing = timing or Timing(t1=0.05, t2=0.4, t4=0.5)

    async def start(self, port: int = 0) -> None:
        await self.endpoint.open("127.0.0.1", port)
        self.agent = UserAgent(
            send=self.endpoint.send,
            timers=asyncio.get_running_loop(),
            timing=self._timing,
            tokens=secrets.token_hex,
            product="StreamCarrier",
            transport=self.endpoint.transport,
        )
        self.agent.bind(*self.endpoint.address)
        self.agent.on_new_request = self._take

    async def stop(self) -> None:
        self.agent.layer.close()
        self.endpoint.close()
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        return self.endpoint.address[1]

    @property
    def connections(self) -> list[Connection]:
        assert isinstance(self.endpoint, StreamEndpoint)
        return list(self.endpoint._connections.values())

    def requests(self, method: str) -> list[Message]:
        return [message for message in self.got if message.method == method]

    def _receive(self, data: bytes, source: Address) -> None:
        if data.strip():
            self.got.append(parse(data))
        if not self.muted:
            self.agent.receive(data, source)

    def _take(self, transaction: ServerTransaction) -> None:
        if transaction.request.method != "INVITE":
            code = 200 if transaction.request.method == "REGISTER" else 405
            self.agent.reply(transaction, code)
            return
        call = InboundCall(self.agent, transaction, on_over=self._call_over)
        listener = HeardInbound()
        call.listen(listener)
        self.calls.append(call)
        self.heard.append(listener)
        if call.number.endswith("3"):
            call.reject(486, "Busy Here", 17)
            return
        call.ring()
        if call.number.endswith("1"):
            call.answer(answer_audio(call.offer, host="127.0.0.1", port=6000, session_id=1))

    def _call_over(self) -> None:
        self.over += 1
