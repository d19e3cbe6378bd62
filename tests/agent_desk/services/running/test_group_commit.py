"""The one door for writes: order, one effect per id, and nothing true before it is durable."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from agent_desk.dialer import commands
from agent_desk.dialer.effects import Effect, Hold
from agent_desk.dialer.events import Event, SeatMoved
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import SeatId
from agent_desk.models.system import SystemValue
from agent_desk.services.running.group_commit import (
    BATCH,
    DONE,
    NOT_STORED,
    GroupCommit,
    Reply,
)
from agent_desk.store.rows.journal import Journal
from agent_desk.store.unit_of_work import Database, DatabaseBusy, Session
from tests.agent_desk.services.running.small_commits import (
    SEAT,
    Log,
    Make,
    away,
    moves,
    value,
)
from tests.agent_desk.store.desk_rows import SEALER
from tests.builders import floor_of, seat, talking
from tests.fakes.clock import FakeClock


def test_commands_are_decided_in_the_order_they_came(make: Make, database: Database) -> None:
    commits = make()
    first = commits.put(away("break"))
    second = commits.put(commands.GoAvailable(SEAT))
    third = commits.put(away("meeting"))

    assert commits.run_once() == 3

    assert [entry.wait(0) for entry in (first, second, third)] == [DONE] * 3
    assert moves(database) == ["away", "available", "away"]
    assert commits.floor.seats[SEAT].reason == "meeting"


def test_a_later_command_sees_what_an_earlier_one_of_the_same_batch_did(make: Make) -> None:
    commits = make()
    commits.put(away("break"))
    again = commits.put(commands.CancelAway(SEAT))

    commits.run_once()

    assert again.wait(0) == Reply(False, "nothing-queued", {"state": "away"})


def test_a_batch_takes_sixty_four_commands_and_leaves_the_rest(make: Make) -> None:
    commits = make()
    entries = [commits.put(commands.Tick()) for _ in range(BATCH + 6)]

    assert BATCH == 64
    assert commits.run_once() == 64
    assert entries[63].reply == DONE
    assert entries[64].reply is None
    assert commits.run_once() == 6
    assert commits.run_once() == 0


def test_one_batch_is_one_transaction(make: Make, database: Database) -> None:
    transactions = []
    commits = make(write_events=lambda session, events: transactions.append(len(events)))
    commits.put(away("break"))
    commits.put(commands.GoAvailable(SEAT))
    commits.put(None, rows=value("noted", "with them"))

    commits.run_once()

    assert transactions == [2]


def test_effects_run_after_the_commit_and_replies_after_the_effects(
    make: Make, database: Database, log: Log
) -> None:
    def effect(effect: Effect) -> None:
        with database.read() as session:  # another connection sees only what is committed
            stored = session.scalar(select(func.count()).select_from(SystemValue))
        log.lines.append((type(effect).__name__, stored, entry.reply))

    commits = make(talking(), run_effect=effect, write_events=lambda session, events: None)
    entry = commits.put(commands.SetHold(SEAT, True), rows=value("held", "yes"))
    commits.run_once()

    assert log.lines == [("Hold", 1, None), "committed"]
    assert entry.reply == DONE


def test_a_refused_command_writes_nothing_and_is_told_why(
    make: Make, database: Database, log: Log
) -> None:
    commits = make()
    floor = commits.floor
    refused = commits.put(commands.HangUp(SEAT), rows=value("never", "x"))

    commits.run_once()

    assert refused.wait(0).error_id == "no-call"
    assert commits.floor is floor
    with database.read() as session:
        assert session.get(SystemValue, "never") is None


def test_a_command_nobody_may_ever_give_is_refused_and_changes_nothing(make: Make) -> None:
    commits = make(floor_of(seats=[seat(state=SeatState.AVAILABLE)]))
    entry = commits.put(commands.GoAvailable(SeatId("nobody")))
    commits.run_once()
    assert entry.wait(0).error_id == "seat-not-open"


# --- one effect per command id (I8) -----------------------------------------------------------


def test_f17_five_deliveries_of_one_id_have_one_effect_and_one_reply(
    make: Make, database: Database
) -> None:
    commits = make()
    loop = threading.Thread(target=commits.run_forever, daemon=True)
    loop.start()
    with ThreadPoolExecutor(5) as pool:
        replies = list(
            pool.map(lambda _: commits.submit(away("break"), command_id="same-id-1"), range(5))
        )
    commits.stop()
    loop.join(5)

    assert replies == [DONE] * 5
    assert moves(database) == ["away"]


def test_f17_an_id_delivered_again_after_a_restart_gets_the_stored_reply(
    make: Make, database: Database
) -> None:
    before = make()
    before.put(away("break"), command_id="done-once-1")
    before.put(commands.HangUp(SEAT), command_id="refused-once-1")
    before.run_once()

    after = make()
    done = after.put(away("break"), command_id="done-once-1")
    refused = after.put(commands.HangUp(SEAT), command_id="refused-once-1")
    after.run_once()

    assert done.wait(0) == DONE
    assert refused.wait(0) == Reply(False, "no-call", {"state": "away"})
    assert moves(database) == ["away"]
    assert after.floor.seats[SEAT].state is SeatState.AVAILABLE  # nothing was decided anew


def test_the_same_id_twice_in_one_batch_is_decided_once(make: Make, database: Database) -> None:
    commits = make()
    entries = [commits.put(away("break"), command_id="twice-at-once") for _ in range(2)]
    commits.run_once()
    assert [entry.wait(0) for entry in entries] == [DONE, DONE]
    assert moves(database) == ["away"]


# --- a commit that fails ----------------------------------------------------------------------


class Failing:
    """Writes events through to the journal, except while told to fail."""

    def __init__(self, *, times: int) -> None:
        self.left = times
        self.tried: list[int] = []

    def __call__(self, session: Session, events: Sequence[Event]) -> None:
        self.tried.append(len(events))
        if self.left:
            self.left -= 1
            raise OperationalError("INSERT", {}, Exception("disk I/O error"))
        Journal(SEALER).write_events(session, events)


def test_a_failed_commit_is_tried_again_one_by_one(make: Make, database: Database) -> None:
    failing = Failing(times=1)
    commits = make(write_events=failing)
    entries = [commits.put(away("break")), commits.put(commands.GoAvailable(SEAT))]

    commits.run_once()

    assert failing.tried == [2, 1, 1]
    assert [entry.wait(0) for entry in entries] == [DONE, DONE]
    assert moves(database) == ["away", "available"]


def test_a_commit_that_keeps_failing_changes_nothing_at_all(
    make: Make, database: Database, log: Log
) -> None:
    commits = make(write_events=Failing(times=99))
    floor = commits.floor
    entry = commits.put(away("break"), command_id="never-stored-1")

    commits.run_once()

    assert entry.wait(0) == NOT_STORED
    assert commits.floor is floor
    assert moves(database) == []
    assert log.lines == []


def test_one_bad_row_refuses_its_own_command_only(make: Make, database: Database) -> None:
    def bad(session: Session) -> None:
        raise LookupError("no such list entry")

    commits = make()
    good = commits.put(away("break"))
    poor = commits.put(None, rows=bad)
    last = commits.put(None, rows=value("stored", "yes"))

    commits.run_once()

    assert (good.wait(0), poor.wait(0), last.wait(0)) == (DONE, NOT_STORED, DONE)
    assert moves(database) == ["away"]


def test_a_row_that_is_refused_takes_back_what_its_own_command_wrote(
    make: Make, database: Database
) -> None:
    commits = make()

    def half(session: Session) -> None:
        value("half", "written")(session)
        raise ValueError("and then not")

    commits.put(away("break"), rows=half)
    commits.run_once()

    assert commits.floor.seats[SEAT].state is SeatState.AVAILABLE
    assert moves(database) == []
    with database.read() as session:
        assert session.get(SystemValue, "half") is None


def test_a_database_that_is_busy_refuses_and_leaves_the_floor(make: Make, clock: FakeClock) -> None:
    class Busy:
        def write(self, aside: object) -> None:
            raise DatabaseBusy("locked")

    commits = make(database=Busy())
    entry = commits.put(away("break"))
    commits.run_once()
    assert entry.wait(0) == NOT_STORED
    assert commits.floor.seats[SEAT].state is SeatState.AVAILABLE


# --- what follows a commit cannot undo it -----------------------------------------------------


def test_an_effect_that_fails_does_not_keep_the_others_from_running(make: Make, log: Log) -> None:
    def effect(effect: Effect) -> None:
        log.lines.append(effect)
        if isinstance(effect, Hold) and effect.on:
            raise RuntimeError("the gateway's socket broke")

    commits = make(talking(), run_effect=effect, write_events=lambda session, events: None)
    entries = [commits.put(commands.SetHold(SEAT, on)) for on in (True, False)]
    commits.run_once()

    assert [line.on for line in log.lines if isinstance(line, Hold)] == [True, False]
    assert [entry.wait(0) for entry in entries] == [DONE, DONE]


def test_a_page_that_cannot_be_told_does_not_make_a_stored_command_run_again(
    make: Make, database: Database
) -> None:
    def committed(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the record could not be read"))

    commits = make(committed=committed)
    entry = commits.put(away("break"))
    commits.run_once()

    assert entry.wait(0) == DONE
    assert moves(database) == ["away"]
    assert commits.floor.seats[SEAT].state is SeatState.AWAY


def test_a_command_whose_caller_gave_up_is_not_carried_out_behind_their_back(
    make: Make, database: Database
) -> None:
    commits = make()
    entry = commits.put(away("break"))
    assert entry.wait(0) == NOT_STORED  # nobody runs the loop

    commits.run_once()

    assert moves(database) == []


def test_the_loop_outlives_a_command_the_core_has_no_handler_for(
    make: Make, database: Database
) -> None:
    commits = make()
    strange = commits.put("not a command")  # type: ignore[arg-type]
    good = commits.put(away("break"))
    commits.run_once()
    assert (strange.wait(0), good.wait(0)) == (NOT_STORED, DONE)


# --- whatever is asked, floor and rows agree --------------------------------------------------

ASKED = st.sampled_from(
    [
        away("break"),
        away("meeting"),
        commands.GoAvailable(SEAT),
        commands.CancelAway(SEAT),
        commands.HangUp(SEAT),
        commands.Tick(),
        commands.CloseSeat(SEAT, "logout"),
    ]
)


class KeptInMemory:
    """A database that only takes part in transactions; events are kept when they commit."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.fail_at: set[int] = set()
        self.transactions = 0

    def write(self, aside: object) -> KeptInMemory:
        return self

    def __enter__(self) -> list[Event]:
        self.open: list[Event] = []
        return self.open

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.events += self.open


@settings(
    derandomize=True,
    max_examples=60,
    deadline=None,
)
@given(asked=st.lists(ASKED, max_size=12), failing=st.sets(st.integers(0, 15), max_size=6))
def test_the_floor_is_always_what_the_stored_events_say(
    asked: list[commands.Command], failing: set[int]
) -> None:
    rows = KeptInMemory()

    def write(session: list[Event], events: Sequence[Event]) -> None:
        rows.transactions += 1
        session.extend(events)
        if rows.transactions - 1 in failing:
            raise OperationalError("INSERT", {}, Exception("disk full"))

    commits = GroupCommit(
        database=rows,  # type: ignore[arg-type]
        clock=FakeClock(),
        floor=floor_of(seats=[seat()]),
        write_events=write,  # type: ignore[arg-type]
        run_effect=lambda effect: None,
        committed=lambda *_: None,
    )
    entries = [commits.put(command) for command in asked]
    while commits.run_once():
        pass

    assert all(entry.reply is not None for entry in entries)
    state = "available"
    for event in rows.events:
        assert isinstance(event, SeatMoved)
        assert event.from_state == state
        state = event.to_state
    there = commits.floor.seats.get(SEAT)
    assert (there.state if there is not None else "offline") == state
