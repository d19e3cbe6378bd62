"""The far end of a trunk, played by hand: reads what our side sent, says what the test says."""

from __future__ import annotations

from softphone.sip.calls.journal import DialogRecord
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.messages.digest import Authenticator
from softphone.sip.messages.invite import InviteForm
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.replies import build_reply
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.transactions import Address
from softphone.sip.user_agent import UserAgent
from tests.softphone.sip.placed_calls import OFFER, HeardCall
from tests.softphone.sip.virtual_time import Counting, VirtualTime

TRUNK: Address = ("192.0.2.1", 5060)
US: Address = ("198.51.100.7", 5062)
ANSWER = answer_audio(OFFER.replace("127.0.0.1", US[0]), host=TRUNK[0], port=6000, session_id=9)


class MemoryJournal:
    """A `CallJournal` without a file; `phases` is the history."""

    def __init__(self) -> None:
        self.records: dict[str, DialogRecord] = {}
        self.phases: list[str] = []

    def put(self, record: DialogRecord) -> None:
        self.records[record.call_id] = record
        self.phases.append(record.phase)

    def remove(self, call_id: str) -> None:
        self.records.pop(call_id, None)


class FarEnd:
    """One user agent of ours under test, its clock, and what it sent (message, address)."""

    def __init__(self, *, password: str = "") -> None:
        self.time = VirtualTime()
        self.tokens = Counting()
        self.outbox: list[tuple[Message, Address]] = []
        self.journal = MemoryJournal()
        self.over: list[OutboundCall] = []
        self.agent = UserAgent(
            send=lambda data, address: self.outbox.append((parse(data), address)),
            timers=self.time,
            timing=Timing(),
            tokens=self.tokens,
            product="AgentDesk",
            contact_user="trunk",
            authenticator=Authenticator(username="trunk", password=password, tokens=self.tokens),
        )
        self.agent.bind(*US)

    # -- our side --------------------------------------------------------------------------------

    def prepare(
        self, *, ring_limit_s: float = 60.0, session_expires_s: int = 0
    ) -> tuple[OutboundCall, HeardCall]:
        """A call that waits for its slot."""
        heard = HeardCall()
        form = InviteForm(
            trunk_id="t1",
            uri="sip:0901230001@carrier.test",
            from_uri="sip:0312340000@carrier.test",
            address=TRUNK,
            session_expires_s=session_expires_s,
            headers={"p-asserted-identity": "<sip:0312340000@carrier.test>"},
        )
        call = OutboundCall(
            self.agent,
            OutboundInvite("c1", "0901230001", "", OFFER, ring_limit_s),
            form,
            heard,
            journal=self.journal,
            on_over=self.over.append,
        )
        return call, heard

    def place(self, **wishes: int) -> tuple[OutboundCall, HeardCall]:
        """A call whose INVITE is out."""
        call, heard = self.prepare(**wishes)
        call.start()
        return call, heard

    def answered(self, **wishes: int) -> tuple[OutboundCall, HeardCall]:
        """A call that has been answered and acknowledged."""
        call, heard = self.place(**wishes)
        self.reply(self.last("INVITE"), 200, sdp=ANSWER)
        assert heard.answers == [ANSWER]
        return call, heard

    def sent(self, method: str) -> list[Message]:
        return [message for message, _ in self.outbox if message.method == method]

    def numbers(self, method: str) -> set[int]:
        """The CSeq numbers of our requests: repetitions count once."""
        return {message.cseq[0] for message in self.sent(method)}

    def last(self, method: str) -> Message:
        return self.sent(method)[-1]

    def replies(self, method: str) -> list[int]:
        """The codes of our responses to the far end's requests of this method."""
        return [
            message.code for message, _ in self.outbox if message.code and message.cseq[1] == method
        ]

    @property
    def last_reply(self) -> Message:
        return [message for message, _ in self.outbox if message.code][-1]

    # -- their side ------------------------------------------------------------------------------

    def deliver(self, message: Message, source: Address = TRUNK) -> None:
        self.agent.receive(bytes(message), source)

    def reply(
        self,
        request: Message,
        code: int,
        *,
        tag: str = "peer",
        sdp: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        reply = build_reply(request, code, source=US, to_tag=tag)
        if 100 < code < 300:
            reply.set("contact", f"<sip:{tag}@192.0.2.1:5060>")
        for name, value in (headers or {}).items():
            reply.set(name, value)
        if sdp:
            reply.set_sdp(sdp)
        self.deliver(reply)

    def request(
        self,
        method: str,
        *,
        cseq: int,
        sdp: str = "",
        tag: str = "peer",
        headers: dict[str, str] | None = None,
        branch: str = "",
    ) -> Message:
        """A request of the far end in the dialog of our last INVITE."""
        invite = self.last("INVITE")
        request = Message(method, f"sip:trunk@{US[0]}:{US[1]}")
        via = f"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-{branch or method}{cseq}"
        request.set("via", via)
        request.set("from", f"{invite.get('to').partition(';tag')[0]};tag={tag}")
        request.set("to", invite.get("from"))
        request.set("call-id", invite.call_id)
        request.set("cseq", f"{cseq} {method}")
        if method in ("INVITE", "UPDATE"):
            request.set("contact", f"<sip:{tag}@192.0.2.1:5060>")
        for name, value in (headers or {}).items():
            request.set(name, value)
        if sdp:
            request.set_sdp(sdp)
        self.deliver(request)
        return request
