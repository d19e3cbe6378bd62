"""Ending, in a new process, a call that a killed one left at the trunk.

An answered call gets a BYE, whoever called, and one to us that still rang is refused. A ringing
one of ours gets a CANCEL with the old branch, and, because it may have been answered meanwhile, a
BYE on the dialog its 18x named; the INVITE's final response is awaited where it still can arrive
(the same port), so that a late 200 is ACKed and hung up and a 487 is ACKed.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.calls.dialog import Dialog
from softphone.sip.calls.endings import By
from softphone.sip.calls.journal import DialogRecord
from softphone.sip.calls.session import Session
from softphone.sip.messages.invite import build_cancel
from softphone.sip.messages.message import Message
from softphone.sip.user_agent import UserAgent

# The dead process may have used sequence numbers after its last record; a gap is allowed (§12.2.2).
_CSEQ_LEAP = 1000


class Orphan:
    """Ends one recorded dialog; `on_over` once, when nothing more can be done for it."""

    def __init__(
        self, agent: UserAgent, record: DialogRecord, on_over: Callable[[DialogRecord], None]
    ) -> None:
        self._agent, self._record, self._on_over = agent, record, on_over
        self._sessions: dict[str, Session] = {}
        self._over = False

    def end(self) -> None:
        record = self._record
        if record.phase == "confirmed":
            self._hang_up(self._recorded_dialog())
            return
        if record.phase == "arrived":
            self._refuse()
            return
        layer = self._agent.layer
        invite = self._rebuild_invite()
        layer.request(invite, record.address, self._on_final, resumed=True)
        layer.request(build_cancel(invite), record.address, self._on_cancelled)
        self._agent.timers.call_later(layer.timing.give_up, self._finish)

    def _refuse(self) -> None:
        """Somebody who calls us and whom nobody answers any more."""
        record = self._record
        refusal = Message(code=480, reason="Temporarily Unavailable")
        refusal.headers = {
            "via": [record.via],
            "from": [record.remote],
            "to": [record.local],
            "call-id": [record.call_id],
            "cseq": [f"{record.cseq} INVITE"],
        }
        self._agent.layer.send(bytes(refusal), record.address)
        self._finish()

    def _recorded_dialog(self) -> Dialog:
        record = self._record
        return Dialog(
            call_id=record.call_id,
            local=record.local,
            remote=record.remote,
            target=record.target or record.uri,
            routes=list(record.routes),
            cseq=record.cseq + _CSEQ_LEAP,
        )

    def _rebuild_invite(self) -> Message:
        record = self._record
        invite = Message("INVITE", record.uri)
        invite.headers = {
            "via": [record.via],
            "from": [record.local],
            "to": [f"<{record.uri}>"],
            "call-id": [record.call_id],
            "cseq": [f"{record.cseq} INVITE"],
        }
        return invite

    def _on_final(self, response: Message | None) -> None:
        """What the INVITE came to after all; a refusal is ACKed by its transaction."""
        if response is None or response.code < 200:
            return
        if response.code >= 300:
            self._finish()
            return
        session = self._sessions.get(response.to_tag)
        if session is None:
            dialog = Dialog.from_response(self._rebuild_invite(), response)
            dialog.cseq += _CSEQ_LEAP
            session = self._hang_up(dialog)
        session.acknowledge(response)

    def _on_cancelled(self, response: Message | None) -> None:
        if response is None or response.code < 200 or self._over:
            return
        if self._record.phase == "early" and not self._sessions:
            self._hang_up(self._recorded_dialog())

    def _hang_up(self, dialog: Dialog) -> Session:
        session = Session(self._agent, dialog, self, default_hop=self._record.address, local_sdp="")
        self._sessions[dialog.remote_tag] = session
        session.hang_up(reason_header='SIP;cause=500;text="restarted"')
        return session

    def on_media(self, sdp: str) -> None:
        """Nobody listens any more."""

    def on_digit(self, digit: str, duration_ms: int) -> None:
        """Nor to keys."""

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None:
        """The session was ended by us."""

    def on_session_over(self) -> None:
        self._finish()

    def _finish(self) -> None:
        if not self._over:
            self._over = True
            self._on_over(self._record)
