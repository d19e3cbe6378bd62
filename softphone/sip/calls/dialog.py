"""A dialog (RFC 3261 §12): tags, sequence numbers both ways, remote target and route set.

Data and the requests built from it; what to do with them is the session's business. Routes are kept
per dialog because a forked INVITE makes several, each with its own path.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from softphone.sip.messages.headers import SipParseError, parse_name_addr, parse_uri
from softphone.sip.messages.message import Message
from softphone.sip.transport.transactions import Address


@dataclass
class Dialog:
    """One leg between us and one peer. `local` and `remote` are whole From/To values with tags."""

    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str] = field(default_factory=list)
    cseq: int = 1
    remote_cseq: int | None = None

    @property
    def local_tag(self) -> str:
        return parse_name_addr(self.local).tag

    @property
    def remote_tag(self) -> str:
        return parse_name_addr(self.remote).tag

    @classmethod
    def from_response(cls, invite: Message, response: Message) -> Dialog:
        """The caller's side (§12.1.2): routes reversed, target the Contact of the response."""
        return cls(
            call_id=invite.call_id,
            local=invite.get("from"),
            remote=response.get("to"),
            target=response.contact_uri or invite.uri,
            routes=response.record_routes[::-1],
            cseq=invite.cseq[0],
        )

    @classmethod
    def from_request(cls, invite: Message, *, local_tag: str, source: Address) -> Dialog:
        """The callee's side (§12.1.1): routes in order, target the caller's Contact."""
        return cls(
            call_id=invite.call_id,
            local=f"{invite.get('to')};tag={local_tag}",
            remote=invite.get("from"),
            target=invite.contact_uri or f"sip:{source[0]}:{source[1]}",
            routes=invite.record_routes,
            cseq=0,
            remote_cseq=invite.cseq[0],
        )

    def confirm(self, response: Message) -> None:
        """A 2xx decides the route set and target, whatever an earlier 18x said (§13.2.2.4)."""
        self.routes = response.record_routes[::-1]
        self.refresh_target(response)

    def refresh_target(self, message: Message) -> None:
        self.target = message.contact_uri or self.target

    def take_in_order(self, request: Message) -> bool:
        """Note the peer's sequence number; False when it is not higher than the last (§12.2.2)."""
        number = request.cseq[0]
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def build(self, method: str, *, via: str, cseq: int | None = None) -> Message:
        """A request in this dialog; without `cseq` the next number is taken."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        uri, routes = self._path()
        message = Message(method, uri)
        message.headers = {
            "via": [via],
            "max-forwards": ["70"],
            **({"route": routes} if routes else {}),
            "from": [self.local],
            "to": [self.remote],
            "call-id": [self.call_id],
            "cseq": [f"{cseq} {method}"],
        }
        return message

    def _path(self) -> tuple[str, list[str]]:
        """Request-URI and Route values; a strict router's URI changes places (§12.2.1.1)."""
        if not self.routes:
            return self.target, []
        first = parse_name_addr(self.routes[0]).uri
        if "lr" in parse_uri(first).params:
            return self.target, list(self.routes)
        return first, [*self.routes[1:], f"<{self.target}>"]

    def next_hop(self, default: Address) -> Address:
        """Where requests go: first route or target when that is an IPv4 address, else `default`.

        A name is left to the trunk's own address: the trunk chose to hide behind it.
        """
        text = parse_name_addr(self.routes[0]).uri if self.routes else self.target
        try:
            uri = parse_uri(text)
            ipaddress.IPv4Address(uri.host)
        except (SipParseError, ValueError):
            return default
        transport = (uri.params.get("transport") or "").lower()
        secure = transport == "tls" or text.lower().startswith("sips:")
        return (uri.host, uri.port or (5061 if secure else 5060))  # §19.1.2
