"""REGISTER, kept up for as long as the trunk runs (RFC 3261 §10).

Refreshed at half the granted time, as Japanese providers ask for. After a failure it waits 1 s,
then twice as long up to 2 min; after a refused password at once 2 min, because providers lock
accounts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from softphone.sip.messages.headers import SipParseError, parse_name_addr, parse_number, parse_uri
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import ALLOWED
from softphone.sip.transport.timing import TimerHandle
from softphone.sip.transport.transactions import Address
from softphone.sip.user_agent import UserAgent

log = logging.getLogger(__name__)
LEAST_REFRESH_S = 5.0
MOST_BACK_OFF_S = 120.0


class Registration:
    """One binding of our Contact to the account.

    `address` says where the registrar is now; `on_state(code)` tells 0 when the binding stands,
    else why not.
    """

    def __init__(
        self,
        agent: UserAgent,
        *,
        username: str,
        domain: str,
        expires_s: int,
        address: Callable[[], Address],
        on_state: Callable[[int], None],
    ) -> None:
        self._agent, self._domain, self._address = agent, domain, address
        self._account = f"{agent.scheme}:{username}@{domain}"
        self._expires_s, self._on_state = expires_s, on_state
        self._from = f"<{self._account}>;tag={agent.tokens(8)}"
        self._call_id = agent.new_call_id()
        self._cseq = 0
        self._back_off_s = 1.0
        self._timer: TimerHandle | None = None
        self._stopped = False
        self.registered = False

    def start(self) -> None:
        """Bind now, also anew: over a new connection, or at another address of the registrar."""
        if self._timer is not None:
            self._timer.cancel()
        self._register(self._expires_s, self._on_final)

    def stop(self, on_done: Callable[[], None]) -> None:
        """Remove the binding; `on_done` when the registrar has answered or nobody did."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self.registered:
            self._register(0, lambda response: on_done())
        else:
            on_done()

    def _register(self, expires_s: int, on_final: Callable[[Message | None], None]) -> None:
        agent = self._agent

        def build() -> Message:
            self._cseq += 1
            request = Message("REGISTER", f"{agent.scheme}:{self._domain}")
            request.headers = {
                "via": [agent.new_via()],
                "max-forwards": ["70"],
                "from": [self._from],
                "to": [f"<{self._account}>"],
                "call-id": [self._call_id],
                "cseq": [f"{self._cseq} REGISTER"],
                "contact": [f"{agent.contact};expires={expires_s}"],
                "expires": [str(expires_s)],
                "allow": [ALLOWED],
                "user-agent": [agent.product],
            }
            return request

        agent.exchange(build, self._address(), on_final)

    def _on_final(self, response: Message | None) -> None:
        if self._stopped:
            return
        if response is not None and response.code < 300:
            self._back_off_s = 1.0
            self._again_in(max(LEAST_REFRESH_S, self._granted(response) / 2))
            self._tell(0)
            return
        if response is not None and response.code == 423 and self._lengthen(response):
            self.start()
            return
        code = response.code if response is not None else 408
        log.warning("REGISTER failed with %s", code)
        refused = code in (401, 403, 407)
        jitter = 0.8 + 0.4 * int(self._agent.tokens(2), 16) / 0xFFFF
        self._again_in((MOST_BACK_OFF_S if refused else self._back_off_s) * jitter)
        self._back_off_s = min(2 * self._back_off_s, MOST_BACK_OFF_S)
        self._tell(code)

    def _tell(self, code: int) -> None:
        self.registered = not code
        self._on_state(code)

    def _again_in(self, delay_s: float) -> None:
        self._timer = self._agent.timers.call_later(delay_s, self.start)

    def _lengthen(self, response: Message) -> bool:
        """423: take the registrar's Min-Expires, if it is longer than what we asked."""
        try:
            least = parse_number(response.get("min-expires"))
        except SipParseError:
            return False
        if least <= self._expires_s:
            return False
        self._expires_s = least
        return True

    def _granted(self, response: Message) -> int:
        """Seconds granted to our Contact; its own parameter beats the Expires header."""
        ours = (self._agent.host, self._agent.port)
        for value in response.values("contact"):
            try:
                contact = parse_name_addr(value)
                where = parse_uri(contact.uri)
                if (where.host, where.port or 5060) == ours and contact.params.get("expires"):
                    return parse_number(contact.params["expires"] or "")
            except SipParseError:
                continue
        try:
            return parse_number(response.get("expires"))
        except SipParseError:
            return self._expires_s
