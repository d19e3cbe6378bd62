"""Who is in whose call, as leads and operators see it; pure functions of the floor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent_desk.dialer.floor import Floor, Seat, Supervisor
from agent_desk.dialer.ids import SeatId
from agent_desk.dialer.supervisor import AUDIBLE, Part, Supervised
from agent_desk.sockets.desk_view import instant

Names = Mapping[str, tuple[str, str]]  # username → (name, team)


def supervised_by(seat: Seat, floor: Floor, names: Names) -> list[dict[str, Any]]:
    """The leads in the call of this seat, who came first first."""
    return [
        {
            "id": each.seat_id,
            "name": _name(each.seat_id, names),
            "mode": part.mode,
            "since": instant(part.at),
        }
        for each, part in _in_call_of(seat, floor)
    ]


def shown_to_operator(
    seat: Seat | None, floor: Floor, names: Callable[[], Names]
) -> list[dict[str, Any]]:
    """The same for the operator's own page: who is heard always, who only listens by policy."""
    if seat is None or seat.call_id is None:
        return []
    campaign = floor.campaigns.get(seat.campaign_id)
    shown = campaign is not None and campaign.supervision_shown
    return [
        {"name": _name(each.seat_id, names()), "mode": part.mode}
        for each, part in _in_call_of(seat, floor)
        if shown or part.mode in AUDIBLE
    ]


def supervisions(
    floor: Floor, names: Names, may_see: Callable[[SeatId], bool]
) -> dict[str, dict[str, Any]]:
    """By lead: what is in use, or wanted, within the scope of who looks."""
    return {
        lead: view
        for lead, each in floor.supervisors.items()
        if (view := _view(each, floor, names, may_see)) is not None
    }


def _view(
    supervisor: Supervisor, floor: Floor, names: Names, may_see: Callable[[SeatId], bool]
) -> dict[str, Any] | None:
    supervised = supervisor.supervised
    seat_id = supervised.seat_id if supervised is not None else supervisor.follow
    if seat_id is None:
        return {"seat": None, "problem": supervisor.problem} if supervisor.problem else None
    if not may_see(seat_id):
        return None
    running = supervised.now if supervised is not None else None
    return {
        "seat": seat_id,
        "seat_name": _name(seat_id, names),
        "mode": running.mode if running is not None else None,
        "asked": supervised.mode if supervised is not None else None,
        "since": instant(supervised.since) if supervised is not None else None,
        "waiting": supervised is None,  # for the next call of an operator who is followed
        "muted": supervisor.muted,
        "held": supervisor.held,
        "customer": _customer_of(floor, supervised),
        "follow": supervisor.follow is not None,
        "problem": supervisor.problem,
    }


def _customer_of(floor: Floor, supervised: Supervised | None) -> int | None:
    """Whose record belongs to the call; the page of it asks once more who may read it."""
    call = floor.calls.get(supervised.call_id) if supervised is not None else None
    return None if call is None else call.customer_id


def _in_call_of(seat: Seat, floor: Floor) -> list[tuple[Supervisor, Part]]:
    found = [
        (each, each.supervised.now)
        for each in floor.supervisors.values()
        if each.supervised is not None
        and each.supervised.now is not None
        and each.supervised.call_id == seat.call_id
        and each.supervised.seat_id == seat.seat_id
    ]
    return sorted(found, key=lambda pair: (pair[1].at, pair[0].seat_id))


def _name(username: str, names: Names) -> str:
    return names.get(username, (username, ""))[0]
