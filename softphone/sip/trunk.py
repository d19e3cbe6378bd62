"""The trunk: one UDP socket towards one carrier, its line cap, its pace, its state.

Only the trunk's addresses are answered: everybody else is dropped unheard. The trunk side takes no
calls: an INVITE from the carrier gets 403, which is the policy of an outbound desk (a customer who
calls back hears the carrier's announcement), not a gap.

The state is `down` when the trunk said nothing at all during a whole INVITE (64·T1). It is asked by
OPTIONS then; any datagram from it, or the end of that question unanswered, brings it `up` again,
the latter because some carriers ignore OPTIONS: the next call decides.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from softphone.sip.addressing import (
    IdentityHeader,
    NumberFormat,
    UnusableNumber,
    caller_headers,
    user_part,
)
from softphone.sip.digest import Authenticator
from softphone.sip.endpoint import UdpEndpoint, own_address_towards, resolve_ipv4
from softphone.sip.invite import InviteForm
from softphone.sip.journal import DialogJournal, DialogRecord
from softphone.sip.message import Message
from softphone.sip.orphans import Orphan
from softphone.sip.outbound import OutboundCall, OutboundInvite, OutboundListener
from softphone.sip.pacer import Pacer
from softphone.sip.registration import Registration
from softphone.sip.session_timer import LEAST_S
from softphone.sip.timing import Timing
from softphone.sip.transactions import Address
from softphone.sip.user_agent import UserAgent

log = logging.getLogger(__name__)
TrunkState = Literal["up", "down", "registering"]
RefusalReason = Literal["lines", "calls_per_second", "down", "number"]
_MOST_LEARNED_HOSTS = 64


class TrunkRefused(Exception):
    """No INVITE was sent. `reason`: lines (cap reached), calls_per_second (no slot within a
    second),
    down (no trunk, or not registered), number (cannot be dialed)."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class TrunkSettings:
    """One trunk. Times in seconds; `session_expires_s=0` switches session timers off.

    `allowed_hosts`: further addresses or names the carrier may speak from. `public_host`: what Via
    and Contact name when the bound address is not what the carrier sees. `user_phone`: add
    user=phone.
    """

    trunk_id: str
    host: str
    port: int
    domain: str
    caller_id: str
    lines: int
    calls_per_second: float
    username: str = ""
    password: str = ""
    register: bool = False
    register_expires_s: int = 300
    bind_host: str = "127.0.0.1"
    bind_port: int = 0
    public_host: str = ""
    session_expires_s: int = 1800
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    user_agent: str = "AgentDesk"
    number_format: NumberFormat = "national"
    identity_header: IdentityHeader = "P-Asserted-Identity"
    user_phone: bool = False
    allowed_hosts: tuple[str, ...] = ()
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        if 0 < self.session_expires_s < LEAST_S:
            raise ValueError(f"session_expires_s is 0 or at least {LEAST_S} (RFC 4028)")
        if self.register and not self.username:
            raise ValueError("a trunk that registers needs a username")


class Trunk:
    """`start`, then `place` calls; `stop` hangs up what is left."""

    def __init__(
        self,
        settings: TrunkSettings,
        journal: DialogJournal,
        *,
        on_state: Callable[[TrunkState], None] = lambda state: None,
        tokens: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self.settings = settings
        self.state: TrunkState = "down"
        self._journal, self._on_state, self._tokens = journal, on_state, tokens
        self._lines = settings.lines
        self._pacer = Pacer(settings.calls_per_second)
        self._calls: dict[str, OutboundCall] = {}
        self._allowed: set[str] = set()
        self._learned: dict[str, None] = {}
        self._address: Address = (settings.host, settings.port)
        self._no_calls = asyncio.Event()
        self._no_calls.set()
        self._last_heard = 0.0
        self._asking = False
        self._registration: Registration | None = None
        self.endpoint = UdpEndpoint(self._receive, allows=self._is_trunk)

    # -- start and stop --------------------------------------------------------------------------

    async def start(self) -> None:
        """Bind, end the calls a killed process left, register. Raises OSError (port, name)."""
        settings = self.settings
        self._loop = asyncio.get_running_loop()
        for host in (settings.host, *settings.allowed_hosts):
            self._allowed.update(await resolve_ipv4(host))
        self._address = ((await resolve_ipv4(settings.host))[0], settings.port)
        await self.endpoint.open(settings.bind_host, settings.bind_port)
        self._agent = self._make_agent()
        self._end_orphans()
        if settings.register:
            self._set_state("registering")
            self._registration = Registration(
                self._agent,
                username=settings.username,
                domain=settings.domain,
                expires_s=settings.register_expires_s,
                address=self._address,
                on_state=lambda registered: self._set_state("up" if registered else "down"),
            )
            self._registration.start()
        else:
            self._set_state("up")

    def _make_agent(self) -> UserAgent:
        settings = self.settings
        agent = UserAgent(
            send=self.endpoint.send,
            timers=self._loop,
            timing=settings.timing,
            tokens=self._tokens,
            product=settings.user_agent,
            contact_user=settings.username,
            authenticator=Authenticator(
                username=settings.username, password=settings.password, tokens=self._tokens
            ),
        )
        host, port = self.endpoint.address
        agent.bind(settings.public_host or own_address_towards(self._address[0], host), port)
        agent.on_next_hop = self._learn_host
        return agent

    def _end_orphans(self) -> None:
        for record in self._journal.records(self.settings.trunk_id):
            log.warning("ending an orphan call, %s", record.phase)
            Orphan(self._agent, record, self._orphan_over).end()

    def _orphan_over(self, record: DialogRecord) -> None:
        self._journal.remove(record.call_id)

    async def stop(self, *, within_s: float = 2.0) -> None:
        """End every call, leave the registrar, close. What is unanswered after `within_s` stays in
        the journal for the next start."""
        if self.endpoint.address == ("", 0):
            return
        self._set_state("down")
        for call in list(self._calls.values()):
            call.hang_up("trunk stopped")
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
        self._agent.layer.close()
        self.endpoint.close()

    # -- calls -----------------------------------------------------------------------------------

    @property
    def lines_in_use(self) -> int:
        """Calls from `place` until nothing of them is left at the trunk."""
        return len(self._calls)

    def set_limits(self, lines: int, calls_per_second: float) -> None:
        """This gateway's share of the trunk; calls above a lowered cap are left alone."""
        self._lines = lines
        self._pacer.set_rate(calls_per_second)

    def place(self, invite: OutboundInvite, listener: OutboundListener) -> OutboundCall:
        """Place a call; its INVITE leaves in its slot, at most `pacer.MOST_WAIT_S` later.

        Raises TrunkRefused when nothing was sent.
        """
        if self.state != "up":
            raise TrunkRefused("down")
        if len(self._calls) >= self._lines:
            raise TrunkRefused("lines")
        form = self._form(invite)
        delay = self._pacer.reserve(self._loop.time())
        if delay is None:
            raise TrunkRefused("calls_per_second")
        call = OutboundCall(
            self._agent,
            invite,
            form,
            listener,
            journal=self._journal,
            on_over=self._call_over,
        )
        self._calls[call.sip_call_id] = call
        self._no_calls.clear()
        if delay > 0:
            self._loop.call_later(delay, call.start)
        else:
            call.start()
        return call

    def _form(self, invite: OutboundInvite) -> InviteForm:
        settings = self.settings
        try:
            number = user_part(invite.number, settings.number_format)
            from_uri, headers = caller_headers(
                invite.caller_id or settings.caller_id,
                domain=settings.domain,
                number_format=settings.number_format,
                identity=settings.identity_header,
            )
        except UnusableNumber as fault:
            raise TrunkRefused("number") from fault
        phone = ";user=phone" if settings.user_phone else ""
        return InviteForm(
            trunk_id=settings.trunk_id,
            uri=f"sip:{number}@{settings.domain}{phone}",
            from_uri=from_uri,
            address=self._address,
            session_expires_s=settings.session_expires_s,
            headers=headers,
            codecs=settings.codecs,
        )

    def _call_over(self, call: OutboundCall) -> None:
        self._calls.pop(call.sip_call_id, None)
        if not self._calls:
            self._no_calls.set()
        ending = call.ending
        silent_for = self._loop.time() - self._last_heard
        if (
            ending is not None
            and (ending.code, ending.by) == (408, "trunk")
            and not call.answered
            and silent_for >= self.settings.timing.give_up
        ):
            self._ask()

    # -- state -----------------------------------------------------------------------------------

    def _set_state(self, state: TrunkState) -> None:
        if state != self.state:
            log.info("trunk %s is %s", self.settings.trunk_id, state)
            self.state = state
            self._on_state(state)

    def _ask(self) -> None:
        """The trunk is silent: send OPTIONS and wait for a sign of life."""
        if self._asking or self.state != "up":
            return
        self._asking = True
        self._set_state("down")
        agent, domain = self._agent, self.settings.domain

        def build() -> Message:
            request = Message("OPTIONS", f"sip:{domain}")
            request.headers = {
                "via": [agent.new_via()],
                "max-forwards": ["70"],
                "from": [f"<sip:{domain}>;tag={agent.tokens(8)}"],
                "to": [f"<sip:{domain}>"],
                "call-id": [agent.new_call_id()],
                "cseq": ["1 OPTIONS"],
                "contact": [agent.contact],
            }
            return request

        agent.exchange(build, self._address, lambda response: self._heard())

    def _heard(self) -> None:
        if self._asking:
            self._asking = False
            registered = self._registration is None or self._registration.registered
            self._set_state("up" if registered else "down")

    def _receive(self, data: bytes, source: Address) -> None:
        self._last_heard = self._loop.time()
        self._heard()
        self._agent.receive(data, source)

    def _is_trunk(self, host: str) -> bool:
        return host in self._allowed or host in self._learned

    def _learn_host(self, address: Address) -> None:
        """A route or Contact the trunk named: its answers come from there."""
        if address[0] not in self._allowed:
            self._learned.pop(address[0], None)
            self._learned[address[0]] = None
            if len(self._learned) > _MOST_LEARNED_HOSTS:
                self._learned.pop(next(iter(self._learned)))
