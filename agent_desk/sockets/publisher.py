"""The only module that emits to the pages.

Every page's state is a snapshot plus numbered updates: `snapshot ⊕ updates` equals a fresh
snapshot, which a test checks for every move. An update carries whole top-level values, so a page
that missed one need only notice the gap and ask again.

A picture is built and sent under its socket's lock: building one reads the database, and a commit
that came in between would otherwise be overwritten by an older picture.

A page that does not read what it is sent is told nothing more until it has caught up, and then
everything at once (`backlog.py`).

Seats are told at once. Leads' tiles are gathered and flushed four times a second: a floor of a
thousand seats would otherwise send thousands of frames a second that nobody can read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agent_desk.dialer.events import Event, IdentityRecorded, NoteDrafted
from agent_desk.dialer.floor import Campaign, Floor
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.sharing import campaigns_of
from agent_desk.services.ports import Clock
from agent_desk.services.running.timers import Job
from agent_desk.sockets import backlog
from agent_desk.sockets.connections import Connections, Identity, Open
from agent_desk.sockets.desk_view import changes, instant, nobody_comes
from agent_desk.sockets.encoded_once import EncodedOnce
from agent_desk.sockets.rounds import Round
from agent_desk.sockets.seat_changes import changed_seats, touched_by_calls
from agent_desk.sockets.states import States

Emit = Callable[[str, Mapping[str, Any], str, str], None]  # event, payload, sid, namespace


class SocketPublisher:
    """Implements `services.ports.Publisher`."""

    def __init__(
        self,
        *,
        connections: Connections,
        states: States,
        clock: Clock,
        emit: Emit,
        waiting: Callable[[str, str], int],
    ) -> None:
        """`waiting` is how many messages a socket (sid, namespace) has not read yet."""
        self._connections = connections
        self._states = states
        self._clock = clock
        self._emit = emit
        self._waiting = waiting
        self._behind: set[tuple[str, str]] = set()
        self._floor_dirty = False
        self._round = Round()

    # --- Publisher ----------------------------------------------------------------------------

    def floor_changed(
        self, before: Floor, after: Floor, events: Sequence[Event], now: datetime
    ) -> None:
        changed_users = self._states.apply(events, now)
        steered = {
            campaign_id
            for campaign_id, campaign in after.campaigns.items()
            if _differs(before.campaigns.get(campaign_id), campaign)
            or nobody_comes(before, campaign_id) != nobody_comes(after, campaign_id)
        }
        touched, heard = changed_seats(before, after)
        touched |= touched_by_calls(before, after)
        if changed_users or steered:
            touched |= {
                seat.seat_id
                for seat in after.seats.values()
                if int(seat.user_id) in changed_users or steered & campaigns_of(seat)
            }
        touched |= {
            each.supervised.seat_id
            for known in (before.supervisors, after.supervisors)
            for lead, each in known.items()
            if each.supervised and before.supervisors.get(lead) != after.supervisors.get(lead)
        }
        touched |= {seat_id for event in events if (seat_id := _writing(event, after)) is not None}
        for event in events:
            if isinstance(event, IdentityRecorded):
                touched |= self._records_changed(after, event.call_id)
        self._states.tiles.touch(touched)
        self._states.alerts.touch(touched)
        for seat_id in touched:
            self._push_desk(seat_id)
        for seat_id in heard - touched:
            self._push_link(seat_id)
        self._floor_dirty = self._floor_dirty or before is not after

    def record_shown(self, seat_id: SeatId, call_id: CallId) -> None:
        self._states.load_record(seat_id, call_id)
        self._push_desk(seat_id)
        self._floor_dirty = True

    def campaigns_changed(self) -> None:
        """What pages show of campaigns beyond the floor is another: names, buttons, scripts."""
        self._states.tiles.forget()
        self._states.alerts.forget()
        self._floor_dirty = True
        for _, opened in self._connections.of("/desk"):
            self._push_desk(SeatId(opened.identity.username))

    def leads_told(self, message_id: str, seat_id: SeatId | None, campaign_id: int | None) -> None:
        params = {"seat": seat_id, "campaign": campaign_id}
        for sid, opened in self._connections.of("/floor"):
            if seat_id is None or self._states.may_see(opened.identity, seat_id):
                self._emit("notice", {"id": message_id, "params": params}, sid, "/floor")

    def seat_told(self, message_id: str, seat_id: SeatId) -> None:
        found = self._connections.desk_of(seat_id)
        if found is not None:
            self._emit("notice", {"id": message_id, "params": {}}, found[0], "/desk")

    def seat_changed(self, seat_id: SeatId) -> None:
        """Something this operator's page shows changed without a move."""
        self._states.tiles.touch({seat_id})
        self._states.alerts.touch({seat_id})
        self._push_desk(seat_id)
        self._floor_dirty = True

    # --- snapshots and the flush ---------------------------------------------------------------

    def send_snapshot(self, sid: str, opened: Open) -> None:
        """Everything the page shows, and the number from which updates go on."""
        with opened.order:
            state = self._fresh(opened)
            opened.pushed = dict(state)
            opened.seq += 1
            payload = {"seq": opened.seq, "server_time": self._now(), "state": state}
            self._emit("snapshot", payload, sid, opened.namespace)

    def flush_floor(self) -> None:
        """Tell the leads what changed since the last flush, and who was behind where things are."""
        self._catch_up()
        self._look_for_alerts()
        if not self._floor_dirty:
            return
        self._floor_dirty = False
        self._round = Round(self._round)
        self._flush("/floor", self._states.floor)
        self._flush("/wallboard", self._states.wallboard)

    def _look_for_alerts(self) -> None:
        """What began or ended since the last flush, on the leads' pages and the operators'."""
        changed = self._states.alerts.look()
        if changed is None:
            return
        self._floor_dirty = True
        for seat_id in changed:
            self._push_desk(seat_id)

    def _flush(self, namespace: str, state: Callable[[Identity, Round], dict[str, Any]]) -> None:
        looks: dict[object, _Look] = {}  # those of the same scope share one
        for sid, opened in self._connections.of(namespace):
            who = opened.identity
            scope = (who.teams, who.campaigns, who.locale)
            with opened.order:
                if not opened.pushed:
                    continue  # its snapshot has not gone out yet and will hold all this
                look = looks.get(scope)
                if look is None:
                    look = looks[scope] = _Look(state(who, self._round))
                differing = look.since(opened.pushed)
                if differing:
                    opened.pushed = look.fresh
                    self._update(sid, opened, differing)

    def mark_floor(self) -> None:
        """Something the floor shows changed without a move: counts, time-driven link health."""
        self._floor_dirty = True

    @property
    def chores(self) -> Sequence[Job]:
        """What the pages' pictures have done again and again."""
        now, mark = self._clock.now, self.mark_floor
        return (
            *self._states.pictures.chores(self._states.current, now, mark),
            Job("day-counts", 1.0, self._count_for_walls),
        )

    def _count_for_walls(self) -> None:
        watched = bool(self._connections.of("/wallboard"))
        if self._states.wall.counts.step(watched=watched):
            self.mark_floor()

    def pacing_trace(
        self, identity: Identity, campaign_id: CampaignId, since: int
    ) -> dict[str, Any]:
        """The pacer's last hour; ServiceError not-in-scope."""
        return self._states.pictures.trace(identity, campaign_id, since)

    # --- inside ---------------------------------------------------------------------------------

    def _records_changed(self, floor: Floor, call_id: CallId) -> set[SeatId]:
        """Read the record of a call anew; the seat that shows it."""
        call = floor.calls.get(call_id)
        if call is None or call.seat_id is None:
            return set()
        self._states.load_record(call.seat_id, call_id)
        return {call.seat_id}

    def _push_desk(self, seat_id: SeatId) -> None:
        found = self._connections.desk_of(seat_id)
        if found is None:
            return
        sid, opened = found
        with opened.order:
            if not opened.pushed:
                return  # its snapshot has not gone out yet and will hold all this
            fresh = self._fresh(opened)
            differing = changes(opened.pushed, fresh)
            if differing:
                opened.pushed = fresh
                self._update(sid, opened, differing)

    def _push_link(self, seat_id: SeatId) -> None:
        """Nothing but the link can have changed: look at that before the whole page is built."""
        found = self._connections.desk_of(seat_id)
        if found is None:
            return
        shown = found[1].pushed.get("seat")
        known = shown if isinstance(shown, dict) else {}
        link = self._states.link(seat_id)
        if any(known.get(name) != value for name, value in link.items()):
            self._push_desk(seat_id)

    def _catch_up(self) -> None:
        """A snapshot for each page that has read what it had."""
        for sid, namespace in list(self._behind):
            opened = self._connections.get(sid, namespace)
            if opened is None:
                self._behind.discard((sid, namespace))
            elif self._waiting(sid, namespace) <= backlog.FEW:
                self._behind.discard((sid, namespace))
                self.send_snapshot(sid, opened)

    def _update(self, sid: str, opened: Open, differing: Mapping[str, object]) -> None:
        if self._waiting(sid, opened.namespace) >= backlog.MOST:
            opened.pushed = {}  # nothing more until the snapshot
            self._behind.add((sid, opened.namespace))
            return
        opened.seq += 1
        payload = {"seq": opened.seq, "server_time": self._now(), "changes": differing}
        self._emit("update", payload, sid, opened.namespace)

    def _fresh(self, opened: Open) -> dict[str, object]:
        if opened.namespace == "/desk":
            return self._states.desk(opened.identity)
        if opened.namespace == "/wallboard":
            return self._states.wallboard(opened.identity)
        return self._states.floor(opened.identity)

    def _now(self) -> str:
        return instant(self._clock.now()) or ""


def _differs(before: Campaign | None, after: Campaign) -> bool:
    """Whether operators see a difference; counts of answers always change and are not seen."""
    return before is None or replace(before, answers=after.answers) != after


def _writing(event: Event, floor: Floor) -> SeatId | None:
    """The seat whose note was kept: that moves nothing on the floor."""
    call = floor.calls.get(event.call_id) if isinstance(event, NoteDrafted) else None
    return call.seat_id if call is not None else None


class _Look:
    """What a scope shows now, and what is new in it to those who were shown the same before."""

    def __init__(self, fresh: dict[str, Any]) -> None:
        self.fresh = fresh
        self._since: dict[int, tuple[Mapping[str, Any], EncodedOnce]] = {}

    def since(self, pushed: Mapping[str, Any]) -> EncodedOnce:
        """What differs, encoded once for all."""
        known = self._since.get(id(pushed))
        if known is None:  # with what it is the id of, which lives as long as this
            known = self._since[id(pushed)] = (pushed, EncodedOnce(_by_id(pushed, self.fresh)))
        return known[1]


def _by_id(pushed: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Differences one level down: changed tiles and panels by id, None for what is gone."""
    differing: dict[str, Any] = {}
    for key, now_there in fresh.items():
        was_there = pushed.get(key, {})
        part = {
            k: v for k, v in now_there.items() if (was := was_there.get(k)) is not v and was != v
        }
        part |= {k: None for k in was_there if k not in now_there}
        if part:
            differing[key] = part
    return differing
