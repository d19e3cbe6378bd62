"""The INVITE of an outbound call, the CANCEL that takes it back, and its journal record."""

from __future__ import annotations

from dataclasses import dataclass, field

from softphone.sip.calls.journal import DialogRecord
from softphone.sip.calls.session import Session
from softphone.sip.messages.addressing import NumberFormat, user_part
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import ALLOWED
from softphone.sip.transport.transactions import Address
from softphone.sip.user_agent import UserAgent


@dataclass(frozen=True)
class InviteForm:
    """What the trunk makes of an `OutboundInvite`: where it goes and how the caller is written."""

    trunk_id: str
    uri: str
    from_uri: str
    address: Address
    session_expires_s: int  # 0: no session timer
    headers: dict[str, str] = field(default_factory=dict)
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    number_format: NumberFormat = "national"

    def uri_of(self, number: str) -> str:
        """Another number on the same trunk, written as the called one. Raises UnusableNumber."""
        scheme = self.uri.partition(":")[0]
        _, at, host = self.uri.partition("@")
        return f"{scheme}:{user_part(number, self.number_format)}{at}{host}"


def build_invite(
    agent: UserAgent,
    form: InviteForm,
    *,
    call_id: str,
    sender: str,
    cseq: int,
    sdp: str,
    timer: tuple[int, int],
) -> Message:
    """`sender` is the whole From value; `timer` (Session-Expires, Min-SE) in seconds, 0: none."""
    session_expires, least = timer
    request = Message("INVITE", form.uri)
    request.headers = {
        "via": [agent.new_via()],
        "max-forwards": ["70"],
        "from": [sender],
        "to": [f"<{form.uri}>"],
        "call-id": [call_id],
        "cseq": [f"{cseq} INVITE"],
        "contact": [agent.contact],
        "allow": [ALLOWED],
        "supported": ["100rel, timer" if session_expires else "100rel"],
        "user-agent": [agent.product],
    }
    if session_expires:
        request.set("session-expires", str(session_expires))
        request.set("min-se", str(least))
    for name, value in form.headers.items():
        request.set(name, value)
    request.set_sdp(sdp)
    return request


def build_cancel(invite: Message) -> Message:
    """§9.1: the INVITE's Request-URI, top Via (branch included), From, To, Call-ID, CSeq number."""
    cancel = Message("CANCEL", invite.uri)
    cancel.headers["via"] = [invite.get("via")]
    cancel.copy_from(invite, "route", "from", "to", "call-id")
    cancel.set("cseq", f"{invite.cseq[0]} CANCEL")
    cancel.set("max-forwards", "70")
    return cancel


def record_dialog(form: InviteForm, invite: Message, session: Session | None) -> DialogRecord:
    """What a new process needs to end this call (`journal.DialogRecord`)."""
    dialog = session.dialog if session else None
    phase = session.state if session and session.state != "ended" else None
    return DialogRecord(
        trunk_id=form.trunk_id,
        call_id=invite.call_id,
        phase=phase or "inviting",
        local=invite.get("from"),
        remote=dialog.remote if dialog else invite.get("to"),
        cseq=invite.cseq[0],
        uri=invite.uri,
        via=invite.get("via"),
        address=form.address,
        target=dialog.target if dialog else "",
        routes=tuple(dialog.routes) if dialog else (),
    )
