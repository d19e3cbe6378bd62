"""How a call is reported to have ended: by whom, why, and whether a person was left hanging.

`abandoned` decides about a legal figure, so it is decided here and nowhere else: a live answer
that was never joined to a seat, and that ended because nobody took it (the closing prompt began) or
because our side hung up. A machine, an announcement or a tone is nobody; a line on which nobody
spoke counts as a person only once the closing prompt was played to it; a customer who hangs up
before the time to bridge was over has not been abandoned.
"""

from __future__ import annotations

from dataclasses import dataclass

from softphone.protocol import CallEnded, EndedBy, Refusal, Verdict
from softphone.sip.calls.endings import SipEnding

MACHINES = frozenset({Verdict.MACHINE, Verdict.ANNOUNCEMENT, Verdict.TONE})


@dataclass(frozen=True)
class Wish:
    """Why our side ends a call, from the moment it decides to."""

    by: EndedBy
    cause: str
    seat_lost: bool = False


@dataclass
class Facts:
    """What happened in a call that its end is judged by."""

    rang: bool = False
    answered: bool = False
    bridged: bool = False
    treated: Wish | None = None  # a closing prompt was started, and why
    verdict: Verdict = Verdict.NOT_SCREENED
    early_media: str = ""  # what was heard before an answer, as evidence

    def note_early_media(self, evidence: str) -> None:
        self.early_media = evidence


def report_end(call_id: str, facts: Facts, wish: Wish | None, sip: SipEnding) -> CallEnded:
    """The one final word on a call, from what happened, what we wished, and what SIP says."""
    answered = facts.answered or sip.answered
    wish = wish or _sip_wish(sip, answered=answered)
    treated = facts.treated
    return CallEnded(
        call_id=call_id,
        by=wish.by,
        sip_code=None if answered else sip.code,
        q850=sip.q850,
        rang=facts.rang or sip.rang,
        answered=answered,
        verdict=facts.verdict,
        abandoned=answered and not facts.bridged and _left_hanging(facts, wish.by),
        seat_lost=wish.seat_lost or (treated is not None and treated.seat_lost),
        cause=wish.cause,
        early_media=facts.early_media,
    )


def _left_hanging(facts: Facts, by: EndedBy) -> bool:
    if facts.verdict in MACHINES:
        return False
    if facts.treated is not None:
        return True
    return facts.verdict is not Verdict.SILENCE and by in (EndedBy.DESK, EndedBy.GATEWAY)


def _sip_wish(sip: SipEnding, *, answered: bool) -> Wish:
    """Who ended a call that the call itself did not end: the ring limit, the customer, the trunk.

    A refusal counts as the trunk's: it is the carrier's word, whoever is behind it.
    """
    if sip.by in ("timeout", "local"):
        return Wish(EndedBy.GATEWAY, sip.reason)
    if sip.by == "remote" and answered:
        return Wish(EndedBy.CUSTOMER, sip.reason)
    return Wish(EndedBy.TRUNK, sip.reason)


def not_known(call_id: str) -> Refusal:
    """What a command about a call that is over, or never was, is answered."""
    return Refusal("call_unknown", f"no live call {call_id}")
