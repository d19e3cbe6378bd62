"""Who hears whom in a call, as one pure function of the call's situation.

Four kinds of people can be in a call: the customer, the seat's operator, a second party, and
supervisors. Those in conversation hear each other. Who only listens hears the conversation; who
whispers is heard by the operator besides. A customer who is in no conversation hears music.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from softphone.protocol import PartyMode, SupervisionMode

CUSTOMER, SEAT, PARTY = "customer", "seat", "party"


@dataclass(frozen=True)
class Situation:
    """`party` is None while there is no second party; `supervisors` go by seat id."""

    seat_there: bool = True
    held: bool = False
    party: PartyMode | None = None
    supervisors: Mapping[str, SupervisionMode] = field(default_factory=dict)


@dataclass(frozen=True)
class Hearing:
    """For each person, by name, whom they hear; and whether the customer hears music instead."""

    heard_by: Mapping[str, frozenset[str]]
    customer_waits: bool

    def listeners_of(self, speaker: str) -> list[str]:
        return [name for name, heard in self.heard_by.items() if speaker in heard]


def who_hears_whom(situation: Situation) -> Hearing:
    """See the module. Everybody who is in the call has an entry."""
    talking = _conversation(situation)
    supervisors = situation.supervisors
    talking |= {name for name, mode in supervisors.items() if mode is SupervisionMode.BARGE}
    # A customer with nobody to talk to waits; so does one who is kept out of the conversation.
    waits = CUSTOMER not in talking or len(talking) == 1
    heard = {name: frozenset(talking - {name}) for name in (CUSTOMER, SEAT, PARTY, *supervisors)}
    for name in (CUSTOMER, SEAT, PARTY):
        if name not in talking:
            heard[name] = frozenset()
    if SEAT in talking:
        heard[SEAT] |= {n for n, mode in supervisors.items() if mode is SupervisionMode.WHISPER}
    return Hearing(heard, waits)


def _conversation(situation: Situation) -> set[str]:
    """Customer, seat and party as far as they talk with each other."""
    match situation.party:
        case None:
            talking = {CUSTOMER, SEAT}
        case PartyMode.CONSULT:
            talking = {SEAT, PARTY}
        case PartyMode.CONFERENCE:
            talking = {CUSTOMER, SEAT, PARTY}
        case PartyMode.TRANSFERRED:
            talking = {CUSTOMER, PARTY}
    if situation.held:
        talking.discard(CUSTOMER)
    if not situation.seat_there:
        talking.discard(SEAT)
    return talking
