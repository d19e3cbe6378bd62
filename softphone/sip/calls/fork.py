"""The To tags of an INVITE: a forking trunk may ring, and even answer, on several at once.

Each tag is a dialog of its own with its own reliable responses (RFC 3262): those are acknowledged
by PRACK in the order of their RSeq and in no other, because a response that overtook an earlier one
will be sent again. A trunk that rings with ever new tags has the latest few: an answer of one that
was forgotten makes its dialog anew.
"""

from __future__ import annotations

from typing import Protocol

from softphone.sip.calls.dialog import Dialog
from softphone.sip.calls.endings import By
from softphone.sip.calls.session import Session
from softphone.sip.messages.headers import SipParseError, parse_number
from softphone.sip.messages.invite import InviteForm
from softphone.sip.messages.message import Message
from softphone.sip.user_agent import UserAgent

MOST_EARLY = 20


class ForkOwner(Protocol):
    """The call; it must know which fork speaks."""

    def session_media(self, session: Session, sdp: str) -> None: ...

    def session_digit(self, session: Session, digit: str, duration_ms: int) -> None: ...

    def session_ended(self, session: Session, ending: tuple[int, str, By, int | None]) -> None: ...

    def session_over(self, session: Session) -> None: ...


class Fork:
    """One of them: tells the call which session speaks."""

    session: Session

    def __init__(self, call: ForkOwner) -> None:
        self._call = call
        self._last_rseq: int | None = None

    def take_provisional(self, response: Message) -> bool:
        """Note a 1xx with a tag, PRACK it if it is reliable; False when it is not to be acted on:
        one that was repeated, or that overtook another.
        """
        number = _reliable_number(response)
        session = self.session
        if number is not None:
            if self._last_rseq is not None and number != self._last_rseq + 1:
                return False
            self._last_rseq = number
            session.send("PRACK", headers={"rack": f"{number} {response.cseq[0]} INVITE"})
        if response.sdp and session.state == "early":
            session.media.remote_sdp = response.sdp
            session.media.awaits_answer = False  # most who describe themselves mean it
        return True

    def on_media(self, sdp: str) -> None:
        self._call.session_media(self.session, sdp)

    def on_digit(self, digit: str, duration_ms: int) -> None:
        self._call.session_digit(self.session, digit, duration_ms)

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None:
        self._call.session_ended(self.session, (code, reason, by, q850))

    def on_session_over(self) -> None:
        self._call.session_over(self.session)


class Forks:
    """All of them. `local_sdp` is the offer of the INVITE."""

    def __init__(
        self, call: ForkOwner, agent: UserAgent, form: InviteForm, *, local_sdp: str
    ) -> None:
        self._call, self._agent, self._form = call, agent, form
        self._local_sdp = local_sdp
        self._by_tag: dict[str, Fork] = {}

    def find(self, tag: str) -> Fork | None:
        return self._by_tag.get(tag)

    def add(self, invite: Message, response: Message) -> Fork:
        """The dialog that the first response with this To tag makes."""
        early = [tag for tag, each in self._by_tag.items() if each.session.state == "early"]
        if len(early) >= MOST_EARLY:
            self._by_tag.pop(early[0]).session.discard()
        fork = Fork(self._call)
        fork.session = Session(
            self._agent,
            Dialog.from_response(invite, response),
            fork,
            default_hop=self._form.address,
            local_sdp=self._local_sdp,
            codecs=self._form.codecs,
        )
        self._by_tag[response.to_tag] = fork
        return fork

    def discard(self, *, but: Session | None) -> None:
        """Forget the early dialogs, except `but`."""
        for tag, fork in list(self._by_tag.items()):
            if fork.session is not but and fork.session.state == "early":
                fork.session.discard()
                del self._by_tag[tag]


def _reliable_number(response: Message) -> int | None:
    """The RSeq of a reliable provisional response, or None for an ordinary one."""
    if "100rel" not in response.options("require"):
        return None
    try:
        return parse_number(response.get("rseq"))
    except SipParseError:
        return None
