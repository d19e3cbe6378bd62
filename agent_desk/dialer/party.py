"""The second party of a call: a colleague or a third number, asked in by the operator.

A value of the floor. What may be done with it stands in `parties.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent_desk.dialer.ids import SeatId

PartyKind = Literal["number", "seat"]
# `referring`: the carrier was asked to transfer the call itself; nobody is called by us yet.
PartyState = Literal["referring", "dialing", "ringing", "joined"]
PartyMode = Literal["consult", "conference"]


@dataclass(frozen=True)
class Party:
    """`blind`: the call is handed on as soon as the party is there. `handed`: that was ordered.

    `number` (E.164) is "" for a colleague, `shown` what the page may show of either.
    """

    party_id: str
    kind: PartyKind
    shown: str
    state: PartyState
    mode: PartyMode = "consult"
    seat_id: SeatId | None = None
    number: str = field(default="", repr=False)
    number_key: str = ""
    caller_id: str = ""
    blind: bool = False
    handed: bool = False
