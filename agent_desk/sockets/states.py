"""The whole state each kind of page shows, built from the floor and what is kept beside it.

Used for snapshots and for updates alike, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from agent_desk.dialer.events import (
    Event,
    NoteDrafted,
    PromiseMade,
    PromiseWithdrawn,
    ResultRecorded,
)
from agent_desk.dialer.floor import Call, CallState, Campaign, Floor, Seat
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.seats import FREE
from agent_desk.dialer.sharing import campaigns_of
from agent_desk.services.ports import Clock
from agent_desk.services.reports.without_training import without_training
from agent_desk.services.rules.calendar import closed_days
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import DayFigures, business_date
from agent_desk.services.seat.call_tools import CallTools
from agent_desk.services.seat.caller_records import CallerRecords
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.sockets.campaign_pictures import CampaignPictures
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.desk_view import (
    call_of,
    call_view,
    link_view,
    metrics_view,
    nobody_comes,
    seat_view,
)
from agent_desk.sockets.floor_orders import order_view
from agent_desk.sockets.floor_view import masked
from agent_desk.sockets.rounds import Round
from agent_desk.sockets.supervision_view import shown_to_operator, supervisions
from agent_desk.sockets.tiles import Tiles, of_teams
from agent_desk.sockets.wallboard_view import WallPictures

Names = Mapping[str, tuple[str, str]]  # by seat: the operator's and the team's
AWAY_REASONS = ("break", "training", "meeting", "other")


class States:
    """Builds page states; holds what pages show of live calls beyond the floor."""

    def __init__(
        self,
        *,
        floor: Callable[[], Floor],
        figures: DayFigures,
        campaigns: CampaignBook,
        records: CallerRecords,
        calls: CallTools,
        clock: Clock,
        names: Callable[[], Names],
        translate: Callable[..., str],
        gateways: Callable[[], Mapping[str, Mapping[str, Any]]],
        quality: LineQuality,
        pictures: CampaignPictures,
        wall: WallPictures,
    ) -> None:
        self._floor = floor
        self._figures = figures
        self._campaigns = campaigns
        self._records = records
        self._calls = calls
        self._clock = clock
        self._names = names
        self._translate = translate
        self._gateways = gateways
        self._quality = quality
        self.pictures = pictures
        self.wall = wall
        self._notes: dict[CallId, str] = {}
        self._promises: dict[CallId, Promised] = {}
        self._shown: dict[SeatId, tuple[CallId, dict[str, Any]]] = {}
        self.alerts = calls.alerts
        self.tiles = Tiles(
            floor=floor,
            figures=figures,
            campaigns=campaigns,
            calls=calls,
            quality=quality,
            clock=clock,
            names=names,
            at_work_for=self._at_work_for,
            customer=self._customer,
        )

    # --- kept up to date ------------------------------------------------------------------------

    def restore(self, notes: Mapping[CallId, str], promises: Mapping[CallId, Promised]) -> None:
        """Drafts and promises of the calls that were live when the desk stopped."""
        self._notes.update(notes)
        self._promises.update(promises)

    def apply(self, events: Sequence[Event], now: datetime) -> set[int]:
        """Follow committed events; the user ids whose figures changed."""
        self.pictures.apply(events, now)
        yesterday = set(self._figures.all()) if self._figures.roll(now) else set()
        for event in events:
            match event:
                case NoteDrafted():
                    self._notes[event.call_id] = event.text
                case PromiseMade():
                    self._promises[event.call_id] = Promised(
                        event.due_on, event.amount_yen, event.method, event.parts
                    )
                case PromiseWithdrawn():
                    self._promises.pop(event.call_id, None)
                case ResultRecorded():
                    self._notes.pop(event.call_id, None)
                    self._promises.pop(event.call_id, None)
        return yesterday | self._figures.apply(self._real(events))

    def _real(self, events: Sequence[Event]) -> list[Event]:
        """Without what was only practised."""
        calls = self._floor().calls

        def campaign_of(call_id: CallId) -> CampaignId | None:
            call = calls.get(call_id)
            return None if call is None else call.campaign_id

        return without_training(
            events, is_training=self._campaigns.is_training, campaign_of=campaign_of
        )

    def load_record(self, seat_id: SeatId, call_id: CallId) -> None:
        """Read the caller record of the call on this seat, as far as identity allows."""
        call = self._floor().calls.get(call_id)
        if call is not None:
            self._shown[seat_id] = (call_id, self._records.load(call))
            self.tiles.touch({seat_id})

    # --- states ---------------------------------------------------------------------------------

    def desk(self, identity: Identity) -> dict[str, Any]:
        """What `/desk` of this operator shows."""
        floor, now = self._floor(), self._clock.now()
        seat = floor.seats.get(SeatId(identity.username))
        me = {
            "username": identity.username,
            "name": identity.name,
            "role": identity.role,
            "locale": identity.locale,
        }
        figures = self._figures.of(identity.user_id)
        metrics = metrics_view(
            figures,
            now,
            codes=self._calls.own_valid_calls.codes(identity.user_id, figures),
            average=self._calls.own_average.of(identity.user_id),
            target=self._calls.own_target.of(identity.user_id),
        )
        helped = self._helped(SeatId(identity.username))
        if seat is None:
            return {
                **dict.fromkeys(("seat", "call", "record", "campaign", "over_talk")),
                "metrics": metrics,
                "help": helped,
                "supervised": [],
                "me": me,
            }
        campaign = floor.campaigns.get(seat.campaign_id)
        call = call_of(floor, seat)
        record = None if call is None else self._record(seat, call)
        return {
            "seat": seat_view(
                seat,
                campaign,
                now,
                quality=self._heard(seat),
                consult=self._calls.transfers.consulted(seat),
                order=order_view(seat, self._names(), self._campaigns),
            ),
            "call": None if call is None else self._call(call, record["script"] if record else ""),
            "record": record,
            "metrics": metrics,
            "campaign": self._campaign(seat, identity.locale),
            "help": helped,
            "supervised": shown_to_operator(seat, floor, self._names),
            "over_talk": self.alerts.over_talk(seat, call),
            "me": me,
        }

    def _helped(self, seat_id: SeatId) -> dict[str, Any]:
        messages = self._calls.seat_messages.shown(seat_id)
        return {"hand": self._calls.help.hand(seat_id), "messages": messages}

    def link(self, seat_id: SeatId) -> dict[str, Any]:
        """What `desk` says of how well the operator of this open seat is heard."""
        seat = self._floor().seats[seat_id]
        return link_view(seat, self._clock.now(), quality=self._heard(seat))

    def floor(self, identity: Identity, round_: Round | None = None) -> dict[str, Any]:
        """What `/floor` of this lead shows; one round serves all who look at the same instant."""
        floor, now, names = self._floor(), self._clock.now(), self._names()
        rows, teams = round_ or Round(), identity.teams
        tiles = rows.row("tiles", self.tiles.now)
        return {
            "seats": tiles if teams is None else of_teams(rows, tiles, floor, teams),
            **self.pictures.tables(identity, rows, floor, names, now),
            "gateways": dict(self._gateways()),
            "rooms": self._calls.floor_plans.rooms(),
            "places": self._calls.floor_plans.places(teams, names),
            "messages": self._calls.seat_messages.shown_to_leads(teams),
            "skills": {
                code: {"code": code, "name": name}
                for code, name in self._calls.skills.names().items()
            },
            "alerts": self.alerts.shown(teams),
            "thresholds": self._calls.thresholds.view,
            "supervisions": supervisions(floor, names, lambda each: self.may_see(identity, each)),
        }

    def current(self) -> Floor:
        """The floor as it is."""
        return self._floor()

    def wallboard(self, identity: Identity, round_: Round | None = None) -> dict[str, Any]:
        """What the screens of a link show."""
        return self.wall.state(identity, round_ or Round(), self._floor(), self._clock.now())

    def may_see(self, identity: Identity, seat_id: SeatId) -> bool:
        """Whether a seat is in this lead's scope."""
        seat = self._floor().seats.get(seat_id)
        return identity.teams is None or (seat is not None and seat.team_id in identity.teams)

    def _at_work_for(self, seat: Seat) -> str:
        """The campaign of the call; between two calls all that run and may bring the next one."""
        return "・".join(self._campaigns.get(each.campaign_id).name for each in self._theirs(seat))

    def _theirs(self, seat: Seat) -> list[Campaign]:
        campaigns = self._floor().campaigns
        theirs = [campaigns[each] for each in sorted(campaigns_of(seat)) if each in campaigns]
        running = [campaign for campaign in theirs if campaign.running == "running"]
        if seat.state in FREE and running:
            return running
        return [campaigns[seat.campaign_id]]

    def _customer(self, seat: Seat, floor: Floor) -> dict[str, str] | None:
        """Who is on the line of this seat, masked; nobody once the call is over.

        Of a record that the operator is shown, and not of the database: a look at the floor is no
        look at a customer.
        """
        call, shown = call_of(floor, seat), self._shown.get(seat.seat_id)
        if call is None or call.state is CallState.ENDED or shown is None:
            return None
        return masked(shown[1]) if shown[0] == call.call_id else None

    # --- parts ----------------------------------------------------------------------------------

    def _heard(self, seat: Seat) -> dict[str, Any]:
        return self._quality.view(seat.seat_id, seat.call_id)

    def _call(self, call: Call, script: str) -> dict[str, Any]:
        facts = self._campaigns.get(call.campaign_id)
        return call_view(
            call,
            recorded=self._floor().campaigns[call.campaign_id].recording,
            cap_today=call.cap_today or facts.daily_cap,
            caller_id=call.caller_id or "",
            note=self._notes.get(call.call_id, ""),
            promise=self._promises.get(call.call_id),
            party=self._calls.transfers.shown(call),
            script=self._calls.scripts.shown(call, script, facts.third_party_script),
            at_the_end=self._calls.at_the_end(call),
        )

    def _record(self, seat: Seat, call: Call) -> dict[str, Any] | None:
        shown = self._shown.get(seat.seat_id)
        if shown is None or shown[0] != call.call_id:
            # The record is shown from the moment the seat is reserved for this customer.
            self.load_record(seat.seat_id, call.call_id)
            shown = self._shown.get(seat.seat_id)
        return shown[1] if shown is not None else None

    def _holidays(self) -> list[str]:
        """Japanese holidays of this year and the next: a promise falls on a business day."""
        return sorted(day.isoformat() for day in closed_days(business_date(self._clock.now()).year))

    def _campaign(self, seat: Seat, locale: str) -> dict[str, Any]:
        facts = self._campaigns.get(seat.campaign_id)
        campaign = self._floor().campaigns[seat.campaign_id]
        modes = {each.mode for each in self._theirs(seat)}
        return {
            "id": seat.campaign_id,
            "name": self._at_work_for(seat),
            "kind": campaign.kind,
            # Where any of its campaigns previews, the operator may ask for a customer.
            "mode": "preview" if "preview" in modes else campaign.mode,
            "running": campaign.running,
            "why": nobody_comes(self._floor(), seat.campaign_id),
            "training": facts.training,
            "vips": self._campaigns.vips_for(seat),
            "wrap_up_s": None if campaign.wrap_up_policy == "open" else campaign.wrap_up_s,
            "identity_needed": campaign.identity_needed,
            "statuses": [
                {
                    "code": status.code,
                    "label": status.label(locale),
                    "hotkey": status.hotkey,
                    "colour": status.colour,
                    "needs_identity": status.needs_identity,
                    "bars": status.bars,
                    "required": list(status.required),
                    "third_party": status.third_party,
                }
                for status in facts.statuses
            ],
            "away_reasons": [
                {"code": code, "label": self._translate(f"away.{code}", locale=locale)}
                for code in AWAY_REASONS
            ],
            "promise_max_days": facts.promise_max_days,
            "instalment_counts": list(facts.instalment_counts),
            "holidays": self._holidays(),
        }
