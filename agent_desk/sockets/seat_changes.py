"""Which seats two floors differ in, and whether in more than in how well they are heard.

Each beat of a page and each report of a gateway makes another seat of it, some thousands a second
on a floor of a thousand, and hardly one changes what anybody sees.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import SeatId


def changed_seats(before: Floor, after: Floor) -> tuple[set[SeatId], set[SeatId]]:
    """Seats that came, went or are others than before; and those of which only the link is."""
    changed: set[SeatId] = set()
    heard: set[SeatId] = set()
    if before.seats is after.seats:
        return changed, heard
    for seat_id, seat in after.seats.items():
        known = before.seats.get(seat_id)
        if known is seat:
            continue
        if known is not None and replace(known, link=seat.link) == seat:
            heard.add(seat_id)
        else:
            changed.add(seat_id)
    return changed | (before.seats.keys() - after.seats.keys()), heard
