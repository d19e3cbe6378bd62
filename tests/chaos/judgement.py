"""I1–I11 judged by the witness who would suffer, for the call centre of `machine.py`.

INVITEs by the trunk (I2, I4, I5, I9), bridges by what pages and legs really did (I1, I11),
presses by those who pressed (I7, I8), the rest by the rows (I3, I6, I10); and the auditor is asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.ids import CampaignId
from softphone import protocol as wire
from tests.agent_desk.store.desk_rows import SEALER
from tests.chaos.leads import Witness
from tests.chaos.model_gateway import ModelGateway
from tests.chaos.mortal_desk import MortalDesk
from tests.chaos.presses import Page
from tests.fakes.clock import FakeClock

CAP = 2  # of the campaign; the law's limit is three


class Judgement:
    """Asks the witnesses; raises AssertionError with the invariant's name."""

    clock: FakeClock
    desk: MortalDesk
    gateway: ModelGateway
    pages: dict[str, Page]
    may_run: dict[CampaignId, set[str]]  # a lead's last word, and one not acknowledged yet
    blocked_at: dict[str, datetime]  # by number key: from when on nobody may call there
    witness: Witness

    def judge_live(self) -> None:
        """What can be seen at any instant."""
        self.i1_one_live_call_per_seat()
        self.i2_one_live_call_per_number()
        self.i4_inside_the_window()
        self.i5_caps()
        self.i9_do_not_call()
        self.i11_offers()

    def judge_rows(self) -> None:
        """What the rows say, and whether they say what was promised."""
        self.i7_acknowledged_is_stored()
        self.i9_left_alone()
        self.i10_seconds_add_up()
        found = self.desk.violations()
        assert not found, found

    def judge_end(self) -> None:
        """Everything is over: nothing may be left open, and nothing unaccounted for."""
        self.i3_answered_is_never_nothing()
        self.i5_what_may_have_rung_counts()
        self.i6_one_outcome_each()

    def i1_one_live_call_per_seat(self) -> None:
        floor = self.desk.life.commits.floor
        on_seat = Counter(
            call.seat_id for call in floor.calls.values() if call.seat_id and call.state != "ended"
        )
        talks = Counter(line.seat_id for line in self.gateway.lines.values() if line.seat_id)
        assert max([*on_seat.values(), 0]) <= 1, f"I1: {on_seat}"
        assert max([*talks.values(), 0]) <= 1, f"I1: {talks}"

    def i2_one_live_call_per_number(self) -> None:
        live = Counter(line.command.number_key for line in self.gateway.lines.values())
        assert max([*live.values(), 0]) <= 1, f"I2: {live}"

    def i3_answered_is_never_nothing(self) -> None:
        outcomes = self._outcomes()
        for invite in self.gateway.invites:
            if not invite.answered:
                continue
            outcome, bridged, abandoned = outcomes[invite.call_id]
            accounted = (
                (invite.bridged_with is not None and bridged)
                or (invite.machine and outcome == "machine")
                or (invite.treated and abandoned)
                or abandoned
                or outcome == "hung_up_at_once"
                or (outcome == "system_failure" and invite.untold)
            )
            assert accounted, f"I3: {invite} became {outcomes[invite.call_id]}"

    def i4_inside_the_window(self) -> None:
        for invite in self.gateway.invites:
            local = invite.at + timedelta(hours=9)
            assert 8 <= local.hour < 21, f"I4: {invite}"
            assert invite.at <= invite.not_after, f"I4: {invite}"

    def i5_caps(self) -> None:
        """By the trunk, per number and day."""
        weighty = self.weighty()
        assert max([*weighty.values(), 0]) <= CAP, f"I5: {weighty}"

    def weighty(self) -> Counter[tuple[str, date]]:
        """How many INVITEs of a day rang, were answered, or may have been (their gateway died)."""
        return Counter(
            (invite.number_key, business_date(invite.at))
            for invite in self.gateway.invites
            if invite.weighs or invite.ended is None
        )

    def i5_what_may_have_rung_counts(self) -> None:
        """Each by itself: few days are long enough for the cap to show one that is not counted."""
        with self.desk.life.database.read() as session:
            counted = {
                row[0]: (bool(row[1]), bool(row[2]))
                for row in session.execute(
                    text(
                        "SELECT a.id, a.counts, o.counts FROM attempts a"
                        " JOIN attempt_outcomes o ON o.attempt_id = a.id"
                    )
                )
            }
        for invite in self.gateway.invites:
            if invite.weighs:
                assert counted[invite.call_id] == (True, True), f"I5: not counted: {invite}"

    def i6_one_outcome_each(self) -> None:
        with self.desk.life.database.read() as session:
            left = session.execute(
                text(
                    "SELECT a.id, a.open, count(o.attempt_id) FROM attempts a"
                    " LEFT JOIN attempt_outcomes o ON o.attempt_id = a.id"
                    " GROUP BY a.id HAVING a.open OR count(o.attempt_id) != 1"
                )
            ).all()
        assert not left, f"I6: {left}"
        known = self._outcomes().keys()
        lost = [invite.call_id for invite in self.gateway.invites if invite.call_id not in known]
        assert not lost, f"I6: the trunk saw {lost}, the rows do not"

    def i7_acknowledged_is_stored(self) -> None:
        with self.desk.life.database.read() as session:
            marks = defaultdict(list)
            for call_id, on in session.execute(
                text("SELECT call_id, marked FROM status_marks ORDER BY id")
            ):
                marks[call_id].append(bool(on))
            notes = {
                call_id: SEALER.open(sealed) if sealed else ""
                for call_id, sealed in session.execute(
                    text(
                        "SELECT r.call_id, n.text_sealed FROM results r"
                        " LEFT JOIN notes n ON n.id = r.note_id WHERE r.recorded"
                    )
                )
            }
            replies = set(session.scalars(text("SELECT command_id FROM commands")).all())
            running = session.execute(text("SELECT id, running FROM campaigns")).all()
        for campaign_id, state in running:
            told = self.may_run[CampaignId(campaign_id)]
            assert state in told, f"I7: {campaign_id} is {state}, a lead was told {told}"
        self._callbacks_are_stored()
        pressed: dict[str | None, list[bool]] = defaultdict(list)
        for page in self.pages.values():
            for press in page.acknowledged:
                assert press.command_id in replies, f"I7: no reply of {press} is kept"
                if press.name == "mark_status":
                    pressed[press.call_id].append(press.value)
                elif press.name == "save_result":
                    assert notes.get(press.call_id or "") == press.value, f"I7: {press}"
        maybe = {page.unanswered.call_id for page in self.pages.values() if page.unanswered}
        for call_id, told in pressed.items():
            if call_id not in maybe:
                assert marks[call_id] == told, f"I7/I8: {call_id}: {told}, stored {marks[call_id]}"

    def _callbacks_are_stored(self) -> None:
        """The last one acknowledged of a call, unless that call or a later one ended it."""
        with self.desk.life.database.read() as session:
            kept = {
                (call_id, due_at)
                for call_id, due_at in session.execute(
                    text("SELECT call_id, due_at FROM callbacks WHERE cause = 'asked'")
                )
            }
            live = set(session.scalars(text("SELECT id FROM calls WHERE live")).all())
            results = set(session.scalars(text("SELECT call_id FROM results")).all())
        for page in self.pages.values():
            told = {p.call_id: p.value for p in page.acknowledged if p.name == "set_callback"}
            for call_id, due_at in told.items():
                if due_at is not None and call_id in results - live:
                    stored = (call_id, int(due_at.timestamp() * 1e6))
                    assert stored in kept, f"I7: callback of {call_id} at {due_at} is not kept"

    def i9_left_alone(self) -> None:
        """Nobody called who was held, or at another time than they wished, once that was said."""
        with self.desk.life.database.read() as session:
            rows = session.execute(text("SELECT id, customer_id, seat_id FROM attempts")).all()
        whom = {row[0]: (row[1], row[2] is not None) for row in rows}
        for invite in self.gateway.invites:
            customer_id, by_hand = whom[invite.call_id]
            why = self.witness.forbids(customer_id, invite.at, by_hand=by_hand)
            assert why is None, f"I9: customer {customer_id} {why}: {invite}"

    def i9_do_not_call(self) -> None:
        """No INVITE after the acknowledgement; none that rings once the gateway knows."""
        for invite in self.gateway.invites:
            since = self.blocked_at.get(invite.number_key)
            assert since is None or invite.at <= since, f"I9: {invite} though blocked at {since}"
        if self.gateway.linked:
            early = (wire.CallPhase.PLACED, wire.CallPhase.RINGING)
            for line in self.gateway.lines.values():
                if line.command.number_key in self.blocked_at and line.phase in early:
                    assert line.by_desk is not None, f"I9: still calling {line.invite}"

    def i10_seconds_add_up(self) -> None:
        """Each seat's states, one after the other without a gap, none of negative length; and the
        figures on the pages are the sums of the rows."""
        with self.desk.life.database.read() as session:
            moves = session.execute(
                text("SELECT user_id, from_state, to_state, at FROM seat_moves ORDER BY id")
            ).all()
        midnight = business_date(self.clock.now())
        spent: dict[int, Counter[str]] = defaultdict(Counter)
        last: dict[int, tuple[str, int]] = {}
        for user_id, from_state, to_state, at in moves:
            entered, since = last.get(user_id, ("offline", at))
            assert from_state == entered, f"I10: {user_id} left {from_state}, was {entered}"
            assert at >= since, f"I10: {user_id} was {entered} for a negative time"
            if entered != "offline":
                spent[user_id][entered] += at - since
            last[user_id] = (to_state, at)
        if business_date(self.clock.now()) != business_date(FakeClock().now()):
            return
        figures: Any = self.desk.life.publisher._states._figures
        assert figures.today == midnight
        for user_id, seconds in spent.items():
            shown = figures.of(user_id).seconds
            for state in ("available", "reserved", "talking", "hold", "wrap_up", "away"):
                difference = abs(shown.get(state, 0.0) - seconds[state] / 1e6)
                assert difference < 0.001, f"I10: {user_id} {state}: {shown}, rows {seconds}"

    def i11_offers(self) -> None:
        """An order to bridge names a seat whose page and microphone were heard 3 s ago at most."""
        while self.gateway.bridges:
            asked = self.gateway.bridges.pop()
            assert asked.seat_was_fit, f"I11: {asked}"

    def _outcomes(self) -> dict[str, tuple[str, bool, bool]]:
        with self.desk.life.database.read() as session:
            rows = session.execute(
                text(
                    "SELECT o.attempt_id, o.outcome, c.bridged_at IS NOT NULL, o.abandoned"
                    " FROM attempt_outcomes o JOIN calls c ON c.id = o.attempt_id"
                )
            ).all()
        return {row[0]: (row[1], bool(row[2]), bool(row[3])) for row in rows}
