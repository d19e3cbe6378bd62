"""The trunk: one carrier, its addresses and transport, its line cap, its pace, its state.

Only the trunk's addresses are answered: everybody else is dropped unheard. Who calls us through it
is `on_arrival`'s (`arrivals.py`); a trunk without one takes no calls, and an INVITE gets 403.

What a failed call means (another address of the trunk, a rest, a question by OPTIONS) is decided
when nothing of that call is left, and before its owner can place it anew.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable

from softphone.background import Background
from softphone.sip.calls.arrivals import Arrivals, ArrivedCall, OnArrival
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.ladder import Ladders
from softphone.sip.calls.orphans import Orphan
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite, OutboundListener
from softphone.sip.messages.digest import Authenticator
from softphone.sip.messages.invite_forms import make_form, uri_of
from softphone.sip.messages.message import Message
from softphone.sip.messages.options import build_options
from softphone.sip.transport.endpoint import Endpoint, UdpEndpoint, own_address_towards
from softphone.sip.transport.lifeline import Lifeline
from softphone.sip.transport.mixed import MixedEndpoint
from softphone.sip.transport.resolution import Names, SystemNames
from softphone.sip.transport.streams import StreamEndpoint
from softphone.sip.transport.transactions import Address
from softphone.sip.trunk.addresses import TrunkAddresses
from softphone.sip.trunk.breaker import is_trunks_fault
from softphone.sip.trunk.health import OnState, TrunkHealth
from softphone.sip.trunk.pacer import Pacer
from softphone.sip.trunk.registration import Registration
from softphone.sip.trunk.settings import TrunkRefused, TrunkSettings, TrunkState
from softphone.sip.user_agent import UserAgent

log = logging.getLogger(__name__)


class Trunk:
    """`start`, then `place` calls; `stop` hangs up what is left."""

    def __init__(
        self,
        settings: TrunkSettings,
        journal: DialogJournal,
        *,
        on_state: OnState = lambda state, reason: None,
        tokens: Callable[[int], str] = secrets.token_hex,
        names: Names | None = None,
        rng: random.Random | None = None,
        on_arrival: OnArrival | None = None,
        ladders: Ladders | None = None,
    ) -> None:
        self.settings = settings
        self.local_host = ""  # our address towards the trunk, once started
        self._ladders = ladders or Ladders()
        self._journal, self._on_state, self._tokens = journal, on_state, tokens
        self._on_arrival = on_arrival
        self._arrivals: Arrivals | None = None
        self._lines, self._last_heard = settings.lines, 0.0
        self._pacer = Pacer(settings.calls_per_second)
        self._calls: dict[str, OutboundCall] = {}
        self._addresses = TrunkAddresses(
            settings, names=names or SystemNames(), rng=rng or random.SystemRandom()
        )
        self._no_calls = asyncio.Event()
        self._no_calls.set()
        self._registration: Registration | None = None
        self._background = Background()
        self._health = TrunkHealth(
            timers=lambda: self._loop,
            now=lambda: self._loop.time(),
            ask=self._ask,
            on_state=self._state_changed,
            registers=settings.register,
            connects=settings.transport != "udp",
        )
        self.endpoint: Endpoint = self._make_endpoint()

    def _make_endpoint(self) -> Endpoint:
        settings = self.settings
        if settings.transport == "udp":
            kind = MixedEndpoint if settings.tcp_for_large else UdpEndpoint
            return kind(self._receive, allows=self._addresses.is_trunk)
        return StreamEndpoint(
            self._receive,
            allows=self._addresses.is_trunk,
            tls=settings.tls if settings.transport == "tls" else None,
            server_name=settings.host,
            on_lost=self._connection_lost,
        )

    # -- start and stop --------------------------------------------------------------------------

    async def start(self) -> None:
        """Bind, end the calls a killed process left, connect, register.

        Raises OSError (port, name, a certificate that cannot be read).
        """
        settings = self.settings
        self._loop = asyncio.get_running_loop()
        await self._addresses.look_up()
        await self.endpoint.open(settings.bind_host, settings.bind_port)
        self._agent = self._make_agent()
        self._health.run()
        self._end_orphans()
        if settings.register:
            self._registration = Registration(
                self._agent,
                username=settings.username,
                domain=settings.domain,
                expires_s=settings.register_expires_s,
                address=self._addresses.best,
                on_state=self._registered,
            )
        if isinstance(self.endpoint, StreamEndpoint):
            self._lifeline = Lifeline(
                self.endpoint,
                self._addresses.targets,
                on_up=self._connected,
                on_down=self._not_connected,
            )
            self._background.spawn(self._lifeline.hold())
        elif self._registration is not None:
            self._registration.start()
        if settings.options_keepalive_s:
            self._background.spawn(self._keep_asking(settings.options_keepalive_s))

    def _make_agent(self) -> UserAgent:
        settings = self.settings
        agent = UserAgent(
            send=self._ladders.sending(self.endpoint.send),
            timers=self._loop,
            timing=settings.timing,
            tokens=self._tokens,
            product=settings.user_agent,
            contact_user=settings.username,
            authenticator=Authenticator(
                username=settings.username, password=settings.password, tokens=self._tokens
            ),
            transport=settings.transport,
            scheme="sips" if settings.sips else "sip",
        )
        agent.on_next_hop = self._addresses.learn
        agent.may_begin = self._addresses.is_named
        self._arrivals = Arrivals(
            agent,
            trunk_id=settings.trunk_id,
            journal=self._journal,
            uri_of=lambda number: uri_of(number, settings, agent.scheme),
            has_room=lambda: self.lines_in_use < self._lines,
            on_arrival=self._on_arrival,
            on_begun=self._arrived,
            on_over=self._arrival_over,
        )
        agent.on_new_request = self._arrivals.take
        if isinstance(self.endpoint, MixedEndpoint):
            agent.adapt = self.endpoint.adapt
        self._bind(agent)
        return agent

    def _bind(self, agent: UserAgent) -> None:
        """Via and Contact name the socket as the carrier sees it."""
        host, port = self.endpoint.address
        self.local_host = own_address_towards(self._addresses.best()[0], host)
        agent.bind(self.settings.public_host or self.local_host, port)

    def _end_orphans(self) -> None:
        for record in self._journal.records(self.settings.trunk_id):
            log.warning("ending an orphan call, %s", record.phase)
            Orphan(self._agent, record, lambda over: self._journal.remove(over.call_id)).end()

    async def stop(self, *, within_s: float = 2.0) -> None:
        """End every call, leave the registrar, close. What is unanswered after `within_s` stays in
        the journal for the next start."""
        if self.endpoint.address == ("", 0):
            return
        self._health.stop()
        for call in list(self._calls.values()):
            call.hang_up("trunk stopped")
        if self._arrivals is not None:
            self._arrivals.hang_up_all("trunk stopped")
        done = asyncio.Event()
        if self._registration is not None:
            self._registration.stop(done.set)
        else:
            done.set()
        try:
            async with asyncio.timeout(within_s):
                await self._no_calls.wait()
                await done.wait()
        except TimeoutError:
            log.warning("trunk stopped with %d calls unanswered", len(self._calls))
        await self._background.stop(within_s=0.0)
        self._addresses.close()
        self._agent.layer.close()
        self.endpoint.close()

    # -- calls -----------------------------------------------------------------------------------

    @property
    def state(self) -> TrunkState:
        return self._health.state

    @property
    def reason(self) -> str:
        return self._health.reason

    @property
    def addresses(self) -> int:
        """How many addresses a call that fails by the trunk's fault may try, one after another."""
        return max(1, len(self._addresses.targets))

    @property
    def lines_in_use(self) -> int:
        """Calls from `place`, or from their arrival, until nothing of them is left there."""
        return len(self._calls) + len(self._arrivals or ())

    def load(self) -> tuple[int, int, int]:
        """Transactions and dialogs not over, and callers turned away for want of a line."""
        if self._arrivals is None:
            return 0, 0, 0
        layer, arrivals = self._agent.layer, self._arrivals
        return layer.open_transactions, self._agent.open_dialogs, arrivals.turned_away

    def set_limits(self, lines: int, calls_per_second: float) -> None:
        """This gateway's share of the trunk; calls above a lowered cap are left alone."""
        self._lines = lines
        self._pacer.set_rate(calls_per_second)

    def place(self, invite: OutboundInvite, listener: OutboundListener) -> OutboundCall:
        """Place a call; its INVITE leaves in its slot, at most `pacer.MOST_WAIT_S` later.

        Raises TrunkRefused when nothing was sent.
        """
        if not self._health.may_call(len(self._calls)):
            raise TrunkRefused("down")
        if self.lines_in_use >= self._lines:
            raise TrunkRefused("lines")
        form = make_form(
            invite, self.settings, address=self._addresses.best(), scheme=self._agent.scheme
        )
        delay = self._pacer.reserve(self._loop.time())
        if delay is None:
            raise TrunkRefused("calls_per_second")
        call = OutboundCall(
            self._agent,
            invite,
            form,
            listener,
            journal=self._journal,
            on_over=lambda over: self._call_over(over, form.address),
        )
        call.on_through = self._health.succeeded  # now: it may last for an hour
        self._calls[call.sip_call_id] = call
        self._ladders.begin(call.sip_call_id, call.call_id)
        self._no_calls.clear()
        if delay > 0:
            self._loop.call_later(delay, call.start)
        else:
            call.start()
        return call

    def _call_over(self, call: OutboundCall, address: Address) -> None:
        self._calls.pop(call.sip_call_id, None)
        self._ladders.end(call.sip_call_id)
        self._left()
        if call.ending is not None:
            self._learn(call.ending, address)

    def _arrived(self, call: ArrivedCall) -> None:
        self._ladders.begin(call.sip_call_id, call.call_id)
        self._no_calls.clear()

    def _arrival_over(self, call: ArrivedCall) -> None:
        self._ladders.end(call.sip_call_id)
        self._left()

    def _left(self) -> None:
        if not self._calls and not self._arrivals:
            self._no_calls.set()

    def _learn(self, ending: SipEnding, address: Address) -> None:
        """What the end of a call says of the trunk."""
        if not is_trunks_fault(ending):
            if ending.rang or ending.by == "remote":
                self._addresses.targets.succeed(address)
                self._health.succeeded()
            return
        now, code = self._loop.time(), ending.code or 408
        rest_until = self._addresses.fail(address, code, retry_after_s=ending.retry_after_s)
        self._health.failed(code)
        if rest_until:
            self._health.leave_alone(rest_until)
        elif ending.by == "trunk" and self._is_silent(now):
            self._health.silent()

    def _is_silent(self, now: float) -> bool:
        """Not a word for a whole INVITE, from none of its addresses; a connection has its own."""
        quiet_s = now - self._last_heard
        quiet = self.settings.transport == "udp" and quiet_s >= self.settings.timing.give_up
        return quiet and self._addresses.targets.all_failed(now)

    # -- state -----------------------------------------------------------------------------------

    def _state_changed(self, state: TrunkState, reason: str) -> None:
        log.info("trunk %s is %s: %s", self.settings.trunk_id, state, reason)
        self._on_state(state, reason)

    def _ask(self, on_final: Callable[[Message | None], None]) -> None:
        agent, domain = self._agent, self.settings.domain
        address = self._addresses.best()
        agent.exchange(lambda: build_options(agent, domain), address, on_final)

    async def _keep_asking(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            self._health.keep_alive()

    def _registered(self, code: int) -> None:
        if code:
            self._addresses.fail(self._addresses.best(), code)
        self._health.registered(f"not registered: the registrar said {code}" if code else "")

    def _connected(self) -> None:
        self._bind(self._agent)
        self._health.connected()
        if self._registration is not None:
            self._registration.start()

    def _not_connected(self, address: Address, reason: str) -> None:
        self._addresses.fail(address, 503)
        self._health.disconnected(reason)

    def _connection_lost(self, address: Address, reason: str, unsent: list[bytes]) -> None:
        self._lifeline.lost(address, reason)
        self._agent.layer.unreachable(address)

    def _receive(self, data: bytes, source: Address) -> None:
        self._last_heard = self._loop.time()
        self._health.heard()
        self._ladders.received(data, source)
        self._agent.receive(data, source)
