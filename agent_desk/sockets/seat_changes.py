"""Which seats two floors differ in, and whether in more than in how well they are heard.

Each beat of a page and each report of a gateway makes another seat of it, some thousands a second
on a floor of a thousand, and hardly one changes what anybody sees.

A floor's next one has nearly all of its rows, in the same order; so they are laid side by side, and
only those that are not opposite to themselves are looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from itertools import zip_longest
from operator import attrgetter
from typing import TypeVar

from agent_desk.dialer.floor import Floor, Seat
from agent_desk.dialer.ids import SeatId

# Compared as they are: to make the one with the other's link costs more than all the rest.
_but_link = attrgetter(*(each.name for each in fields(Seat) if each.name != "link"))
Key = TypeVar("Key")
Value = TypeVar("Value")


def changed_seats(before: Floor, after: Floor) -> tuple[set[SeatId], set[SeatId]]:
    """Seats that came, went or are others than before; and those of which only the link is."""
    changed: set[SeatId] = set()
    heard: set[SeatId] = set()
    if before.seats is after.seats:
        return changed, heard
    for seat in _not_opposite(before.seats, after.seats):
        seat_id = seat.seat_id
        known = before.seats.get(seat_id)
        if known is seat:
            continue
        if known is not None and _but_link(known) == _but_link(seat):
            heard.add(seat_id)
        else:
            changed.add(seat_id)
    return changed | (before.seats.keys() - after.seats.keys()), heard


def touched_by_calls(before: Floor, after: Floor) -> set[SeatId]:
    """Seats with a call that is another than before."""
    if before.calls is after.calls:
        return set()
    return {
        call.seat_id
        for call in _not_opposite(before.calls, after.calls)
        if call.seat_id is not None and before.calls.get(call.call_id) is not call
    }


def _not_opposite(before: Mapping[Key, Value], after: Mapping[Key, Value]) -> list[Value]:
    """All rows that are others than before, and of what came or went those behind it as well."""
    both = zip_longest(after.values(), before.values())
    return [now for now, was in both if now is not was and now is not None]
