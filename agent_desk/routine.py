"""What the desk does by itself: ticks, counts, the leads' flush, sealing the audit, tidying up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from agent_desk.dialer.commands import CloseSeat, CountAnswers, Tick
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CampaignId
from agent_desk.ground import Ground
from agent_desk.memory import free_memory
from agent_desk.services.api import repeats
from agent_desk.services.campaigns.schedules import Schedules
from agent_desk.services.dialing.lease_answers import LeaseAnswers
from agent_desk.services.dialing.pacing import Pacing
from agent_desk.services.rules.complaint_alarm import ComplaintAlarm
from agent_desk.services.rules.promise_ledger import PromiseReview
from agent_desk.services.running.audit_seal import AuditSealer
from agent_desk.services.running.group_commit import Entry, GroupCommit
from agent_desk.services.running.timers import Job, Timers
from agent_desk.services.strategy.class_review import ClassReview
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.sockets.pulse import PulseBox
from agent_desk.store import system
from agent_desk.store.api import answers as api_answers
from agent_desk.store.campaigns import pacer_memory
from agent_desk.store.rows import commands as command_rows

TICK_S = 0.2
FLUSH_S = 0.25
FLUSHED = 10  # of the desk's time, leads' pages have one part in so many
COUNTS_S = 3.0
ANSWERS_S = 60.0
PACERS_S = 60.0
LEASES_S = 1.0
UNHEARD_S = 60.0
SEAL_S = 1.0
HEAD_S = 60.0
ALIVE_S = 10.0
TIDY_S = 60.0
DEPARTURES_S = 1.0
PROMISES_S = 30.0
COMPLAINTS_S = 30.0
SCHEDULES_S = 0.25  # a planned start is kept to the second
CLASSES_S = 2.0  # a day that was reviewed costs one look at whether anybody was added
# The server keeps the collector from full collections of its own (`server.py`), but statements and
# connections leave objects behind that refer to each other and have grown old: a kilobyte or more
# for each attempt, all shift long. Once a minute takes a few milliseconds at fifty seats.
GARBAGE_S = 60.0

# How long a stopping desk waits until what was learnt is durable; it is no more than comfort.
LAST_WORD_S = 2.0

# A page that has been gone for this long will not come back to its shift: the seat is closed as of
# its last heartbeat, or the time would count as logged in. Longer than any reload, any lost
# network and any machine's restart that people wait out in front of the page.
GONE_FOR = timedelta(minutes=5)
# A page re-sends a command at most until it is reloaded; a day covers any reconnect.
REPLIES_KEPT = timedelta(days=1)


class Routine:
    """Owns the timers of a desk."""

    def __init__(
        self,
        ground: Ground,
        *,
        commits: GroupCommit,
        pacing: Pacing,
        leases: LeaseAnswers,
        publisher: SocketPublisher,
        pulses: PulseBox,
        close_ended: Callable[[], None],
        departures: Callable[[], None],
        chores: Sequence[Job] = (),
        late: Callable[[float], None],
    ) -> None:
        clock, database = ground.clock, ground.database
        self._clock = clock
        self._commits = commits
        self._pacing = pacing
        self._leases = leases
        self._kept: dict[CampaignId, str] = {}
        self._book = ground.book
        self._publisher = publisher
        self._pulses = pulses
        self._close_ended = close_ended
        self._departures = departures
        self._chores = tuple(chores)
        self._timers = Timers(hub=ground.hub, clock=clock, late=late)
        self._schedules = Schedules(database=database, commits=commits, clock=clock)
        self._complaints = ComplaintAlarm(
            database=database,
            clock=clock,
            tell=lambda message_id: publisher.leads_told(message_id, None, None),
        )
        self._promise_review = PromiseReview(database=database, commits=commits, clock=clock)
        self._class_review = ClassReview(database=database, commits=commits, clock=clock)
        self._sealer = AuditSealer(
            database=database,
            key=ground.config.audit_key,
            clock=clock,
            data_dir=ground.config.data_dir,
            epoch=ground.recovered.epoch,
        )

    def start(self) -> None:
        """Begin every job."""
        self._timers.start(self.jobs())

    def jobs(self) -> list[Job]:
        """What is done again and again."""
        return [
            Job("tick", TICK_S, self.tick),
            Job("flush", FLUSH_S, self._publisher.flush_floor, one_in=FLUSHED),
            Job("counts", COUNTS_S, self.count),
            Job("answers", ANSWERS_S, self.count_answers),
            Job("pacers", PACERS_S, self.keep_learnt),
            Job("leases", LEASES_S, self._leases.repeat),
            Job("unheard", UNHEARD_S, self._leases.look_for_unheard),
            Job("seal", SEAL_S, self._sealer.seal),
            Job("head", HEAD_S, self._sealer.note_head),
            Job("alive", ALIVE_S, self.note_alive),
            Job("tidy", TIDY_S, self.tidy),
            Job("departures", DEPARTURES_S, self._departures),
            Job("schedules", SCHEDULES_S, self._schedules.step),
            Job("classes", CLASSES_S, self._class_review.step),
            Job("promises", PROMISES_S, self._promise_review.step),
            Job("complaints", COMPLAINTS_S, self._complaints.step),
            Job("garbage", GARBAGE_S, free_memory),
            *self._chores,
        ]

    def stop(self) -> None:
        """No job any more; what the pacers learnt since the last minute is kept."""
        self._timers.stop()
        kept = self.keep_learnt()
        if kept is not None:
            kept.wait(LAST_WORD_S)

    def tick(self) -> None:
        """Hand in the newest heartbeats, then let deadlines be looked at."""
        pulses = self._pulses.empty()
        if pulses is not None:
            self._commits.put(pulses)
        self._commits.put(Tick())

    def count(self) -> None:
        """Refresh what the floor shows of lists.

        A page that falls silent moves nothing, so the leads' tiles are looked at each time; only
        what differs is sent.
        """
        self._publisher.mark_floor()
        seats = self._commits.floor.seats.values()
        waited = {seat.seat_id: self._book.vips_for(seat) for seat in seats}
        self._book.refresh_counts()
        for seat in seats:
            if self._book.vips_for(seat) != waited[seat.seat_id]:
                self._publisher.seat_changed(seat.seat_id)

    def count_answers(self) -> None:
        """Let what is older than the rolling windows go; the engine counts what is new itself."""
        seen = {each: known.answers for each, known in self._commits.floor.campaigns.items()}
        for campaign_id, answers in self._book.answers().items():
            if seen.get(campaign_id, answers) != answers:
                self._commits.put(CountAnswers(campaign_id, answers, seen[campaign_id]))

    def keep_learnt(self) -> Entry | None:
        """Keep what the pacers have learnt since it was kept last, for the next start."""
        now, memories = self._clock.now(), self._pacing.memories()
        changed = {each: text for each, text in memories.items() if self._kept.get(each) != text}
        if not changed:
            return None
        self._kept = memories
        return self._commits.put(
            None, rows=lambda session: pacer_memory.save(session, changed, at=now)
        )

    def note_alive(self) -> None:
        """Note that the desk runs: where a later start finds the end of this one."""
        now = self._clock.now()
        self._commits.put(None, rows=lambda session: system.note_alive(session, at=now))

    def tidy(self) -> None:
        """End sockets whose session is over and seats whose page is long gone; forget replies
        nobody can ask for any more."""
        self._close_ended()
        now = self._clock.now()
        for seat in self._commits.floor.seats.values():
            gone = timedelta(seconds=seat.link.pulse_age_s(now)) > GONE_FOR
            if gone and seat.state in (SeatState.AWAY, SeatState.STARTING):
                self._commits.put(CloseSeat(seat.seat_id, "system", seat.link.heard_at))
        self._commits.put(
            None, rows=lambda session: command_rows.forget_before(session, now - REPLIES_KEPT)
        )
        asked = self._clock.real_now() - repeats.KEPT
        self._commits.put(None, rows=lambda session: api_answers.forget_before(session, asked))
